"""The bar of progress(): on a terminal that can redraw a line, and nowhere else."""
import functools
import os
import re
import subprocess
import time

from .terminal import CTRL_C, DELETE, ESCAPES, check

LOOP = """for i in progress(range(8), 'fit'):
    for j in range({rounds}):
        sort(random.rand(1500000))
    if i == 6:
        print('seven')
"""


@functools.cache
def rounds_for(path, seconds=1.5):
    """How many rounds LOOP needs to take about so long with the program there."""
    begin = time.monotonic()
    subprocess.run([path, "-c", LOOP.format(rounds=1)], capture_output=True, check=True)
    return max(1, round(seconds / (time.monotonic() - begin)))


def slow_loop(start, **more):
    """What a terminal shows of a loop that takes long enough."""
    terminal = start("-c", LOOP.format(rounds=rounds_for(start.path)), prompt=None, **more)
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
    done = subprocess.run([start.path, "-c", LOOP.format(rounds=rounds_for(start.path))], capture_output=True, text=True,
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


SORT, PRODUCT = "sort(random.rand({n}) + 1j)", "ones(({n}, {n})) @ ones(({n}, {n}))"


def size_for(terminal, entry, power, first, seconds):
    """How large n has to be for an entry to take so long here, on one thread."""
    begin = time.monotonic()
    terminal.enter(entry.format(n=first) + ";")
    return int(first * (seconds / (time.monotonic() - begin)) ** (1 / power))


def status_lines(terminal, begin):
    """Every line that was shown over another since then, without escapes."""
    return re.findall(r"\r([^\r\n\x1b]+)\x1b\[K", terminal.raw[begin:])


def test_an_operation_that_takes_long_says_so(start):
    for columns, rows, colour in (80, 24, {}), (200, 50, {"NO_COLOR": None}):
        terminal = start("-q", "--threads", "1", columns=columns, rows=rows, LC_ALL="C.UTF-8", **colour)
        n = size_for(terminal, SORT, 1, 1_000_000, 6)
        begin = len(terminal.raw)
        terminal.enter(f"y = " + SORT.format(n=n))
        lines = [line for line in status_lines(terminal, begin) if line.startswith("sort")]
        check(len(lines) >= 3 and re.fullmatch(r"sort: \d+\.\d s", lines[0]), f"shown: {lines[:3]!r}")
        check(float(lines[0].split()[1]) >= 2, f"too early: {lines[0]!r}")
        check(not ESCAPES.sub("", terminal.raw[begin:].rpartition("\r\x1b[K")[2]).strip(" >\n"), "the line stays")
        n = size_for(terminal, PRODUCT, 3, 1500, 6)
        begin = len(terminal.raw)
        terminal.enter("z = " + PRODUCT.format(n=n))
        lines = [line for line in status_lines(terminal, begin) if line.startswith("ones")]
        shares = [int(found[1]) for line in lines if (found := re.search(r" (\d+)% \|", line))]
        check(len(shares) >= 3 and shares == sorted(shares) and shares[0] > 0, f"shown: {lines[:5]!r}")
        check(all(len(line) < columns for line in lines), f"wider than {columns}: {lines!r}")


def test_an_operation_that_takes_long_can_be_stopped(start):
    terminal = start("-q", "--threads", "1")
    n = size_for(terminal, SORT, 1, 1_000_000, 10)
    terminal.type_at_prompt(f"y = {SORT.format(n=n)}\n")
    terminal.expect("sort: 2.")
    begin = time.monotonic()
    terminal.type(CTRL_C)
    terminal.expect("KeyboardInterrupt")
    check(time.monotonic() - begin < 0.5, "the interrupt came late")
    check("sort" not in terminal.raw.rpartition("\x1b[K")[2].partition("KeyboardInterrupt")[0], "the line stays")
    terminal.enter("y", "NameError")


def test_no_line_for_an_operation_without_a_terminal(start):
    terminal = start("-q", "--threads", "1", TERM="dumb")
    n = size_for(terminal, SORT, 1, 1_000_000, 4)
    shown = terminal.enter(f"y = " + SORT.format(n=n))
    check("sort:" not in shown, f"on a dumb terminal: {shown!r}")
