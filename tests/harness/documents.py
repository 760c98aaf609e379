"""The suite that runs what the documents show: *.md at the top, docs/**/*.md and tests/README.md.

    ```inlay ... ```  then  ```text ... ```      the script prints exactly this; an error report counts as output
    ```inlay ... ```  alone                      the script runs without an error
    ```console ... ```                           `$ inlay ARGS` lines, each followed by what it prints
    ```cpp or ```c with a first line `// PATH`    stands in the file PATH word for word (that file is compiled elsewhere)
    ```session ... ```                           entries at the prompt, each followed by what it shows (sessions.py)
    [text](PATH)                                 exists (one outcome per document)

One outcome more says whether the list of decisions is theirs (decisions.py), one whether files and functions are as short
as CONTRIBUTING.md has it (tools/size.py).

Invariant: each inlay block runs by itself, so a reader can paste any one of them.
"""
import re
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .decisions import decisions
from .program import Outcome, difference, run
from .sessions import Session

FENCE = re.compile(r"^```(?P<kind>\w*)[^\n]*\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
SCRIPT = "example.inlay"
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
CODE_SPAN = re.compile(r"`[^`\n]+`(?!\])")
ERROR_ARROW = re.compile(r"^ *--> ", re.MULTILINE)


@dataclass
class Block:
    """A fenced block; `body` is document[begin:end], `line` the line of its fence."""
    kind: str
    body: str
    begin: int
    end: int
    line: int
    next: "Block | None" = None


def documents(program, root, accept):
    """One outcome per block that shows something checkable, and one per document for its links."""
    outcomes = []
    for path in [*sorted(root.glob("*.md")), root / "tests" / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        if path.exists():
            outcomes += [*document(program, root, path, accept), check_links(root, path)]
    return [*outcomes, decisions(root, accept), check_sizes(root)]


def check_sizes(root):
    """Whether no file and no function is too long."""
    found = run([sys.executable, str(root / "tools" / "size.py")], 60)
    return Outcome("tools/size.py", found.stdout + found.stderr if found.status else None)


def check_links(root, path):
    """Whether all relative links of a document lead somewhere."""
    links = LINK.findall(CODE_SPAN.sub("", FENCE.sub("", path.read_text(encoding="utf-8"))))
    dead = sorted({link for link in links if not (path.parent / link).exists()})
    return Outcome(f"{path.relative_to(root)}: links", f"lead nowhere: {', '.join(dead)}" if dead else None)


def document(program, root, path, accept):
    """The outcomes of one document; accept rewrites shown output that differs."""
    text = path.read_text(encoding="utf-8")
    outcomes, edits, session = [], [], None
    for block in blocks_of(text):
        if block.kind == "session":
            session = session or Session(program)
            failure, edit = session.run(block)
        elif block.kind in CHECKS:
            failure, edit = CHECKS[block.kind](program, root, block)
        else:
            continue
        if edit and accept:
            edits.append(edit)
            failure = None
        outcomes.append(Outcome(f"{path.relative_to(root)}:{block.line}", failure))
    if session:
        session.close()
    for shown, actual in reversed(edits):
        text = text[:shown.begin] + actual + text[shown.end:]
    if edits:
        path.write_text(text, encoding="utf-8")
    return outcomes


def blocks_of(text):
    """The fenced blocks of a document; a block knows the next one if only blank lines stand between."""
    found = []
    for match in FENCE.finditer(text):
        begin, end = match.span("body")
        block = Block(match["kind"], match["body"], begin, end, text.count("\n", 0, match.start()) + 1)
        if found and re.fullmatch(r"```\s*", text[found[-1].end:match.start()]):
            found[-1].next = block
        found.append(block)
    return found


def check_inlay(program, root, block):
    """(failure, edit) of a script and the output shown after it."""
    shown = block.next if block.next and block.next.kind == "text" else None
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, SCRIPT).write_text(block.body, encoding="utf-8")
        result = program.run_file(SCRIPT, cwd=folder, merge=True)
    should_fail = bool(shown and ERROR_ARROW.search(shown.body))
    if result.stopped_badly or bool(result.status) != should_fail:
        return result.stopped_badly or f"exit status {result.status}\n{result.stdout}", None
    if not shown:
        return None, None
    failure = difference(shown.body, result.stdout)
    return failure, (shown, result.stdout) if failure else None


def check_console(program, root, block):
    """(failure, edit) of a transcript of `$ inlay ...` commands, run at the top of the tree."""
    actual = []
    for line in block.body.split("\n"):
        if not line.startswith("$ inlay"):
            continue
        result = program.call(shlex.split(line[len("$ inlay"):]), cwd=root, merge=True)
        if result.stopped_badly or result.status == 2:
            return f"{line}: {result.stopped_badly or result.stdout}", None
        actual.append(line + "\n" + "\n".join(part.rstrip() for part in result.stdout.split("\n")))
    if not actual:
        return None, None  # a transcript of something else, such as building
    text = "".join(actual)
    failure = difference(block.body, text)
    return failure, (block, text) if failure else None


def check_cpp(program, root, block):
    """(failure, None) of a C++ block that names the file it is taken from."""
    source = re.match(r"// (\S+\.(?:cpp|h|hpp|c))\n", block.body)
    if not source:
        return None, None
    path = root / source[1]
    if not path.exists():
        return f"{source[1]} does not exist", None
    excerpt = block.body[source.end():].strip("\n")
    return (None if excerpt in path.read_text(encoding="utf-8") else f"is not what {source[1]} says"), None


CHECKS = {"inlay": check_inlay, "console": check_console, "cpp": check_cpp, "c": check_cpp}
