"""The suite of peak memory: what a program holds at its worst, start-up taken off, stays below what its first line says.

    #% peak 64 MB

Resident memory is counted, so the programs are large enough for a page more or less not to matter. Sanitizers keep memory
of their own: with them the suite says that it was skipped and counts as passed.
Invariant: programs run one at a time, on one thread, as children of a small process: the system counts what a process had
in memory when it became a program as that program's.
"""
import re
import subprocess
import sys
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


SMALL_PARENT = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak(program, arguments):
    """The most bytes that a run had in memory."""
    command = [sys.executable, "-I", "-S", "-c", SMALL_PARENT, program.path, *arguments]
    result = subprocess.run(command, env=program.environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: status {result.returncode}\n{result.stderr}")
    return int(result.stdout.split()[-1])
