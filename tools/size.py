#!/usr/bin/env python3
"""Prints what has grown: files over 300 lines (800 is the end) and functions over 60.

    tools/size.py [FOLDER...]        exit status 1 if anything is over 800 or 60

Functions of C++ are found by their braces, not by a parser: good enough to point at a place, no more than that. Neither
the rows of a table nor the labels of a dispatch (`case`, `break`, the heads of `if constexpr`) are counted.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["grammar", "interpreter", "runtime", "image", "repl", "include", "library", "tests", "examples", "bench", "tools"]
SUFFIXES = {".cpp", ".h", ".hpp", ".c", ".py", ".inlay"}
FILE_AIM, FILE_END, FUNCTION_END = 300, 800, 60

LITERALS = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|//[^\n]*|/\*.*?\*/', re.DOTALL)
NOT_FUNCTIONS = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b(?![^(]*\()|=\s*$|^\s*$")
ROW_OR_LABEL = re.compile(
    r"^ *(?:\{.*,|case .*:|default:|break;|(?:\} )?(?:else )?if constexpr \(.*\)(?: \{)?) *$", re.MULTILINE)


def without_literals(text):
    """C++ text with strings, characters and comments blanked, lines kept."""
    return LITERALS.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def cpp_functions(text):
    """(name, first line, lines) of each outermost block that looks like a function's body."""
    text = without_literals(text)
    text = re.sub(r"^[ \t]*#.*(?:\\\n.*)*", lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.MULTILINE)
    inside, opened, head_start = [], None, 0
    for match in re.finditer(r"[{};]", text):
        if match[0] == "{":
            head = text[head_start:match.start()]
            is_function = opened is None and "(" in head and not NOT_FUNCTIONS.search(head)
            inside.append(is_function)
            if is_function:
                opened = (head, match.start())
        elif match[0] == "}" and inside:
            if inside.pop():
                yield describe(text, *opened, match.start())
                opened = None
        if opened is None:
            head_start = match.end()


def describe(text, head, begin, end):
    """(name, first line, lines that count) of a body between two braces."""
    name = re.search(r"([\w:~]+)\s*\(", head)
    lines = text.count("\n", begin, end) + 1 - len(ROW_OR_LABEL.findall(text, begin, end))
    return name[1] if name else "?", text.count("\n", 0, begin) + 1, lines


def python_functions(text):
    """(name, first line, lines) of each top-level function and method."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if match := re.match(r"( *)def (\w+)", line):
            body = [at for at in range(number + 1, len(lines)) if lines[at].strip()]
            end = next((at for at in body if len(lines[at]) - len(lines[at].lstrip()) <= len(match[1])), len(lines))
            yield match[2], number + 1, end - number


def measure(path):
    """(lines, functions) of a file."""
    text = path.read_text(encoding="utf-8")
    is_cpp = path.suffix in {".cpp", ".h", ".hpp", ".c"}
    return text.count("\n"), list(cpp_functions(text) if is_cpp else python_functions(text))


def main():
    folders = sys.argv[1:] or [ROOT / name for name in FOLDERS]
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.suffix in SUFFIXES)
    over = False
    for path in paths:
        lines, functions = measure(path)
        shown = path.resolve().relative_to(ROOT) if path.resolve().is_relative_to(ROOT) else path
        if lines > FILE_AIM:
            print(f"{shown}: {lines} lines" + (", too many" if lines > FILE_END else ""))
        over |= lines > FILE_END
        for name, line, length in functions:
            if length > FUNCTION_END:
                print(f"{shown}:{line}: {name} has {length} lines")
                over = True
    print(f"{len(paths)} files, {sum(measure(path)[0] for path in paths)} lines")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
