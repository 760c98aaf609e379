#!/usr/bin/env python3
"""Writes random calls and random programs, runs them under NumPy and here, and reports what differs.

    fuzz.py [--inlay build/inlay] [--seed N] [--minutes M] [--keep FILE] [AREA | programs]...

Run it with a Python that has NumPy 2. The same seed writes the same programs. A difference that is meant (intended.py)
is counted with its reason; any other is minimised and printed, and appended to the file of --keep as a case.
"""
import argparse
import collections
import json
import random
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz import call_tables, intended, judge, programs  # noqa: E402  (needs the path above)
from fuzz.minimise import minimise  # noqa: E402

BATCH = 150


def parse_options():
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--inlay", default="build/inlay")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--minutes", type=float, default=1.0)
    options.add_argument("--only", help="functions whose names match this regular expression")
    options.add_argument("--show", type=int, default=3, help="differences to show of one function and sort")
    options.add_argument("--keep", type=Path, help="append differences as cases to this file")
    options.add_argument("areas", nargs="*", help="tables of calls/, or `programs`; all if none")
    return options.parse_args()


def differences_of_calls(given, rng, rows):
    """(function, Difference) of one batch of random calls."""
    chosen = [rng.choice(rows) for _ in range(BATCH)]
    sources = [call_tables.write_call(rng, row, number) for number, row in enumerate(chosen)]
    names = {source: row[0] for source, row in zip(sources, chosen)}
    return [(names[found.source], found) for found in judge.judge_calls(given.inlay, sources)]


def differences_of_programs(given, rng):
    """(topic, Difference) of some random programs."""
    sources = [programs.write_program(rng) for _ in range(BATCH // 15)]
    found = [judge.judge_script(given.inlay, source) for source in sources]
    return [("program", each) for each in found if each]


def report(given, name, found):
    """Prints a minimised difference and keeps it as a case."""
    source = minimise(found.source, lambda text: judge.judge_script(given.inlay, text))
    shortest = judge.judge_script(given.inlay, source) or found
    print(f"--- {name}: {shortest.reason}\n{shortest.source}", flush=True)
    if given.keep:
        case = {"id": f"{name}-{random.Random(shortest.source).randrange(10**6)}", "code": shortest.source,
                "vars": shortest.want.variables}
        if shortest.want.error:
            case["error"] = shortest.want.error
        with given.keep.open("a", encoding="utf-8") as out:
            out.write(json.dumps(case) + "\n")


def main():
    given = parse_options()
    rng = random.Random(given.seed)
    names = given.areas or [*call_tables.areas(), "programs"]
    tables = {name: [row for row in call_tables.read_table(name) if not given.only or re.search(given.only, row[0])]
              for name in names if name != "programs"}
    seen, meant, batches, end = collections.Counter(), collections.Counter(), 0, time.monotonic() + given.minutes * 60
    while time.monotonic() < end:
        name = names[batches % len(names)]
        batches += 1
        batch = (differences_of_programs(given, rng) if name == "programs"
                 else differences_of_calls(given, rng, tables[name]))
        for function, found in batch:
            if reason := intended.reason_of(found):
                meant[reason] += 1
                continue
            seen[function, re.sub(r"[\d.'x_-]+", "", found.reason)[:40]] += 1
            if seen[function, re.sub(r"[\d.'x_-]+", "", found.reason)[:40]] <= given.show:
                report(given, function, found)
    for (function, sort), count in seen.most_common():
        print(f"{count:6} {function}: {sort}")
    for reason, count in meant.most_common():
        print(f"{count:6} meant: {reason}")
    print(f"{batches} batches, {sum(seen.values())} differences, {sum(meant.values())} meant")
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
