"""Random calls, written from the tables calls/<area>.txt.

A line of a table is `function kind... name=kind...`: positional arguments, then keyword ones; a `?` after a kind lets
it be left out. `f(g(*))` for a function shows f of what g gives. `y = function(arguments)` is called as a method too where NumPy has one that changes nothing.
Invariant: names of a call's variables carry its number, so that many calls make one script.
"""
import re
from pathlib import Path

import numpy

from fuzz.arguments import Draw

TABLES = Path(__file__).resolve().parent / "calls"
WORD = re.compile(r"(?:'[^']*'|\[[^ ]*\]|\S)+")           # a space between quotes ends no word
ARGUMENT = re.compile(r"([a-z_]\w*=)?(.*?)(\?)?")      # name=, kind, ?
CHANGING = {"sort", "resize", "put", "partition", "fill", "byteswap", "setflags", "compress", "choose"}


def read_table(area):
    """(function, kinds) of each line of an area's table."""
    lines = (TABLES / f"{area}.txt").read_text(encoding="utf-8").splitlines()
    rows = [WORD.findall(line) for line in lines if line.strip() and not line.startswith("#")]
    return [(words[0], words[1:]) for words in rows]


def areas():
    """The areas that have a table."""
    return sorted(path.stem for path in TABLES.glob("*.txt"))


def write_call(rng, row, number):
    """The source of one random call of a table's row."""
    function, kinds = row
    draw, positional, named = Draw(rng, f"x{number}_"), [], []
    for kind in kinds:
        name, kind, optional = ARGUMENT.fullmatch(kind).groups()
        if optional and rng.random() < 0.5:
            if name:
                continue
            break
        (named if name else positional).append((name or "") + draw.argument(kind))
    return "\n".join([*draw.lines, f"y{number} = {call_text(rng, function, positional, named)}", *shown(rng, number)])


def call_text(rng, function, positional, named):
    """The call as a function, or now and then as a method of its first argument."""
    is_method = function not in CHANGING and hasattr(numpy.ndarray, function)
    if is_method and positional and positional[0].startswith("x") and rng.random() < 0.15:
        return f"{positional[0]}.{function}({', '.join(positional[1:] + named)})"
    arguments = ", ".join(positional + named)
    return function.replace("*", arguments) if "*" in function else f"{function}({arguments})"


def shown(rng, number):
    """Sometimes the statement that prints the result."""
    return [f"print(y{number})"] if rng.random() < 0.1 else []
