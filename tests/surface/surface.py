"""The suite that compares the public functions of NumPy 2 with ours: one outcome for each name of numpy_names.txt.

left_out.txt says what is missing on purpose, and why: `name name…: reason`, where a name is `sum`, `linalg.test`,
`sum.out` (one parameter), `*.out` (a parameter wherever it stands), `ufunc.where` (of every ufunc), and may hold `*` as
in file names.
"""
import ast
import fnmatch
import json
import re
import subprocess
from pathlib import Path

from harness.program import Outcome

FOLDER = Path(__file__).resolve().parent
UNKNOWN = object()  # a default that is no literal


def left_out():
    """The patterns of left_out.txt."""
    patterns = []
    for line in (FOLDER / "left_out.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            patterns += line.partition(": ")[0].split()
    return patterns


def literal(node):
    """The value of a default; UNKNOWN if it is not written as a literal."""
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return UNKNOWN


def parameters(signature):
    """[(name, has a default, its value)] in order; a `*args` as `*`."""
    text = re.sub(r"<[^<>]*(<[^<>]*>)?[^<>]*>", "...", signature)
    arguments = ast.parse(f"def f{text}: pass").body[0].args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    found = [(each.arg, default is not None, literal(default)) for each, default in zip(positional, defaults)]
    found += [("*", False, None)] if arguments.vararg else []
    return found + [(each.arg, default is not None, literal(default))
                    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults)]


def is_left_out(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def difference(name, theirs, ours, patterns):
    """What our signature lacks of NumPy's; None if nothing."""
    if not theirs or ours in ("", "(*args, **keywords)"):
        return None
    if ours.startswith("(target"):  # a changing call's first argument goes by no name
        ours = ours.replace("target", parameters(theirs)[0][0], 1)
    own = {each: (has_default, default) for each, has_default, default in parameters(ours)}
    kind = "ufunc" if theirs.endswith("signature=None)") else name
    wanted = [each for each in parameters(theirs)
              if not any(is_left_out(f"{of}.{each[0]}", patterns) for of in {name, kind})]
    missing = [each for each, _, _ in wanted if each not in own]
    if missing:
        return f"lacks {', '.join(missing)}: NumPy has {theirs}, we have {ours}"
    order = [each for each in own if each in {name for name, _, _ in wanted}]
    if order != [each for each, _, _ in wanted]:
        return f"has another order: NumPy has {theirs}, we have {ours}"
    for each, has_default, default in wanted:
        if has_default and not own[each][0]:
            return f"needs {each}, which NumPy does not: {ours}"
        if UNKNOWN not in (default, own[each][1]) and default != own[each][1] and ... not in (default, own[each][1]):
            return f"has {each}={own[each][1]}, NumPy {default}"
    return None


def suite(program):
    """An outcome per name; a pattern that leaves nothing out is a failure too."""
    lines = subprocess.run([str(program.path), "help", "--json"], check=True, capture_output=True, text=True).stdout
    ours = {entry["name"]: entry["signature"] for entry in map(json.loads, lines.splitlines())}
    patterns, outcomes = left_out(), []
    for line in (FOLDER / "numpy_names.txt").read_text(encoding="utf-8").splitlines()[1:]:
        name, _, signature = line.partition("\t")
        if name in ours:
            outcomes.append(Outcome(f"numpy.{name}", difference(name, signature, ours[name], patterns)))
        elif not is_left_out(name, patterns):
            outcomes.append(Outcome(f"numpy.{name}", "is missing"))
    outcomes += [Outcome(f"left out: {each}", "is there") for each in patterns if each in ours]
    return outcomes
