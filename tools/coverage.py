#!/usr/bin/env python3
"""Branches that the tests reach, by folder and by file: llvm-cov-19 show -show-branches=count … | tools/coverage.py ROOT

A branch is a place in the source: what a template or a kernel does in one of its instantiations, or for one instruction
set, it does. Conditions that the compiler decides, and those inside macros (our own assertions), are no branches. Counts
what is the library's and the program's own; tests, generated files and headers of others are left out.
The exit status is 1 if a goal is missed; then what is not reached in the groups that missed theirs is listed.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

FOLDERS = ("grammar", "runtime", "library", "image", "interpreter", "include", "repl")
GOAL = 90.0
# What hostile input meets first.
GUARDS = {
    "shapes": ("runtime/tensors/shape.cpp", "runtime/tensors/shape.h", "runtime/tensors/layout.cpp", "runtime/tensors/shape_ops.cpp"),
    "index plans": ("interpreter/subscripts/index_plan.cpp", "interpreter/subscripts/index_items.cpp", "interpreter/subscripts/index_apply.cpp",
                    "runtime/indexing/index_bounds.cpp"),
    "limits": ("runtime/memory/budget.cpp", "runtime/memory/budget.h", "repl/limits.cpp"),
    "DLPack": ("interpreter/api/c_api_dlpack.cpp",),
    "files": ("interpreter/files/npy.cpp", "interpreter/files/npz.cpp", "interpreter/files/load_text.cpp", "interpreter/texts/parse_number.cpp",
              "interpreter/files/folder_files.cpp", "interpreter/files/host_files.cpp", "image/png_file.cpp"),
    "grammar actions": ("grammar/build_ast.cpp", "grammar/build_expressions.cpp", "grammar/build_parameters.cpp",
                        "grammar/build_strings.cpp", "grammar/literals.cpp", "grammar/layout.cpp"),
}
GUARDS_GOAL = 98.0

FILE = re.compile(r"(/.+):\n")
BRANCH = re.compile(r" *\|  Branch \((\d+):(\d+)\): \[(.*)\]\n")
SIDE = re.compile(r"(True|False): (\S+?)(?:,|$)")


def branches_of(lines, root):
    """File: {(line, column, side): whether it was taken}."""
    files = defaultdict(lambda: defaultdict(bool))
    branches = None
    for line in lines:
        if match := BRANCH.match(line):
            for side, count in SIDE.findall(match[3]) if branches is not None else ():
                branches[int(match[1]), int(match[2]), side] |= count != "0"
        elif match := FILE.match(line):
            path = Path(match[1])
            name = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
            branches = files[name] if name.split("/")[0] in FOLDERS else None
    return files


def counts_of(branches):
    """(branches reached, branches)."""
    return sum(branches.values()), len(branches)


def share(counts):
    """(reached, all, per cent of several counts); 0 per cent of nothing: a file that is gone must not pass."""
    reached, count = map(sum, zip(*counts, (0, 0)))
    return reached, count, 100 * reached / count if count else 0.0


def row(name, counts, goal=None):
    """One row of a table."""
    reached, count, percent = share(counts)
    missed = "" if goal is None else f"  goal {goal:g} %" + (", missed" if percent < goal else "")
    return f"{name:44} {reached:7} of {count:7} {percent:6.1f} %{missed}"


def print_table(counts):
    """By file, then by folder."""
    folders = defaultdict(list)
    for name in sorted(counts):
        folders[name.split("/")[0]].append(counts[name])
        print(row(name, [counts[name]]))
    print()
    for folder, each in folders.items():
        print(row(folder + "/", each))


def check_guards(files, counts):
    """Prints the groups, and where those that missed their goal did; whether all reached it."""
    missed = []
    for guard, names in GUARDS.items():
        own = [counts[name] for name in names if name in counts]
        print(row(guard, own, GUARDS_GOAL))
        if share(own)[2] < GUARDS_GOAL:
            missed += [(name, *place) for name in names if name in files for place in sorted(files[name])
                       if not files[name][place]]
    for name, line, column, side in missed:
        print(f"  {name}:{line}:{column} is never {side.lower()}")
    return not missed


def main():
    files = branches_of(sys.stdin, Path(sys.argv[1]).resolve())
    counts = {name: counts_of(branches) for name, branches in files.items() if branches}
    print_table(counts)
    print()
    has_guards = check_guards(files, counts)
    print(row("all", list(counts.values()), GOAL))
    return 0 if has_guards and share(list(counts.values()))[2] >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
