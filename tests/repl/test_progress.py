"""The bar of progress(): on a terminal that can redraw a line, and nowhere else."""
import os
import subprocess

from .terminal import DELETE, check

LOOP = """for i in progress(range(8), 'fit'):
    for j in range({rounds}):
        sort(random.rand(1500000))
    if i == 6:
        print('seven')
"""


def slow_loop(start, **more):
    """What a terminal shows of a loop that takes long enough."""
    terminal = start("-c", LOOP.format(rounds=6), prompt=None, **more)
    check(terminal.status() == 0, "the loop failed")
    return terminal


def test_a_bar_is_drawn_and_stays(start):
    terminal = slow_loop(start, LC_ALL="C.UTF-8")
    check(terminal.raw.count("\rfit ") >= 2, f"the bar does not move: {terminal.raw!r}")
    check("left" in terminal.raw and "/8" in terminal.raw, f"no time left: {terminal.raw!r}")
    last = terminal.raw.rstrip().splitlines()[-1]
    check("fit 100% |" + 10 * "█" in last and "8/8 in " in last, f"not at its end: {last!r}")


def test_the_bar_makes_room_for_what_is_printed(start):
    terminal = slow_loop(start)
    check("\x1b[Kseven" in terminal.raw, f"printed behind the bar: {terminal.raw!r}")


def test_the_bar_fits_the_window(start):
    for columns in 80, 30:
        terminal = slow_loop(start, columns=columns, LC_ALL="C")
        for line in terminal.raw.replace("\x1b[K", "").replace("\r", "\n").split("\n"):
            check(len(line) < columns, f"wider than {columns}: {line!r}")
        check("█" not in terminal.raw, "blocks in a locale of ASCII")


def test_no_bar_for_short_loops_and_dumb_terminals(start):
    short = start("-c", LOOP.format(rounds=0), prompt=None)
    check(short.status() == 0 and "fit" not in short.raw, f"a bar for a short loop: {short.raw!r}")
    dumb = slow_loop(start, TERM="dumb")
    check("fit" not in dumb.raw, f"a bar on a dumb terminal: {dumb.raw!r}")


def test_no_bar_without_a_terminal(start):
    terminal = slow_loop(start)
    done = subprocess.run([terminal.program.path, "-c", LOOP.format(rounds=6)], capture_output=True, text=True,
                          env={**os.environ, "TERM": "vt100"}, check=False)
    check((done.stdout, done.stderr) == ("seven\n", ""), f"shown: {done!r}")


def test_a_loop_that_is_left_ends_its_bar(start):
    terminal = start()
    terminal.enter("for i in progress(range(6)):", prompt="... ")
    terminal.enter("for j in range(8):", prompt="... ")
    terminal.enter("sort(random.rand(1500000))", prompt="... ")
    terminal.enter(DELETE + "if i == 4: 1 // 0", prompt="... ")
    shown = terminal.enter("", "ZeroDivisionError")
    check("4/6 in" in shown, f"the bar does not say where the loop was left: {shown!r}")
