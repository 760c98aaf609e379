"""The suite of peak memory: what a program holds at its worst, start-up taken off, stays below what its first line says.

    #% peak 64 MB

Resident memory is counted, so the programs are large enough for a page more or less not to matter. Sanitizers keep memory
of their own: with them the suite says that it was skipped and counts as passed.
Invariant: programs run one at a time, on one thread.
"""
import os
import re
import subprocess
from pathlib import Path

from .instructions import describe_build
from .program import Outcome

HEADER = re.compile(r"#% peak (\d+) MB\n")


def memory(program, root):
    """One outcome per program in tests/memory/, and a line on what each took."""
    if not describe_build(Path(program.path).resolve().parent):
        return [Outcome("memory: skipped")], ["  skipped: no build with the options of a release"]
    start_up = peak(program, ["-c", "pass"])
    outcomes, lines = [], []
    for path in sorted((root / "tests" / "memory").glob("*.inlay")):
        allowed = int(HEADER.match(path.read_text(encoding="utf-8"))[1])
        taken = (peak(program, ["run", "--threads", "1", str(path)]) - start_up) / 2**20
        lines.append(f"  {path.stem}: {taken:.0f} of {allowed} MB")
        outcomes.append(Outcome(f"memory/{path.stem}", f"{taken:.0f} MB, {allowed} are allowed" if taken > allowed else None))
    return outcomes, lines


def peak(program, arguments):
    """The most bytes that a run had in memory."""
    child = subprocess.Popen([program.path, *arguments], env=program.environment)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(arguments)}: status {status}")
    return usage.ru_maxrss * 1024
