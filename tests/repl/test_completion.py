"""What Tab offers: names, attributes by the value's type, parameters, commands, files; and what it must not do."""
import time

from .terminal import CTRL_C, check


def completed(terminal, typed, whole):
    """Types a beginning and Tab; expects the whole, and clears the line."""
    terminal.type_at_prompt(typed + "\t")
    terminal.expect(whole)
    terminal.type(CTRL_C)
    terminal.expect(">>> ")


def test_names_and_attributes(start):
    terminal = start()
    terminal.enter("import numpy as np")
    terminal.enter("brightness = ones((2, 3))")
    terminal.enter("word = 'abc'")
    terminal.enter("table = {'a': 1}")
    completed(terminal, "brightn", "brightness")
    completed(terminal, "1 + len(brightn", "brightness")
    completed(terminal, "np.lina", "np.linalg")
    completed(terminal, "np.linalg.no", "np.linalg.norm")
    completed(terminal, "word.upp", "word.upper")
    completed(terminal, "'text'.upp", "'text'.upper")
    completed(terminal, "table.ite", "table.items")
    completed(terminal, "[1, 2].inde", ".index")
    completed(terminal, "brightness.T.cums", "brightness.T.cumsum")
    completed(terminal, "brightness[0].cums", "brightness[0].cumsum")
    completed(terminal, "whi", "while")


def test_parameters(start):
    terminal = start()
    terminal.enter("blur = lambda picture, radius=1: picture")
    terminal.enter("x = ones(3)")
    completed(terminal, "sum(x, keepd", "keepdims=")
    completed(terminal, "x.sum(keepd", "keepdims=")
    completed(terminal, "blur(x[0:2], rad", "radius=")


def test_parameters_come_first(start):
    terminal = start()
    terminal.enter("own = ones(3)")
    terminal.type_at_prompt("cumsum(\t\tz")
    shown = terminal.expect("z")
    check("axis=" in shown and "own" in shown and "arange" not in shown, f"listed: {shown!r}")


def test_a_list_fits_the_window(start):
    for columns, rows in (80, 24), (200, 50):
        terminal = start(columns=columns, rows=rows)
        terminal.type_at_prompt("x = \t\tz")
        shown = terminal.expect(" more\n")
        lines = shown.splitlines()
        check(len(lines) < rows and max(map(len, lines)) <= columns, f"{columns}x{rows}: {lines!r}")


def test_commands_and_files(start):
    terminal = start()
    (terminal.folder / "digits of pi.npy").write_bytes(b"")
    (terminal.folder / "steps.inlay").write_text("steps = 3\n")
    (terminal.folder / "pictures").mkdir()
    completed(terminal, ":expl", ":explain")
    completed(terminal, ":load st", ":load steps.inlay")
    completed(terminal, "load('dig", "load('digits of pi.npy")
    completed(terminal, ":cd pic", ":cd pictures/")


def test_several_are_listed(start):
    terminal = start()
    terminal.type_at_prompt("arct\t\t")
    terminal.expect("arctan")
    terminal.expect("arctan2")
    terminal.expect("arctanh")


def test_a_function_is_not_called(start):
    terminal = start()
    terminal.enter("loud = lambda: print('called')")
    terminal.type_at_prompt("loud().\t\tz")
    shown = terminal.expect("loud().") + terminal.expect("z")
    terminal.type(CTRL_C)
    terminal.expect("^C\n")
    check("called" not in shown, "completion calls functions")


def test_it_is_fast_with_ten_thousand_names(start):
    terminal = start()
    path = terminal.folder / "names.inlay"
    path.write_text("".join(f"name_{i} = {i}\n" for i in range(10_000)) + "needle_in_hay = 1\n")
    terminal.enter(":load names.inlay")
    times = []
    for _ in range(5):
        terminal.prompted()
        begin = time.monotonic()
        terminal.type("needle\t")
        terminal.expect("needle_in_hay")
        times.append(time.monotonic() - begin)
        terminal.type(CTRL_C)
        terminal.expect(">>> ")
    check(min(times) < 0.1, f"completion takes {min(times) * 1000:.0f} ms")
