"""The suite that runs programs with 1 and with 8 threads: what the variables hold must be the same text.

Invariant: nothing is compared with expected values here, only runs with each other; other suites say what is right.
"""
import json
import tempfile
from pathlib import Path

from .program import Outcome, difference


def threads(program, root, every):
    """tests/threads/*.inlay, and each `every`-th case of each conformance family."""
    cases = [(str(path.relative_to(root / "tests")), path.read_text(encoding="utf-8"))
             for path in sorted((root / "tests" / "threads").glob("*.inlay"))]
    for path in sorted((root / "tests" / "conformance" / "cases").glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        cases += [(case["id"], case["code"] + "\n") for case in map(json.loads, lines[::every])]
    return program.each(lambda case: Outcome(f"threads of {case[0]}", check_threads(program, case[1])), cases)


def check_threads(program, source):
    """None, or how the variables after a run with 8 threads differ from those after a run with 1."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "script.inlay").write_text(source, encoding="utf-8")
        one, many = (variables_after(program, folder, count) for count in (1, 8))
    return difference(one, many)


def variables_after(program, folder, count):
    """Output, exit status and variables of a run with so many threads, as one text."""
    name = f"variables-{count}.json"
    result = program.call(["run", "--threads", str(count), "--vars-json", name, "script.inlay"], cwd=folder)
    written = Path(folder, name)
    variables = written.read_text(encoding="utf-8") if written.exists() else "no variables were written"
    return "\n".join([result.stopped_badly or f"exit status {result.status}", result.stdout, variables])
