#!/usr/bin/env python3
"""Conformance: small programs and what NumPy, TensorFlow or the language's definition make of them.

    check.py [--inlay build/inlay] [--jobs N] [--show N] FILE.jsonl...

A case is one JSON line {"id", "code"} with
    "vars":   {name: described value}  what variables hold afterwards, after an error too
    "stdout": text                     what the program prints
    "error":  kind                     the program stops with this kind of error, exit status 1
A file is a family. `families.txt` names those of which every case must pass; of the others at least as many as
`floors.json` records, so that progress can only be kept. Raise the floors with `./dev accept`.
Invariant: a case runs in a process of its own, so no case can help or spoil another.
"""
import argparse
import json
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from conformance.compare import Tolerance, mismatch  # noqa: E402  (needs the path above)
from harness.program import Outcome, Program  # noqa: E402

KINDS = re.compile(r"^([A-Z]\w+): ", re.MULTILINE)

# NumPy's private or more special kinds, and the kinds of the language that stand for them.
STANDS_FOR = {
    "AxisError": {"AxisError", "ValueError", "IndexError"},
    "UnboundLocalError": {"NameError"},
    "ModuleNotFoundError": {"ImportError"},
    **dict.fromkeys(["UFuncTypeError", "_UFuncNoLoopError", "_UFuncOutputCastingError", "_UFuncInputCastingError",
                     "_UFuncBinaryResolutionError", "DTypePromotionError"], {"TypeError"}),
}


def check_case(program, case, folder):
    """None if the program does what the case says, else how not."""
    script = Path(folder, case["id"].replace("/", "_") + ".inlay")
    script.write_text(case["code"] + "\n", encoding="utf-8")
    variables = script.with_suffix(".vars")
    result = program.run_file(str(script), ["--vars-json", str(variables)] if "vars" in case else [])
    if result.stopped_badly:
        return result.stopped_badly
    if reason := check_ending(case, result):
        return reason
    if "stdout" in case and result.stdout != case["stdout"]:
        return f"expected {case['stdout']!r}, printed {result.stdout!r}"
    return check_variables(case, variables) if "vars" in case else None


def check_ending(case, result):
    """None if the program ended as the case says, else how not."""
    if "error" not in case:
        return f"exit status {result.status}: {result.stderr.strip()}" if result.status else None
    said = KINDS.findall(result.stderr)
    if result.status == 1 and len(said) == 1 and said[0] in STANDS_FOR.get(case["error"], {case["error"]}):
        return None
    return f"expected {case['error']}, got exit status {result.status}: {(result.stderr or result.stdout).strip()}"


def check_variables(case, path):
    """None if the written variables are the case's, else the first that is not."""
    if not path.exists():
        return "no variables were written"
    try:
        got = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            got.update(json.loads(line))
        for name, want in case["vars"].items():
            if reason := mismatch(want, got.get(name), Tolerance.of_case(case)):
                return f"{name}: {reason}"
    except (KeyError, TypeError, ValueError, AttributeError) as reason:
        return f"the variables cannot be read: {reason!r}"
    return None


@dataclass
class Family:
    """A file of cases, and how many of them passed."""
    name: str
    total: int
    failures: list  # of (case, reason)

    @property
    def passed(self):
        return self.total - len(self.failures)


def run_family(program, path, sample=1):
    """Runs each `sample`-th case of a file, `program.jobs` at a time."""
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[::sample]]
    with tempfile.TemporaryDirectory() as folder:
        reasons = program.each(lambda case: check_case(program, case, folder), cases)
    return Family(path.stem, len(cases), [(case, reason) for case, reason in zip(cases, reasons) if reason])


def required_families():
    """The names in families.txt."""
    lines = (HERE / "families.txt").read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def suite(program, accept, sample=1):
    """The outcomes of all families, each `sample`-th case, and the line that reports each; accept raises the floors to
    what passes."""
    required, floors = required_families(), json.loads((HERE / "floors.json").read_text(encoding="utf-8"))
    outcomes, report = [], []
    for path in sorted((HERE / "cases").glob("*.jsonl")):
        family = run_family(program, path, sample)
        if family.name in required:
            outcomes += outcomes_of(family)
            report.append(f"  {family.name:14}{family.passed:5} / {family.total}")
            continue
        floor = floors.get(family.name, 0) // sample
        outcomes += outcomes_above_floor(family, floor)
        report.append(f"  {family.name:14}{family.passed:5} / {family.total}  at least {floor}, not yet all")
        floors[family.name] = max(floor, family.passed) if accept else floor
    if accept:
        (HERE / "floors.json").write_text(json.dumps(floors, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return outcomes, report


def found_suite(program, folder):
    """The outcomes of all cases of a folder's files: what the differential fuzzer found and has been mended."""
    families = [run_family(program, path) for path in sorted(folder.glob("*.jsonl"))]
    return [outcome for family in families for outcome in outcomes_of(family)]


def outcomes_of(family):
    """One outcome per case of a required family."""
    failed = [Outcome(case["id"], describe(case, reason)) for case, reason in family.failures]
    return failed + [Outcome(f"{family.name}: case") for _ in range(family.passed)]


def outcomes_above_floor(family, floor):
    """Of a family with a floor: its passed cases, and one failure if they are fewer than the floor."""
    outcomes = [Outcome(f"{family.name}: case") for _ in range(family.passed)]
    if family.passed < floor:
        first = "\n".join(describe(case, reason) for case, reason in family.failures[:3])
        outcomes.append(Outcome(family.name, f"{family.passed} cases pass, {floor} did before; among those that fail\n{first}"))
    return outcomes


def describe(case, reason):
    """A failed case as a reader wants it: why, then the program."""
    return reason[:600] + "".join(f"\n    | {line}" for line in case["code"].splitlines())


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--inlay", default="build/inlay")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--show", type=int, default=5, help="failed cases to show per family")
    options.add_argument("files", nargs="+", type=Path)
    given = options.parse_args()
    families = [run_family(Program(given.inlay, given.jobs), path) for path in given.files]
    for family in families:
        print(f"{family.name:14}{family.passed:5} / {family.total}")
        for case, reason in family.failures[:given.show]:
            print(f"  {case['id']}: {describe(case, reason)}")
    failed = sum(len(family.failures) for family in families)
    print(f"{sum(family.passed for family in families)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
