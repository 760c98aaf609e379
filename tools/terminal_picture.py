#!/usr/bin/env python3
"""Draws what a terminal shows as SVG: the pictures of docs/tour.md.

    tools/terminal_picture.py [--inlay build/inlay] docs/tour.md

A line `![…](pictures/NAME.svg)` behind a session block is a picture of that block: the session is replayed at a terminal up
to there, with colours, and the rows of the block are drawn. Knows the few escapes that the program and libedit write.
Python's standard library only. Invariant: the picture is what the terminal was sent, not what the document says.
"""
import argparse
import html
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from harness.documents import blocks_of  # noqa: E402  (needs the path above)
from harness.program import Program  # noqa: E402
from harness.sessions import Session, enter, entries_of  # noqa: E402

PICTURE = re.compile(r"```\s*!\[[^\]]*\]\((pictures/[\w-]+\.svg)\)")
TOKEN = re.compile(r"\x1b\[(?P<numbers>[?0-9;]*)(?P<final>[A-Za-z@])|\x1b[=>()][0-9A-B]?|(?P<text>[^\x1b])", re.DOTALL)
NAMED = ["#2e3436", "#cc3333", "#2f9e44", "#b08800", "#3465a4", "#75507b", "#0b8f94", "#d3d7cf"]
WIDTH, HEIGHT, FONT = 8.4, 17, "DejaVu Sans Mono, Menlo, Consolas, monospace"


def color_256(number):
    """A colour of the 256 as #rrggbb."""
    if number < 16:
        return NAMED[number % 8]
    if number >= 232:
        level = 8 + 10 * (number - 232)
        return f"#{level:02x}{level:02x}{level:02x}"
    levels = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#" + "".join(f"{levels[step]:02x}" for step in (number // 36, number // 6 % 6, number % 6))


class Style:
    """What SGR escapes have set."""

    def __init__(self):
        self.reset()

    def reset(self):
        """As at the start."""
        self.fore, self.back, self.bold, self.dim = None, None, False, False

    def key(self):
        """What tells two styles apart."""
        return (self.fore, self.back, self.bold, self.dim)

    def apply(self, numbers):
        """One SGR escape."""
        numbers = [int(each or 0) for each in numbers.split(";")]
        while numbers:
            code = numbers.pop(0)
            if code == 0:
                self.reset()
            elif code == 1:
                self.bold = True
            elif code == 2:
                self.dim = True
            elif 30 <= code < 38:
                self.fore = NAMED[code - 30]
            elif code in (38, 48):
                color = self.extended(numbers)
                self.fore, self.back = (color, self.back) if code == 38 else (self.fore, color)

    @staticmethod
    def extended(numbers):
        """The colour behind 38 or 48."""
        if numbers.pop(0) == 5:
            return color_256(numbers.pop(0))
        red, green, blue = numbers[:3]
        del numbers[:3]
        return f"#{red:02x}{green:02x}{blue:02x}"


class Screen:
    """Rows of (character, style) that only grow."""

    def __init__(self, columns):
        self.columns, self.rows, self.row, self.column, self.style = columns, [[]], 0, 0, Style()

    def write(self, text):
        """What a terminal is sent."""
        for token in TOKEN.finditer(text):
            if token["text"]:
                self.put(token["text"])
            elif token["final"]:
                self.escape(token["final"], token["numbers"])

    def put(self, character):
        """A character, or a control."""
        if character == "\n":
            self.row += 1
            while len(self.rows) <= self.row:
                self.rows.append([])
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(0, self.column - 1)
        elif character >= " ":
            line = self.rows[self.row]
            line.extend([(" ", (None, None, False, False))] * (self.column + 1 - len(line)))
            line[self.column] = (character, self.style.key())
            self.column = min(self.column + 1, self.columns)

    def escape(self, final, numbers):
        """A control sequence."""
        count = int(numbers) if numbers.isdigit() else 1
        line = self.rows[self.row]
        if final == "m":
            self.style.apply(numbers)
        elif final == "K" or final == "J":
            del line[self.column:]
        elif final == "P":
            del line[self.column:self.column + count]
        elif final == "@":
            line[self.column:self.column] = [(" ", (None, None, False, False))] * count
        elif final == "C":
            self.column += count
        elif final == "D":
            self.column = max(0, self.column - count)
        elif final == "A":
            self.row = max(0, self.row - count)


def runs_of(row):
    """(first column, text, style) of each stretch of one style."""
    begin = 0
    for at in range(1, len(row) + 1):
        if at == len(row) or row[at][1] != row[begin][1]:
            yield begin, "".join(character for character, _ in row[begin:at]), row[begin][1]
            begin = at


def svg_of(rows, columns):
    """The rows as a picture."""
    width, height = columns * WIDTH + 24, len(rows) * HEIGHT + 24
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" font-family="{FONT}" font-size="14">',
           f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#fbfaf7" stroke="#d8d4ca"/>']
    for number, row in enumerate(rows):
        top = 12 + number * HEIGHT
        for begin, text, (fore, back, bold, dim) in runs_of(row):
            left, size = 12 + begin * WIDTH, len(text) * WIDTH
            if back:
                out.append(f'<rect x="{left:.1f}" y="{top}" width="{size + 0.3:.1f}" height="{HEIGHT + 0.3}" fill="{back}"/>')
            if set(text) == {"▀"}:
                out.append(f'<rect x="{left:.1f}" y="{top}" width="{size + 0.3:.1f}" height="{HEIGHT / 2}" fill="{fore}"/>')
            elif text.strip():
                weight = ' font-weight="bold"' if bold else ""
                out.append(f'<text x="{left:.1f}" y="{top + 13}" fill="{fore or ("#8a8a8a" if dim else "#22262a")}"{weight} '
                           f'textLength="{size:.1f}" xml:space="preserve">{html.escape(text)}</text>')
    return "\n".join(out) + "\n</svg>\n"


def draw(document, program):
    """Replays a document's session and writes its pictures."""
    text = document.read_text(encoding="utf-8")
    session = Session(program, NO_COLOR=None, COLORTERM="truecolor", LC_ALL="C.UTF-8")
    for block in blocks_of(text):
        if block.kind != "session":
            continue
        begin = len(session.terminal.raw)
        for typed, _ in entries_of(block.body):
            enter(session.terminal, typed)
        picture = PICTURE.match(text, block.end)
        if not picture:
            continue
        screen = Screen(100)
        screen.write(">>> " + session.terminal.raw[begin:].removesuffix(">>> "))
        while screen.rows and not "".join(character for character, _ in screen.rows[-1]).strip(" >"):
            screen.rows.pop()
        path = document.parent / picture[1]
        path.parent.mkdir(exist_ok=True)
        path.write_text(svg_of(screen.rows, 100), encoding="utf-8")
        print(path)
    session.close()


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--inlay", default=str(ROOT / "build" / "inlay"))
    options.add_argument("document", type=Path)
    given = options.parse_args()
    draw(given.document, Program(given.inlay))


if __name__ == "__main__":
    main()
