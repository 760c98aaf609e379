#!/usr/bin/env python3
"""Branches that the tests reach, by folder and by file: llvm-cov-19 export -summary-only … | tools/coverage.py ROOT

Counts what is the library's and the program's own; tests, generated files and headers of others are left out.
"""
import json
import sys
from collections import defaultdict
from pathlib import Path

FOLDERS = ("grammar", "runtime", "library", "image", "interpreter", "include", "repl")
GOAL = 90.0
# What hostile input meets first.
GUARDS = {
    "shapes": ("runtime/shape.cpp", "runtime/shape.h", "runtime/layout.cpp", "runtime/shape_ops.cpp"),
    "index plans": ("interpreter/index_plan.cpp", "interpreter/index_items.cpp", "runtime/index_bounds.cpp"),
    "limits": ("runtime/budget.cpp", "runtime/budget.h"),
    "DLPack": ("interpreter/c_api_dlpack.cpp",),
    "files": ("interpreter/npy.cpp", "interpreter/npz.cpp", "interpreter/load_text.cpp", "interpreter/folder_files.cpp",
              "image/png_file.cpp"),
    "grammar actions": ("grammar/build_ast.cpp", "grammar/literals.cpp", "grammar/layout.cpp"),
}
GUARDS_GOAL = 98.0


def counts_of(report, root):
    """File: (branches reached, branches)."""
    out = {}
    for entry in report["data"][0]["files"]:
        path = Path(entry["filename"])
        if not path.is_relative_to(root):
            continue
        name = path.relative_to(root).as_posix()
        branches = entry["summary"]["branches"]
        if name.split("/")[0] in FOLDERS and branches["count"]:
            out[name] = (branches["covered"], branches["count"])
    return out


def line(name, counts, goal=None):
    """One row of a table."""
    covered, count = map(sum, zip(*counts))
    share = 100 * covered / count
    missed = f"  below {goal:g} %" if goal and share < goal else ""
    return f"{name:44} {covered:7} of {count:7} {share:6.1f} %{missed}"


def main():
    files = counts_of(json.load(sys.stdin), Path(sys.argv[1]).resolve())
    folders = defaultdict(list)
    for name, counts in sorted(files.items()):
        folders[name.split("/")[0]].append(counts)
        print(line(name, [counts]))
    print()
    for folder, counts in folders.items():
        print(line(folder + "/", counts))
    print(line("all", list(files.values()), GOAL))
    print()
    for guard, names in GUARDS.items():
        counts = [files[name] for name in names if name in files]
        if counts:
            print(line(guard, counts, GUARDS_GOAL))


if __name__ == "__main__":
    main()
