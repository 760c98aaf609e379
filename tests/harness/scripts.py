"""Suites of whole scripts: tests/lang (output in comments) and examples (output in a file beside it).

Invariant: a script that could not fail is a failure: it must print, stop with an error, or assert.
"""
import os
import re
import tempfile
from pathlib import Path

from . import chunks
from .program import Outcome, difference

ASSERTS = re.compile(r"^\s*assert\b", re.MULTILINE)


def lang(program, root, accept):
    """tests/lang/<topic>/*.inlay; accept rewrites the expectations of those that fail."""
    return script_suite(program, root / "tests" / "lang", accept, check_script, accept_script)


def examples(program, root, accept):
    """examples/**/*.inlay with an .out file beside it: exactly that on standard output, exit status 0."""
    return script_suite(program, root / "examples", accept, check_example, accept_example)


def script_suite(program, folder, accept, check, rewrite):
    """Checks each script of a folder, in parallel; one outcome per script that the check knows."""
    def one(path):
        failure = check(program, path)
        if failure and accept:
            rewrite(program, path)
            failure = check(program, path)
        return Outcome(str(path.relative_to(folder.parent)), failure)
    paths = sorted(path for path in folder.rglob("*.inlay") if check is check_script or path.with_suffix(".out").exists())
    return program.each(one, paths)


def check_script(program, path):
    """None, or how the script's run differs from its comments."""
    source = path.read_text(encoding="utf-8")
    output, errors = chunks.marked(source, "#>"), chunks.marked(source, "#!")
    if not output and not errors and not ASSERTS.search(source):
        return "expects nothing: add #> or #! lines, or an assert"
    result = program.run_file(path.name, chunks.options(source), cwd=path.parent)
    return (result.stopped_badly or check_ending(result, errors)
            or difference("\n".join(output), result.stdout.removesuffix("\n")))


def check_ending(result, errors):
    """None, or how the way in which the script ended differs from its #! lines."""
    report = result.error()
    said = f"{report['kind']}: {report['message']}" if report else result.stderr.strip()
    if not errors:
        return None if result.status == 0 else f"exit status {result.status}: {said}"
    if result.status not in (1, 3):
        return f"should stop with {errors[0]}, ended with exit status {result.status}"
    return difference("\n".join(errors), said)


def accept_script(program, path):
    """Rewrites the #> and #! lines: each top-level statement is followed by what it printed."""
    bare = chunks.unmarked(path.read_text(encoding="utf-8"), "#>", "#!").rstrip("\n").split("\n")
    with tempfile.NamedTemporaryFile("w", suffix=".inlay", dir=path.parent, prefix=".accept-", encoding="utf-8",
                                     delete=False) as copy:
        pass
    try:
        path.write_text("\n".join(annotate(program, Path(copy.name), bare)) + "\n", encoding="utf-8")
    finally:
        os.unlink(copy.name)


def annotate(program, copy, lines):
    """The lines with the expectations in place.

    What a statement printed is what the script cut after it prints beyond the script cut before it. A cut inside a
    statement does not parse, prints nothing and fails, so it is no cut at all.
    """
    def run(text):
        copy.write_text(text + "\n", encoding="utf-8")
        return program.run_file(copy.name, chunks.options(text), cwd=copy.parent)

    whole = run("\n".join(lines))
    annotated, begin, printed = [], 0, ""
    for end in cuts(lines):
        last = end == len(lines)
        result = whole if last else run("\n".join(lines[:end]))
        if not last and (result.status != 0 or not whole.stdout.startswith(result.stdout)):
            continue
        annotated += lines[begin:end] + chunks.mark_lines("#>", result.stdout[len(printed):])
        begin, printed = end, result.stdout
    report = whole.error()
    return annotated + (chunks.mark_lines("#!", f"{report['kind']}: {report['message']}") if report else [])


def cuts(lines):
    """The line numbers after which a top-level statement may have ended: the next line of code is at column 0."""
    follows = re.compile(r"[^\s)\]}]")
    ahead = ""
    ends = [len(lines)]
    for number in range(len(lines), 0, -1):
        line = lines[number - 1]
        if line.strip() and follows.match(ahead) and not re.match(r"(else|elif)\b", ahead):
            ends.append(number)
        ahead = line if line.strip() else ahead
    return reversed(ends)


def check_example(program, path):
    """None, or how the example's output differs from its .out file."""
    result = program.run_file(path.name, cwd=path.parent)
    if bad := result.stopped_badly or (result.status and result.stderr.strip()):
        return bad
    return difference(path.with_suffix(".out").read_text(encoding="utf-8"), result.stdout)


def accept_example(program, path):
    """Rewrites the .out file, unless the example stops with an error."""
    result = program.run_file(path.name, cwd=path.parent)
    if result.status == 0:
        path.with_suffix(".out").write_text(result.stdout, encoding="utf-8")
