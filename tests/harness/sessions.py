"""Sessions at the prompt as documents show them: every entry is pasted at a real terminal, every answer compared.

    ```session ... ```     `>>> ` and `... ` lines, each entry followed by what it shows; `…` stands for anything in its line

All session blocks of a document are one session, in a folder of its own.
Invariant: what a block shows is what the terminal shows, with white space at the ends of lines left out.
"""
import re
import tempfile
from pathlib import Path

from repl.terminal import Terminal, Unexpected

COLUMNS, ROWS = 100, 40


def entries_of(body):
    """(lines typed, lines shown) of each entry of a block."""
    found = []
    for line in body.splitlines():
        if line.startswith(">>> "):
            found.append(([line[4:]], []))
        elif line.startswith("...") and found and not found[-1][1]:
            found[-1][0].append(line[4:])
        elif found:
            found[-1][1].append(line)
    return found


def enter(terminal, typed):
    """Pastes an entry; the lines that it shows."""
    terminal.paste("\n".join(typed) + "\n")
    for line in typed:
        if line:
            terminal.expect(line)
        terminal.expect("\n")
    shown = terminal.expect_prompt()
    return [line.rstrip() for line in shown.splitlines()]


def matches(expected, shown):
    """Whether the lines are the same, where `…` stands for anything."""
    pattern = "\n".join(".*".join(map(re.escape, line.rstrip().split("…"))) for line in expected)
    return re.fullmatch(pattern, "\n".join(shown)) is not None


def written(typed, shown):
    """An entry as a document shows it."""
    prompts = [">>> "] + ["... "] * (len(typed) - 1)
    return "".join((prompt + line).rstrip() + "\n" for prompt, line in zip(prompts, typed)) + "".join(line + "\n" for line in shown)


class Session:
    """A session that goes through the blocks of one document."""

    def __init__(self, program, **environment):
        self.folder = tempfile.TemporaryDirectory()
        given = {"TERM": "xterm-256color", "EDITOR": "true", **environment}
        self.terminal = Terminal(program, Path(self.folder.name), ["-q", "--no-init"], COLUMNS, ROWS, ">>> ", given)

    def run(self, block):
        """(failure, edit) of a block."""
        actual, differs = "", None
        try:
            for typed, expected in entries_of(block.body):
                shown = enter(self.terminal, typed)
                if matches(expected, shown):
                    shown = expected
                elif differs is None:
                    differs = f">>> {typed[0]}\n  expected {expected}\n  got      {shown}"
                actual += written(typed, shown)
        except Unexpected as reason:
            return str(reason), None
        return differs, (block, actual) if differs else None

    def close(self):
        """Ends it."""
        self.terminal.close()
        self.folder.cleanup()
