#!/usr/bin/env python3
"""Times the workloads beside this file in Inlay and in its peers, and prints a table of them and of their ratios.

    python3 bench/run.py [NAME...] [--sizes N...] [--python PYTHON] [--rounds R] [--write docs/performance.md]

All take turns within a round, so that a machine that slows down meets them alike; the best of all rounds counts. Peers that
are not installed are left out.
"""
import argparse
import math
import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path

import engines
from workload import Workload

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- table: ./dev bench --write -->", "<!-- end of the table -->"


def measure(options, work, size):
    """{engine name: best seconds of all rounds}, of those that ran it."""
    rounds = [[engine.seconds(work, size, options.budget) for engine in options.engines] for _ in range(options.rounds)]
    return {engine.name: min(times) for engine, times in zip(options.engines, zip(*rounds)) if None not in times}


def time_text(seconds):
    """"12.3 us"; a dash for none."""
    if seconds is None:
        return "-"
    for unit, scale in (("ns", 1e9), ("us", 1e6), ("ms", 1e3)):
        if seconds * scale < 999.5:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds:.3g} s"


def ratio(times, above, below):
    """How often `below` goes into `above`, or None."""
    return times[above] / times[below] if above in times and below in times else None


def best_peer(options, times):
    """The name of the fastest peer that ran, or None."""
    return min((peer.name for peer in options.peers if peer.name in times), key=times.get, default=None)


def heading(options):
    """Two lines of Markdown."""
    titles = [engine.title for engine in options.engines]
    cells = ["workload", "elements", *titles, "best peer ÷ Inlay", "Inlay ÷ C++"]
    return ["| " + " | ".join(cells) + " |", "|---|" + "---:|" * (len(cells) - 1)]


def row(options, name, size, times):
    """One line of the table."""
    ratios = ratio(times, best_peer(options, times), "inlay"), ratio(times, "inlay", "c++")
    cells = [f"{name:18s}", f"{size:>10,}", *(f"{time_text(times.get(engine.name)):>7s}" for engine in options.engines),
             *(f"{each:5.2f}" if each else "    -" for each in ratios)]
    return "| " + " | ".join(cells) + " |"


def machine(options):
    """What the figures were measured on."""
    known = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    known = {key.strip(): value.strip() for key, value in known.items()}
    flags = known.get("flags", "").split()
    vectors = next((f" with {name}" for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags), "")
    threads = options.threads or len(os.sched_getaffinity(0))
    return (f"{date.today():%Y-%m-%d}, {known.get('model name', platform.machine())}{vectors}, {threads} threads, "
            f"best of {options.rounds} rounds of {options.budget} s.")


def summary(options, table):
    """The lines below the table; `table` is the times of every case."""
    lines = []
    for peer in options.peers:
        ratios = [each for each in (ratio(times, peer.name, "inlay") for times in table) if each]
        lines.append((f"{peer.title} ÷ Inlay", ratios))
    lines.append(("Best peer ÷ Inlay", [each for each in (ratio(times, best_peer(options, times), "inlay") for times in table) if each]))
    return [f"- {title}: geometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}, worst {min(ratios):.2f}, "
            f"below 1 in {sum(each < 1 for each in ratios)} of {len(ratios)}." for title, ratios in lines if ratios]


def rewrite(path, lines):
    """Puts the lines between the two marks of a document."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    path.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after, encoding="utf-8")


def parse_arguments(works):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="workloads; all without")
    parser.add_argument("--inlay", default=str(HERE.parent / "build" / "inlay"))
    parser.add_argument("--python", action="append", default=[], metavar="[PEER=]PYTHON", help="a Python that has the peers, or this one")
    parser.add_argument("--peers", nargs="+", choices=list(engines.PEERS), help="only these; all that are installed without")
    parser.add_argument("--no-bound", dest="bound", action="store_false", help="without C++ by hand")
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--threads", type=int, help="of Inlay; as many as there are processors without")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=float, default=0.2, help="seconds per timing")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="replace its table")
    options = parser.parse_args()
    if unknown := set(options.names) - set(works):
        parser.error(f"no workload {', '.join(sorted(unknown))}; there are: {' '.join(works)}")
    return options


def choose_engines(options, works, folder):
    """Fills in `peers` and `engines`: who takes part, in the table's order."""
    named = dict(each.split("=", 1) for each in options.python if "=" in each)
    python = next((each for each in options.python if "=" not in each), sys.executable)
    options.peers = engines.peers(python, named, options.peers)
    bound = [engines.Bound(works, folder)] if options.bound else []
    options.engines = [engines.Inlay(options.inlay, options.threads), *options.peers, *bound]


def main():
    works = {path.stem: Workload(path) for path in sorted((HERE / "workloads").glob("*.bench"))}
    options = parse_arguments(works)
    with tempfile.TemporaryDirectory() as folder:
        choose_engines(options, works.values(), folder)
        lines, table = heading(options), []
        print("\n".join(lines))
        for name in options.names or works:
            for size in works[name].sizes:
                if options.sizes and size not in options.sizes:
                    continue
                table.append(measure(options, works[name], size))
                lines.append(row(options, name, size, table[-1]))
                print(lines[-1], flush=True)
        lines += ["", *summary(options, table), "", machine(options)]
        print("\n".join(lines[len(table) + 2:]))
    if options.write:
        rewrite(options.write, lines)


if __name__ == "__main__":
    main()
