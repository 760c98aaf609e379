"""What the oracle and the program make of the same sources, and how they differ.

Knows nothing about how programs are written or shortened.
Invariant: a program is judged by the oracle alone: kind of error, or variables and printed text.
"""
import contextlib
import copy
import io
import json
import re
import subprocess
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy

from conformance.check import KINDS, STANDS_FOR
from conformance.compare import Tolerance, mismatch
from fuzz import oracle

MARK = "#program "
INEXACT = {"float64": 1e-12, "float32": 2e-5, "float16": 2e-2, "complex128": 1e-12, "complex64": 2e-5}


@dataclass
class Answer:
    """How a program ended: its error (kind and message, or None), described variables, printed text, NumPy's warnings."""
    error: str | None = None
    message: str = ""
    variables: dict = field(default_factory=dict)
    printed: str = ""
    warnings: list = field(default_factory=list)


@dataclass
class Difference:
    """A program of which the two disagree."""
    source: str
    reason: str
    want: Answer
    message: str = ""


def ask_oracle(source):
    """Runs the source under NumPy."""
    answer, env, printed = Answer(), oracle.namespace(), io.StringIO()
    before = set(env)
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(printed), numpy.errstate(all="warn"):
        warnings.simplefilter("always")
        try:
            exec(oracle.compiled(source), env)
        except MemoryError:
            raise
        except Exception as reason:  # whatever NumPy raises is the answer
            answer.error, answer.message = type(reason).__name__, str(reason)
    answer.variables = {name: oracle.describe(value) for name, value in env.items()
                        if name not in before and not name.startswith("_") and not callable(value)}
    answer.printed, answer.warnings = printed.getvalue(), [str(each.message) for each in caught]
    return answer


def run_batch(inlay, sources):
    """Each source's error (kind, message) or None, by one prompt; sources are lines without blocks and share no names."""
    errors, begin = [], 0
    while begin < len(sources):
        text = "".join(f"{source}\nprint('{MARK}')\n" for source in sources[begin:])
        done = subprocess.run([inlay, "-i", "-q"], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=300)
        pieces = done.stdout.split(MARK)
        errors += [said(piece.replace(">>> ", "")) for piece in pieces[:-1]]
        if len(errors) < len(sources):
            errors.append(("Died", f"exit status {done.returncode}: {pieces[-1][-200:]}"))
        begin = len(errors)
    return errors


def said(text):
    """The first error in what was printed: (kind, message), or None."""
    found = KINDS.search(text)
    return (found[1], text[found.end():].split("\n  -->")[0].strip()) if found else None


def run_script(inlay, source, folder):
    """(error or None, variables, printed text) of one script in a process of its own."""
    script, out = Path(folder, "script.inlay"), Path(folder, "variables.json")
    script.write_text(source + "\n", encoding="utf-8")
    out.unlink(missing_ok=True)
    try:
        done = subprocess.run([inlay, "run", "--vars-json", out, script], capture_output=True, text=True, errors="replace",
                              timeout=60, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return ("Died", "no answer in time"), {}, ""
    error = said(done.stderr) if done.returncode else None
    if done.returncode not in (0, 1) or (done.returncode and not error):
        error = ("Died", f"exit status {done.returncode}: {done.stderr[-200:]}")
    variables = {}
    if out.exists():
        for line in out.read_text(encoding="utf-8").splitlines():
            variables.update(json.loads(line))
    return error, variables, done.stdout


def compare_errors(want, error):
    """None if the error is of the oracle's kind (or neither has one), else how not."""
    if error and error[0] == "Died":
        return f"died: {error[1]}"
    if want.error is None:
        return f"got {error[0]}: {error[1]}" if error else None
    if error is None:
        return f"expected {want.error}: {want.message[:100]}; there was none"
    if error[0] in STANDS_FOR.get(want.error, {want.error}):
        return None
    return f"expected {want.error}: {want.message[:100]}; got {error[0]}: {error[1]}"


def compare_values(want, got, tolerance=None):
    """None if the described variables agree, else the first that does not."""
    for name, value in want.items():
        if "other" in value:
            continue
        if reason := mismatch(value, got.get(name), tolerance or tolerance_for(value, want)):
            return f"{name}: {reason}"
    return None


def tolerance_for(value, variables):
    """Rounding relative to the largest finite number around; results of integers and booleans are exact."""
    return Tolerance(INEXACT.get(value.get("dtype"), 1e-12 if "dtype" not in value else 0.0), largest(variables))


def largest(variables):
    """The largest finite magnitude in the variables."""
    numbers = [abs(float.fromhex(text)) for text in re.findall(r"'(-?0x[0-9a-f.]+p[+-]\d+)'", str(variables))]
    return max((each for each in numbers if each < 1e9), default=1.0)


def judge_script(inlay, source):
    """None or the Difference of one script of any form."""
    want = ask_oracle(source)
    with tempfile.TemporaryDirectory() as folder:
        error, variables, printed = run_script(inlay, source, folder)
    return difference(source, want, error, variables, printed)


def difference(source, want, error, variables, printed):
    """None or the Difference between the oracle's answer and what was got."""
    reason = compare_errors(want, error)
    reason = reason or compare_values(want.variables, variables)
    if reason is None and want.printed != printed and not compare_values(want.variables, variables, Tolerance(exact=True)):
        reason = f"printed {printed!r}, expected {want.printed!r}"
    return Difference(source, reason, copy.copy(want), error[1] if error else "") if reason else None


def judge_calls(inlay, sources):
    """The differences of many sources, each of single-line statements and with names of its own: two processes for all."""
    wants = [ask_oracle(source) for source in sources]
    errors = run_batch(inlay, sources)
    running = [at for at, error in enumerate(errors) if error is None]
    with tempfile.TemporaryDirectory() as folder:
        script = "\n".join(f"{sources[at]}\nprint('{MARK}')" for at in running)
        error, variables, printed = run_script(inlay, script, folder)
    if error:
        return [found for source in sources if (found := judge_script(inlay, source))]
    texts = dict(zip(running, printed.split(MARK + "\n")))
    results = (difference(source, want, errors[at], variables if at in texts else want.variables,
                          texts.get(at, want.printed))
               for at, (source, want) in enumerate(zip(sources, wants)))
    return [each for each in results if each]
