"""The main screens of the prompt, each at two sizes of the window, in colours and without.

Invariant: colours add escapes and nothing else; no line is wider than the window.
"""
import re

from .terminal import ESCAPES, check

SIZES = (80, 24), (200, 50)
COLOURS = {"without colours": "1", "in colours": None}
STYLE = re.compile(r"\x1b\[[0-9;]+m")
TIMES = re.compile(r" *\d+(?:\.\d+)? (?:s|ms|us|ns|[kMG]?B/s)\b")
SETUP = ("import numpy as np", "image = arange(60000).reshape(200, 300)", "keep = image", "flags = arange(6) % 2",
         "a_rather_long_name_of_a_variable, another_long_name_for_it, the_third_long_name = [arange(3)] * 3")

# What is entered, what it shows, what of that is styled (None: nothing).
SCREENS = (
    ("'a' + 'b'", "'ab'", None),
    ("flags", "int64[6]\n[0 1 0 1 0 1]", "\x1b[2mint64[6]"),
    ("image", "int64[200, 300]  480 kB\n[[    0     1     2 ...", "\x1b[2mint64[200, 300]"),
    ("flags[9] + 1", "IndexError: ", "\x1b[1;31mIndexError"),
    (":vars", "keep", "\x1b[36mkeep"),
    (":why keep", "shares its memory with image", "\x1b[1;31mshares its memory"),
    (":lower y = flags + 1", "@y = ", "\x1b["),
    (":explain keep[0, 0] = 5", "'image' still held the tensor", "\x1b[1;31m"),
    (":explain flags[0] = 5", "in place", "\x1b[32m"),
    (":time flags.sum()", "s\n", "\x1b["),
    (":set", "linewidth", "\x1b[36mprecision"),
    (":help", ":undo", "\x1b[36m:undo"),
    ("?cumsum", "cumsum(a, axis=None", "\x1b[1mcumsum("),
    ("help(where)", "where(condition, x=..., y=...)", "\x1b[1mwhere("),
    ("?np.einsum", "einsum(", "\x1b[1meinsum("),
    (":vars a_rather", "a_rather_long", "\x1b[36ma_rather"),
    (":lower c = (flags + 1) * (flags + 2) * (flags + 3) * (flags + 4) * (flags + 5)", "return None", "\x1b["),
    ("image[[0, 1], :, None][[0], :, [0]].shape", "(1, 300)", "\x1b[33mhint"),
    (":exlain", "there is no command :exlain. Did you mean: ':explain'?", None),
)


def show_screen(terminal, screen, columns, is_coloured):
    """Enters a screen's line; the text that it shows, without times."""
    entry, answer, styled = screen
    begin = len(terminal.raw)
    terminal.type_at_prompt(entry + "\n")
    terminal.expect(answer)
    terminal.expect_prompt()  # at the start of a line: help has examples with prompts of their own
    shown = terminal.raw[begin:]
    place = f"{entry!r} at {columns} columns, {'in' if is_coloured else 'without'} colours"
    if is_coloured and styled:
        check(styled in shown, f"{place}: no {styled!r} in {shown!r}")
    else:
        check(not STYLE.search(shown), f"{place}: styled: {shown!r}")
    text = ESCAPES.sub("", shown)
    widest = max(text.splitlines(), key=len)
    check(len(widest) <= columns, f"{place}: too wide: {widest!r}")
    return TIMES.sub(" TIME", text)


def test_main_screens(start):
    for columns, rows in SIZES:
        shown = {}
        for name, no_color in COLOURS.items():
            terminal = start(columns=columns, rows=rows, NO_COLOR=no_color)
            for line in SETUP:
                terminal.enter(line)
            shown[name] = [show_screen(terminal, screen, columns, no_color is None) for screen in SCREENS]
        for plain, coloured in zip(*shown.values()):
            check(plain == coloured, f"at {columns} columns colours change the text: {plain!r}, {coloured!r}")
