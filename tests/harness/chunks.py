"""Test files that hold expectations inside comments: reading them, and putting them back.

    #> text         a line of standard output            (tests/lang)
    #! Kind: text   the error that ends the script       (tests/lang)
    #| text         a line of a dump                     (tests/lower)
    #% options      more options for `inlay run`         (tests/lang, tests/errors)
    ---             the end of one program               (tests/errors, tests/lower)

Knows text only; starts nothing. Invariant: a marked line is a comment of the language, so every file runs as it is.
"""
import re

SEPARATOR = re.compile(r"^---[ \t]*$")


def marked(source, mark):
    """The texts of all lines that start with the mark, e.g. "#>"; a bare mark stands for an empty line."""
    lines = [line for line in source.split("\n") if line == mark or line.startswith(mark + " ")]
    return [line[len(mark) + 1:] for line in lines]


def unmarked(source, *marks):
    """The source without the lines that start with one of the marks."""
    keep = lambda line: not any(line == mark or line.startswith(mark + " ") for mark in marks)
    return "\n".join(line for line in source.split("\n") if keep(line))


def mark_lines(mark, text):
    """The lines of a text as marked comment lines; nothing for an empty text."""
    if not text:
        return []
    return [f"{mark} {line}" if line else mark for line in text.removesuffix("\n").split("\n")]


def options(source):
    """The words of all `#%` lines."""
    return [word for line in marked(source, "#%") for word in line.split()]


def split_programs(text):
    """The programs between `---` lines."""
    programs, current = [], []
    for line in text.split("\n"):
        if SEPARATOR.match(line):
            programs.append("\n".join(current))
            current = []
        else:
            current.append(line)
    return [*programs, "\n".join(current)]


def join_programs(programs):
    """Undoes split_programs."""
    return "\n---\n".join(programs)
