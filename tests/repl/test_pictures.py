"""Pictures in the terminal and in files."""
import re
import shutil
import struct

from .terminal import check


def test_show_in_colours(start):
    flag = "x = zeros((2, 70, 3)); x[0, :, 0] = 1; x[1, :, 2] = 1"
    terminal = start(NO_COLOR=None, COLORTERM="truecolor", LC_ALL="C.UTF-8")
    terminal.enter(flag)
    terminal.enter("show(x)")
    check("\x1b[38;2;255;0;0m\x1b[48;2;0;0;255m▀" in terminal.raw, f"red above blue: {terminal.raw!r}")
    few = start(NO_COLOR=None, COLORTERM=None, LC_ALL="C.UTF-8")
    few.enter(flag)
    few.enter("show(x)")
    check("\x1b[38;5;196m\x1b[48;5;21m▀" in few.raw, f"of 256 colours: {few.raw!r}")


def test_show_without_colours(start):
    for columns, rows in (80, 24), (200, 50):
        terminal = start(columns=columns, rows=rows, NO_COLOR="1")
        shown = terminal.enter("show(arange(0, 1000).reshape(1, 1000) * ones((1000, 1)))", "@\n")
        lines = [line for line in shown.splitlines() if line.endswith("@")]
        check(lines and len(lines[-1]) <= columns and len(lines) <= rows, f"does not fit {columns}x{rows}: {shown!r}")
        check(lines[-1].startswith(" ") and "." in lines[-1] and "+" in lines[-1], f"no ramp: {lines[-1]!r}")


def test_show_refuses(start):
    terminal = start()
    terminal.enter("show(arange(3))", "ValueError: a picture has the shape (height, width)")
    terminal.enter("show(ones((2, 2)) * 1j)", "TypeError: complex numbers have no colour")


def test_plots(start):
    terminal = start()
    if shutil.which("gnuplot") is None:
        terminal.enter("plot([1, 2])", "apt install gnuplot-nox")
        return
    for columns, rows, colour in (80, 24, "1"), (80, 24, None), (200, 50, "1"), (200, 50, None):
        window = start(columns=columns, rows=rows, NO_COLOR=colour)
        begin = len(window.raw)
        window.type_at_prompt("plot(sin(arange(50)), cos(arange(50)), title='wave')\n")
        window.expect("wave")
        lines = [line.rstrip() for line in window.expect_prompt().splitlines()]
        check("\f" not in window.raw[begin:] and lines[1].strip() and lines[-1].strip(), f"blank lines: {lines!r}")
        check(min(columns, 100) - 12 <= max(map(len, lines)) <= columns and len(lines) <= rows, f"{columns}x{rows}: {lines!r}")
        check(bool(re.search(r"\x1b\[[0-9;]*3[1-8]", window.raw[begin:])) == (colour is None), f"colours: {window.raw[begin:][:500]!r}")
        window.enter("hist([1, 2, 2, 3], bins=3)", "|")
    terminal.enter("plot([1, 2, 3], [1, 4, 9], labels=['square'], file='p.svg')")
    check((terminal.folder / "p.svg").read_text().count("square") == 1, "no label in the picture")
    terminal.enter("hist([1, 2, 2], file='h.png')")
    check((terminal.folder / "h.png").read_bytes().startswith(b"\x89PNG"), "no PNG")


def test_plots_need_gnuplot(start):
    terminal = start(PATH="/nowhere")
    terminal.enter("plot([1, 2])", "RuntimeError: plots are drawn by gnuplot, which is not installed here")


def test_plots_refuse(start):
    terminal = start()
    terminal.enter("plot()", "plot what?")
    terminal.enter("plot([1], [2], [3])", "plot takes y, or pairs of x and y")
    terminal.enter("plot(ones((2, 2)))", "y must be 1-d, not of shape (2, 2)")
    terminal.enter("plot([1, 2], [3])", "x has 2 points and y 1")
    terminal.enter("plot([])", "there are no points to plot")
    terminal.enter("plot([1], file='p.gif')", "a plot's file ends in .png or .svg, not as 'p.gif'")


def test_show_into_a_file(start):
    terminal = start()
    terminal.enter("show(arange(6).reshape(2, 3), file='p.png')")
    data = (terminal.folder / "p.png").read_bytes()
    check(struct.unpack(">II", data[16:24]) == (3, 2), "the size of the picture")
    terminal.enter("imread('p.png')", "[[  0  51 102]\n [153 204 255]]")
