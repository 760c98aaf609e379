"""The suite of recorded inputs: tests/fuzz/corpus/TARGET/* through each target of tests/fuzz/targets.

A target is a program beside the one under test, which takes files; what was found once is a file here. Invariant: a
target that is not built, or has no inputs, is a failure.
"""
from pathlib import Path

from .program import Outcome, run

TARGETS = ("parse", "program", "generated", "array_files")


def corpus(program, root):
    """One outcome for each input of each target."""
    folder = Path(program.path).resolve().parent / "tests"
    return [outcome for target in TARGETS
            for outcome in replay(program, folder / f"fuzz_{target}", root / "tests" / "fuzz" / "corpus" / target)]


def replay(program, binary, inputs):
    """The target prints each input before it takes it, so that the last one is at fault if it dies."""
    files = sorted(path for path in inputs.glob("*") if path.is_file())
    if not binary.is_file() or not files:
        return [Outcome(binary.name, "is not built" if files else "has no inputs")]
    result = run([str(binary), *map(str, files)], timeout=program.timeout, env=program.environment)
    if result.status == 0:
        return [Outcome(f"{binary.name}: {path.name}") for path in files]
    last = Path((result.stdout.splitlines() or [""])[-1]).name
    return [Outcome(f"{binary.name}: {last}", f"exit status {result.status}\n{result.stderr[-2000:]}")]
