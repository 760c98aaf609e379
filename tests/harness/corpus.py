"""The suite of recorded inputs: tests/fuzz/corpus/TARGET/* through each target of tests/fuzz/targets.

A target is a program beside the one under test, which takes files; what was found once is a file here. With
`--mutate SECONDS` each target then takes inputs made from the recorded ones for so long. Invariant: a target that is
not built, or has no inputs, is a failure; the input that a target dies of is left beside it, as found_TARGET.
"""
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .program import Outcome, run

TARGETS = ("parse", "program", "generated", "optimised", "array_files", "dlpack", "c_api")


def corpus(program, root, seconds):
    """One outcome for each input of each target, and one for each target that was to make inputs."""
    folder = Path(program.path).resolve().parent / "tests"
    inputs = root / "tests" / "fuzz" / "corpus"
    outcomes = [outcome for target in TARGETS for outcome in replay(program, folder / f"fuzz_{target}", inputs / target)]
    if seconds > 0:
        with ThreadPoolExecutor(program.jobs) as pool:
            outcomes += pool.map(lambda target: mutate(program, folder, inputs / target, seconds), TARGETS)
    return outcomes


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


def mutate(program, folder, inputs, seconds):
    """A target over inputs made from the recorded ones. What it dies of belongs among those."""
    found = folder / f"found_{inputs.name}"
    name = f"fuzz_{inputs.name}: {seconds:g} s of made inputs"
    result = run([str(folder / f"fuzz_{inputs.name}"), "--seconds", str(seconds), "--keep", str(found), str(inputs)],
                 timeout=seconds + program.timeout, env=program.environment)
    if result.status == 0:
        return Outcome(name)
    made = found.read_bytes() if found.is_file() else b""
    return Outcome(name, f"exit status {result.status} on {found}: {made[:2000]!r}\n{result.stderr[-2000:]}")
