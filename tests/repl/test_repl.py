"""Entries at the prompt: lines and blocks, their values, errors, interrupts, history."""
import stat
import time

from .terminal import CTRL_C, CTRL_D, CTRL_R, DELETE, PASTE, UP, check


def test_values_are_shown_with_dtype_and_shape(start):
    terminal = start()
    terminal.enter("1 + 1", "\n2\n")
    terminal.enter("'a'", "\n'a'\n")
    terminal.enter("ones((2, 3), dtype=float32)", "\nfloat32[2, 3]\n[[1. 1. 1.]\n [1. 1. 1.]]\n")
    terminal.enter("nothing = None")
    shown = terminal.enter("nothing")
    check("None" not in shown, f"None is shown: {shown!r}")


def test_blocks_are_entered_line_by_line(start):
    terminal = start()
    terminal.enter("for i in range(3):", prompt="... ")
    terminal.enter("print('line', i)", prompt="... ")
    terminal.enter("", "line 0\nline 1\nline 2\n")
    terminal.enter("x = [1,", prompt="... ")
    terminal.enter("2]")
    terminal.enter("x", "[1, 2]\n")


def test_indentation_is_offered(start):
    terminal = start()
    terminal.enter("def sign(x):", prompt="... ")
    terminal.enter("if x < 0:", prompt="... ")
    terminal.enter("y = -1", prompt="... ")
    terminal.enter(DELETE + "elif x > 0:", prompt="... ")
    terminal.enter("return 1", prompt="... ")
    terminal.enter("else:", prompt="... ")
    terminal.enter("y = 0", prompt="... ")
    terminal.enter(DELETE + "return y", prompt="... ")
    terminal.enter("")
    terminal.enter("sign(-5), sign(0), sign(2)", "\n(-1, 0, 1)\n")


def test_last_value(start):
    terminal = start()
    terminal.enter("6 * 7", "42\n")
    terminal.enter("_ + 1", "43\n")
    terminal.enter("y = 5")
    terminal.enter("_", "43\n")


def test_an_error_keeps_the_state(start):
    terminal = start()
    terminal.enter("x = arange(3)")
    shown = terminal.enter("x[[0, 9]] = 7", "IndexError: ")
    terminal.enter("x", "[0 1 2]\n")
    check("^" in shown, f"no caret: {shown!r}")
    terminal.enter("y = nothing_here", "NameError: ")
    terminal.enter("x[1] = )", "SyntaxError: ")
    terminal.enter("x.sum()", "int64[]\n3\n")


def test_the_caret_is_under_the_name_that_is_not_known(start):
    terminal = start()
    terminal.enter("answer = 1 + nothing", " 1 | answer = 1 + nothing\n   |              ^^^^^^^\n")
    terminal.enter("y = nothing", " 1 | y = nothing\n   |     ^^^^^^^\n")
    terminal.enter("def f(x):", prompt="... ")
    terminal.enter("return x * 2 + nothing", prompt="... ")
    terminal.enter("")
    terminal.enter("f(1)", " 2 |     return x * 2 + nothing\n   |                    ^^^^^^^\n")
    terminal.enter("f(ones(3))", " 2 |     return x * 2 + nothing\n   |                    ^^^^^^^\n")


def test_ctrl_c_interrupts_and_keeps_the_state(start):
    terminal = start()
    terminal.enter("n = 0")
    terminal.enter("while True:", prompt="... ")
    terminal.enter("n += 1", prompt="... ")
    terminal.type("\n")
    time.sleep(0.3)
    begin = time.monotonic()
    terminal.type(CTRL_C)
    terminal.expect("KeyboardInterrupt: ")
    terminal.expect(">>> ")
    check(time.monotonic() - begin < 2, "the interrupt came late")
    terminal.enter("n > 0", "\nTrue\n")


def test_ctrl_c_clears_a_line(start):
    terminal = start()
    terminal.type_at_prompt("this is not meant")
    terminal.expect("this is not meant")
    terminal.type(CTRL_C)
    terminal.expect("^C\n")
    terminal.expect(">>> ")
    terminal.enter("if True:", prompt="... ")
    terminal.prompted()
    terminal.type(CTRL_C)
    terminal.expect("^C\n")
    terminal.expect(">>> ")
    terminal.prompted()
    terminal.type(CTRL_C)
    terminal.expect("Ctrl-D leaves")
    terminal.expect(">>> ")
    terminal.enter("2 + 2", "\n4\n")


def test_history_is_kept(start):
    terminal = start()
    terminal.enter("first = 10")
    terminal.enter("for i in range(2):", prompt="... ")
    terminal.enter("print('again', i)", prompt="... ")
    terminal.enter("", "again 1\n")
    terminal.type_at_prompt(CTRL_D)
    check(terminal.status() == 0, "Ctrl-D should leave with status 0")
    path = terminal.folder / "inlay" / "history"
    check(path.exists(), "there is no history file")
    check(stat.S_IMODE(path.stat().st_mode) == 0o600, f"the history's mode is {stat.S_IMODE(path.stat().st_mode):o}")
    again = start(XDG_STATE_HOME=str(terminal.folder))
    again.type_at_prompt(UP)
    again.expect("print('again', i)")
    again.type("\n")
    again.enter("", "again 1\n")
    again.type_at_prompt("fir" + UP)
    again.expect("first = 10")
    again.enter("", prompt=">>> ")
    again.type_at_prompt(CTRL_R + "first =")
    again.expect("irst = 10")
    again.type("\nprint('sum', first + 5)\n")
    again.expect("sum 15")


def test_history_has_an_entry_once(start):
    terminal = start()
    for line in "a = 1", "a = 1", "b = 2":
        terminal.enter(line)
    terminal.type_at_prompt(CTRL_D)
    terminal.status()
    entries = [line for line in (terminal.folder / "inlay" / "history").read_text().splitlines() if "040" in line]
    check(len(entries) == 2, f"the history holds {entries}")


def test_history_that_cannot_be_kept_does_no_harm(start):
    terminal = start(XDG_STATE_HOME="/proc/nowhere")
    terminal.enter("1 + 1", "\n2\n")
    terminal.type_at_prompt(CTRL_D)
    check(terminal.status() == 0, "should leave with status 0")


BLOCKS = "def f(x):\n    y = x * 2\n\n    return y + 1\n\nprint('f', f(4))\nfor i in range(2):\n    print('i', i)\n\n"


def test_text_typed_ahead_runs_whole(start):
    terminal = start()
    terminal.type(BLOCKS)
    terminal.expect("f 9\n")
    terminal.expect("i 0\ni 1\n")
    terminal.enter("f(0)", "\n1\n")


def test_pasted_blocks_run_whole(start):
    terminal = start()
    terminal.paste(BLOCKS)
    terminal.expect("f 9\n")
    terminal.expect("i 0\ni 1\n")
    terminal.expect(">>> ")
    terminal.paste("f(2)")
    terminal.expect("f(2)")
    terminal.enter("", "\n5\n")


def test_a_paste_that_comes_key_by_key_runs_whole(start):
    terminal = start()
    terminal.prompted()
    for key in PASTE.format(BLOCKS.replace("\n", "\r")):
        terminal.type(key)
        terminal.read(0.001)
    terminal.expect("f 9\n")
    terminal.expect("i 0\ni 1\n")
    terminal.enter("f(1)", "\n3\n")


def test_ctrl_c_after_every_key_changes_nothing(start):
    terminal = start()
    terminal.enter("x = 1")
    first, second = "x = [2,", "3, 'a b'"
    for count in range(1, len(first + second) + 1):
        if count > len(first):
            terminal.enter(first, prompt="... ")
        typed = first[:count] if count <= len(first) else second[:count - len(first)]
        terminal.type_at_prompt(typed)
        terminal.expect(typed)  # or the key would be overtaken
        terminal.type(CTRL_C)
        terminal.expect("^C\n")
        terminal.expect(">>> ")
    terminal.enter("x", "\n1\n")


def test_the_end_of_a_paste_can_be_edited(start):
    terminal = start()
    terminal.paste("a = 20\na + ")
    terminal.expect("a + ")
    terminal.enter("1", "\n21\n")


def test_a_transcript_can_be_pasted(start):
    terminal = start()
    terminal.paste(">>> x = arange(3)\n>>> for v in x:\n...     print('v', v)\n...\nv 0\nv 1\nv 2\n>>> x + 1\n")
    terminal.expect("\nv 0\nv 1\nv 2\n")
    terminal.expect("int64[3]\n[1 2 3]\n")


def test_a_long_paste_runs_every_line(start):
    terminal = start()
    terminal.enter("n = 0")
    begin = time.monotonic()
    terminal.paste("".join(f"n += {i % 7}\n" for i in range(3000)) + "print('sum', n)\n")
    terminal.expect(f"sum {sum(i % 7 for i in range(3000))}\n")
    check(time.monotonic() - begin < 10, f"3000 lines took {time.monotonic() - begin:.1f} s")


def test_leaving(start):
    for line, status in [("exit()", 0), ("exit(7)", 7), ("exit", 0), ("quit", 0)]:
        terminal = start()
        terminal.type(line + "\n")
        check(terminal.status() == status, f"{line}: exit status {terminal.status()}")


def test_colours(start):
    plain = start(NO_COLOR="1")
    plain.enter("1 // 0", "ZeroDivisionError")
    check("\x1b[1;31m" not in plain.raw, "colours in spite of NO_COLOR")
    coloured = start(NO_COLOR=None)
    coloured.enter("1 // 0", "ZeroDivisionError")
    check("\x1b[1;31mZeroDivisionError" in coloured.raw, "no colours at a terminal")


def test_text_beyond_ascii(start):
    terminal = start(LC_ALL="C.UTF-8")
    terminal.enter("größe = 'π'")
    terminal.enter("größe + '日本'", "'π日本'\n")
