#!/usr/bin/env python3
"""Runs the tests: doctest programs, scripts, errors, dumps, conformance, examples and documents.

    tests/run.py [--inlay build/inlay] [--only SUITE]... [--accept] [--jobs N] [--threads N] [--no-fuse] [UNIT_BINARY...]

Prints one line per suite and what failed; the last line is `N passed, N failed`. Python's standard library only.
Adding a test is adding a file: everything is found, nothing is registered (but unit tests, in tests/meson.build).
"""
import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from conformance import check as conformance  # noqa: E402  (needs the path above)
from harness.command import command  # noqa: E402
from harness.corpus import corpus  # noqa: E402
from harness.documents import documents  # noqa: E402
from harness.hosts import hosts  # noqa: E402
from harness.kernels import kernels  # noqa: E402
from harness.install import installed_hosts  # noqa: E402
from harness.instructions import instructions  # noqa: E402
from harness.memory import memory  # noqa: E402
from harness.program import Outcome, Program  # noqa: E402
from harness.programs import errors, lower  # noqa: E402
from harness.reference import reference  # noqa: E402
from harness.scripts import examples, lang  # noqa: E402
from harness.threads import threads  # noqa: E402
from harness.units import units  # noqa: E402
from repl import suite as prompt  # noqa: E402
from surface import surface  # noqa: E402

# name: function of (program, options) -> (outcomes, further lines to print)
SUITES = {
    "unit": lambda program, given: (units(program, given.binaries, given.whole), []),
    "lang": lambda program, given: (lang(program, ROOT, given.accept), []),
    "errors": lambda program, given: (errors(program, ROOT, given.sample), []),
    "lower": lambda program, given: (lower(program, ROOT, given.accept), []),
    "conformance": lambda program, given: conformance.suite(program, given.accept, given.sample),
    "fuzz": lambda program, given: (conformance.found_suite(program, ROOT / "tests" / "fuzz" / "found"), []),
    "corpus": lambda program, given: (corpus(program, ROOT, given.mutate), []),
    "threads": lambda program, given: (threads(program, ROOT, given.every), []),
    "kernels": lambda program, given: (kernels(program, ROOT, given.every), []),
    "instructions": lambda program, given: instructions(program, ROOT, given.accept),
    "memory": lambda program, given: memory(program, ROOT),
    "examples": lambda program, given: (examples(program, ROOT, given.accept), []),
    "hosts": lambda program, given: (hosts(program, ROOT, given.accept) + installed_hosts(program, ROOT, given.whole), []),
    "command": lambda program, given: (command(program), []),
    "repl": lambda program, given: (prompt.suite(program), []),
    "reference": lambda program, given: (reference(program, ROOT, given.accept, given.sample), []),
    "surface": lambda program, given: (surface.suite(program), []),
    "documents": lambda program, given: (documents(program, ROOT, given.accept), []),
}


def parse_options():
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--inlay", default="build/inlay", help="the program under test")
    options.add_argument("--only", action="append", choices=list(SUITES), help="run this suite; may be repeated")
    options.add_argument("--accept", action="store_true", help="rewrite expected output to what is printed now")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="programs to run at a time")
    options.add_argument("--threads", type=int, help="threads that each program may use")
    options.add_argument("--no-fuse", dest="fuse", action="store_false", help="programs run one operation at a time")
    options.add_argument("--every", type=int, default=50, help="of the suites threads and kernels: each how many-th conformance case")
    options.add_argument("--sample", type=int, default=1, metavar="N", help="of the suites errors, conformance and reference: each how many-th case")
    options.add_argument("--mutate", type=float, default=0.0, metavar="SECONDS",
                         help="corpus: feed each target inputs made from the recorded ones for so long")
    options.add_argument("--whole", action="store_true", help="also what takes minutes: every call of every name stopped and measured, and the library built as a subproject")
    options.add_argument("--timeout", type=float, default=60.0, help="seconds that one program may take")
    options.add_argument("--show", type=int, default=20, help="failures to show per suite")
    options.add_argument("binaries", nargs="*", help="doctest programs; those beside the program under test if none")
    return options.parse_args()


def run_suite(name, program, given):
    """Runs one suite, reports it, and returns how many tests passed and failed."""
    begin = time.monotonic()
    outcomes, report = SUITES[name](program, given)
    outcomes = outcomes or [Outcome(name, "has no tests")]
    failures = [outcome for outcome in outcomes if outcome.failure]
    passed = len(outcomes) - len(failures)
    print(f"{name:12} {passed:6} passed {len(failures):5} failed  {time.monotonic() - begin:6.1f} s")
    for line in report:
        print(line)
    for outcome in failures[:given.show]:
        print(f"  FAILED {outcome.name}: " + outcome.failure.rstrip().replace("\n", "\n    "))
    if len(failures) > given.show:
        print(f"  ... and {len(failures) - given.show} more (--show {len(failures)})")
    sys.stdout.flush()
    return passed, len(failures)


def main():
    given = parse_options()
    program = Program(given.inlay, given.jobs, given.threads, given.timeout, given.fuse)
    if not os.access(program.path, os.X_OK):
        sys.exit(f"there is no program at {given.inlay}: run ./dev build")
    counts = [run_suite(name, program, given) for name in SUITES if not given.only or name in given.only]
    passed, failed = map(sum, zip(*counts))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
