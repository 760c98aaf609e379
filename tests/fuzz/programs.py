"""Random programs: updates through nested paths, loops, functions, closures, masks, lists and dicts.

Each statement is tried under the oracle as it is written, so that what follows knows the shapes of all variables; most
statements that fail are left out, and one that stays ends the program.
Invariant: only what means the same here and under the oracle is written (no update of a temporary, no 0-d update).
"""
import contextlib
import io
import random
import warnings

import numpy

from fuzz import oracle
from fuzz.arguments import CLASSES, broadcastable, elements
from fuzz.statements import STATEMENTS

ATTEMPTS = 60


class Writer:
    """A program under way: its lines, the oracle's environment, and what each variable holds."""

    def __init__(self, rng):
        self.rng, self.lines, self.env, self.known = rng, [], oracle.namespace(), {}

    def declare(self, name):
        """Starts with a tensor variable."""
        dtype = self.rng.choice(CLASSES["int"] + CLASSES["single"] * 3 + ["bool"])
        shape = tuple(self.rng.choice([1, 2, 3, 3, 4]) for _ in range(self.rng.choice([1, 1, 2, 2, 3])))
        self.attempt(f"{name} = array({elements(self.rng, dtype, shape, True)}, dtype={dtype})")

    def attempt(self, text):
        """Runs a statement; keeps it if it ran. Returns the exception otherwise, with all variables as before."""
        before = {name: oracle.own(value) for name, value in self.known.items()}
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = oracle.run(text, self.env)
        except Exception as reason:
            self.env.update(before)
            return reason
        self.known = {**self.known, **{name: value for name, value in found.items() if not callable(value)}}
        self.known = {name: self.env[name] for name in self.known if name in self.env}
        self.lines.append(text)
        return None

    def tensors(self, n_axes=1):
        """The names of the tensor variables with so many axes or more."""
        return [name for name, value in self.known.items() if isinstance(value, numpy.ndarray) and value.ndim >= n_axes]

    def of_type(self, kind):
        """The names of the variables of a Python type."""
        return [name for name, value in self.known.items() if type(value) is kind]

    def literal_like(self, shape, kind):
        """A tensor literal that broadcasts to a shape."""
        dtype = self.rng.choice({"b": ["bool"], "f": CLASSES["single"]}.get(kind, ["int64"]))
        shape = broadcastable(self.rng, shape)
        return f"array({elements(self.rng, dtype, shape, True)}).reshape({shape})"


def write_program(rng):
    """The source of one program."""
    rng = random.Random(rng.random())
    writer = Writer(rng)
    for name in "abc"[:rng.choice([1, 2, 3])]:
        writer.declare(name)
    for _ in range(rng.randint(3, 12)):
        for _ in range(ATTEMPTS):
            text = rng.choice(STATEMENTS)(writer)
            if text is None:
                continue
            failed = writer.attempt(text)
            if failed is None:
                break
            if not isinstance(failed, (SyntaxError, RecursionError)) and rng.random() < 0.04:
                return "\n".join([*writer.lines, text])
    return "\n".join(writer.lines)
