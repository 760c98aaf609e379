"""Suites whose files hold many small programs split by `---`: tests/errors and tests/lower.

Invariant: each program is one counted test, named by its file and its first line there.
"""
import os
import re
import tempfile
from pathlib import Path

from . import chunks
from .program import Outcome, difference

EXPECTED_ERROR = re.compile(r"###\s*(?P<kind>[A-Z]\w+)(?::\s*(?P<message>.*))?$")
LIMIT_STATUS = 3


def errors(program, root, sample):
    """tests/errors/*.inlay: `### Kind: regex` on the line at which the program must stop. Each `sample`-th of them."""
    cases = [case for path in sorted((root / "tests" / "errors").glob("**/*.inlay")) for case in programs_of(path)]
    return program.each(lambda case: Outcome(case[0], in_folder(check_error, program, case[1])), cases[::sample])


def programs_of(path):
    """(name, source) of each program of a file; empty ones (comments only) are left out."""
    line, found = 1, []
    for source in chunks.split_programs(path.read_text(encoding="utf-8")):
        if re.search(r"^\s*[^#\s]", source, re.MULTILINE):
            found.append((f"{path.name}:{line}", source))
        line += source.count("\n") + 2
    return found


def in_folder(check, program, source, *more):
    """Calls check(program, source, folder, ...) with a folder of its own that holds the source as script.inlay."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "script.inlay").write_text(source + "\n", encoding="utf-8")
        return check(program, source, folder, *more)


def check_error(program, source, folder):
    """None, or how the error that stopped the program differs from the marked one."""
    lines = source.split("\n")
    expected = [(number, match) for number, line in enumerate(lines, 1) if (match := EXPECTED_ERROR.search(line))]
    if len(expected) != 1:
        return f"{len(expected)} lines are marked ###, one must be"
    line, want = expected[0]
    result = program.run_file("script.inlay", chunks.options(source), cwd=folder)
    if result.stopped_badly:
        return result.stopped_badly
    got = result.error()
    status = LIMIT_STATUS if want["kind"] == "LimitExceeded" else 1
    if not got or result.status != status:
        return f"should stop with {want.group()}, exit status {status}; got {result.status}: {result.stderr.strip()}"
    return compare_error(want, line, got, result.stderr)


def compare_error(want, line, got, report):
    """None, or the first of kind, message, line and caret that is not as marked."""
    if got["kind"] != want["kind"]:
        return f"kind: expected {want['kind']}, got {got['kind']}: {got['message']}"
    if want["message"] and not re.search(want["message"], got["message"]):
        return f"message: expected a match of {want['message']!r}, got {got['message']!r}"
    if int(got["line"]) != line:
        return f"line: expected {line}, got {got['line']}: {got['kind']}: {got['message']}"
    if not re.search(rf"^ *{line} \| .*\n *\| *\^", report, re.MULTILINE):
        return f"no caret under line {line}:\n{report}"
    return None


def lower(program, root, accept):
    """tests/lower/*.inlay: program, then `#|` lines with its core IR; *.ast.inlay: with its AST."""
    paths = sorted((root / "tests" / "lower").glob("**/*.inlay"))
    if accept:
        for path in paths:
            accept_lowered(program, path)
    cases = [(path, *case) for path in paths for case in programs_of(path)]
    return program.each(lambda case: Outcome(case[1], in_folder(check_lowered, program, case[2], stage_of(case[0]))), cases)


def stage_of(path):
    """The stage in `name.STAGE.inlay`; ir where the name has none."""
    middle = os.path.splitext(path.stem)[1]
    return middle[1:] or "ir"


def dump(program, folder, stage):
    """What `inlay lower --stage STAGE` prints of the folder's script, trailing spaces dropped."""
    result = program.call(["lower", "--stage", stage, "script.inlay"], cwd=folder)
    return result, "\n".join(line.rstrip() for line in result.stdout.rstrip("\n").split("\n"))


def check_lowered(program, source, folder, stage):
    """None, or how the dump differs from the `#|` lines."""
    expected = chunks.marked(source, "#|")
    if not expected:
        return "has no #| lines; ./dev accept writes them"
    result, text = dump(program, folder, stage)
    if result.status:
        return result.stopped_badly or result.stderr.strip()
    return difference("\n".join(expected), text)


def accept_lowered(program, path):
    """Rewrites the `#|` lines of a file; a program that cannot be lowered keeps its own."""
    def rewritten(source):
        bare = chunks.unmarked(source, "#|").rstrip("\n")
        result, text = in_folder(lambda program, _, folder: dump(program, folder, stage_of(path)), program, bare)
        return source.rstrip("\n") if result.status else "\n".join([bare, *chunks.mark_lines("#|", text)])

    programs = chunks.split_programs(path.read_text(encoding="utf-8"))
    keep = lambda source: source.strip("\n") if not re.search(r"^\s*[^#\s]", source, re.MULTILINE) else rewritten(source)
    path.write_text(chunks.join_programs([keep(source) for source in programs]) + "\n", encoding="utf-8")
