"""The suite of doctest programs: build/tests/unit_*, or the ones named on the command line.

Invariant: every test case is counted, and a program that dies before its summary is one failure more. What a program says
it skipped is passed on.
"""
import os
import re
import sys
from pathlib import Path

from .program import Outcome, run

SUMMARY = re.compile(r"test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")
SKIPPED = re.compile(r"^skipped .*", re.MULTILINE)
FAILED_CASE = re.compile(r"^TEST CASE:\s*(.+)$", re.MULTILINE)


# Measure how soon the program stops, and are run while nothing else is.
MEASURING = ("unit_stop_latency",)


def units(program, binaries, is_whole):
    """The outcomes of the named doctest programs, or of those beside the program under test. `is_whole`: with the cases
    that take minutes, which are skipped otherwise."""
    paths = [Path(path) for path in binaries] or find_binaries(Path(program.path).parent / "tests")
    alone = [path for path in paths if path.name in MEASURING]
    beside = [path for path in paths if path not in alone]
    outcomes = [run_binary(program, path, is_whole) for path in alone]
    outcomes += program.each(lambda path: run_binary(program, path, is_whole), beside)
    return [outcome for each in outcomes for outcome in each]


def find_binaries(folder):
    """The executable files called unit_* of a folder."""
    return sorted(path for path in folder.glob("unit_*") if path.is_file() and os.access(path, os.X_OK))


def run_binary(program, path, is_whole):
    """One outcome per test case; doctest's own report is the failure's text."""
    result = run([os.path.abspath(path), "--no-colors=1", *(["--no-skip"] if is_whole else [])],
                 timeout=(100 if is_whole else 20) * program.timeout, env=program.environment)
    for line in SKIPPED.findall(result.stderr):
        print(f"{path.name}: {line}", file=sys.stderr)
    summary = SUMMARY.search(result.stdout)
    if not summary:
        return [Outcome(path.name, f"exit status {result.status} before the end\n{result.stdout[-2000:]}{result.stderr[-2000:]}")]
    total, passed, failed = map(int, summary.groups())
    outcomes = [Outcome(f"{path.name}: case") for _ in range(passed)]
    if failed:
        names = sorted(set(FAILED_CASE.findall(result.stdout)))
        outcomes += [Outcome(f"{path.name}: {'; '.join(names)}", result.stdout)]
        outcomes += [Outcome(f"{path.name}: a further case", "see the report above") for _ in range(failed - 1)]
    if total == 0:
        outcomes.append(Outcome(path.name, "has no test cases"))
    if not failed and result.status:
        outcomes.append(Outcome(path.name, f"exit status {result.status} after the last case\n{result.stderr[-2000:]}"))
    return outcomes
