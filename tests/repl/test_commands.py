"""The commands of the prompt, at two sizes of the window, in colours and without."""
from .terminal import check

LARGE = "x = zeros(1000000)"


def test_help(start):
    for colour in "1", None:
        terminal = start(NO_COLOR=colour)
        shown = terminal.enter(":help", "Ctrl-R")
        check(":explain STATEMENT" in shown and ":undo" in shown, shown)
        for request in "?cumsum", "cumsum?", "help(cumsum)", ":help cumsum", "?np.cumsum":
            terminal.enter(request, "cumsum(a, axis=None")
        check(("\x1b[1mcumsum(" in terminal.raw) == (colour is None), "the signature's colour")
    terminal.enter("?cumsm", "Did you mean: 'cumsum'?")
    terminal.enter(":exlain x", "there is no command :exlain. Did you mean: ':explain'?")
    terminal.enter(":qqqqqqq", "there is no command :qqqqqqq; :help lists them")
    terminal.enter(":help :undo", "takes back")
    terminal.enter(":why", "usage: :why NAME")


def test_help_on_own_names(start):
    terminal = start()
    terminal.enter("blur = lambda picture, radius=1: picture")
    terminal.enter("blur?", "(picture, radius=1)")
    terminal.enter("x = ones(3)")
    terminal.enter("x.sum?", "ndarray.sum(")


def test_variables(start):
    terminal = start()
    terminal.enter(":vars", "there are no variables")
    terminal.enter(LARGE)
    terminal.enter("y = x")
    terminal.enter("parts = [x[0:10], 'a']")
    terminal.enter("count = 3")
    shown = terminal.enter(":vars", "count")
    lines = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    check(lines["x"].split() == ["x", "float64[1000000]", "8", "MB", "y,", "parts"], lines["x"])
    check(lines["parts"].split() == ["parts", "list", "80", "B", "x,", "y"], lines["parts"])
    terminal.enter(":vars co", "count  int")


def test_why(start):
    terminal = start()
    terminal.enter(LARGE)
    terminal.enter(":why x", "nobody else holds its memory: updates happen in place")
    terminal.enter("keep = x")
    terminal.enter(":why x", "shares its memory with keep")
    terminal.enter("x[0] = 1")
    shown = terminal.enter(":why x", "still held the tensor")
    check("last copied by <input 3>, line 1: x[0] = 1" in shown, shown)
    check("8 MB: keep still held the tensor" in shown, shown)
    check("nobody else" in shown, shown)
    terminal.enter(":why kep", "there is no variable 'kep'. Did you mean: 'keep'?")


def test_the_prompt_itself_shares_nothing(start):
    terminal = start()
    terminal.enter("x = zeros(10)")
    terminal.enter("x", "float64[10]")
    terminal.enter(":explain x[0] = 1", "# in place")
    terminal.enter("x[1:3]", "float64[2]")
    terminal.enter(":explain x[0] = 1", "# in place")
    terminal.enter(LARGE)
    terminal.enter("x", "float64[1000000]  8 MB")
    terminal.enter("_.sum()", "\n0.0\n")
    terminal.enter(":why x", "nobody else")
    terminal.enter("x")
    terminal.enter("x[0] = 5")
    terminal.enter(":why x", "no update has copied it")


def test_the_last_value_may_share_what_is_large(start):
    terminal = start()
    terminal.enter(LARGE)
    terminal.enter("x[1:]", "float64[999999]")
    terminal.enter("_.shape", "(999999,)")
    terminal.enter("x[1:]", "float64[999999]")
    terminal.enter("y = 1")
    terminal.enter(":explain x[0] = 1", "# in place")
    terminal.enter("_", "NameError")
    terminal.enter("x[2:]", "float64[999998]")
    terminal.enter("x[0] = _[0]")
    terminal.enter(":why x", "_ still held the tensor")
    terminal.enter("_", "NameError")
    terminal.enter("[x, 1]", "array(")
    terminal.enter("_[1]", "\n1\n")
    terminal.enter("_ = 7")
    terminal.enter("_ + 1", "\n8\n")


def test_what_happens(start):
    terminal = start()
    terminal.enter("x = arange(6) - 3")
    terminal.enter(":lower x[x < 0] = 0", "@x = where(%")
    terminal.enter("m = x > 0")
    terminal.enter(":lower x[m] = 0", "@x = where(@m, cast(0, @x.dtype), @x)")
    terminal.enter(":lower x[m[1:]] = 0", "@x = update(@x, ")
    terminal.enter(":lower x[2:4] = 0", "@x = slice_update(@x, [2:4], 0)")
    terminal.enter(":lower x[array([1, 2])] = 0", "@x = tensor_scatter_nd_update(@x, ")
    terminal.enter("y = x")
    terminal.enter(":explain x[x < 0] = 0", "'y' still held the tensor")
    terminal.enter("x", "[0 0 0 0 1 2]")
    terminal.enter(":time x.sum()", "s; 56 B moved, ")
    terminal.enter("y = x")
    terminal.enter(":time x[0] = 7", "/s; copied 48 B: y still held the tensor\n")
    shown = terminal.enter(":time x[0] = 8", "s\n")
    check("copied" not in shown, f"an update in place copies: {shown!r}")
    terminal.enter("def first(x):", prompt="... ")
    terminal.enter("x[0] = 9", prompt="... ")
    terminal.enter("")
    shown = terminal.enter(":time [first(y) for i in range(3)]", "tensor\n")
    check("copied 144 B, 3 times: y still held the" in shown.replace("\n    ", " "), shown)
    terminal.enter(":timeit x + 1", "; 96 B moved, ")
    terminal.enter(":explain x[9] = 1", "IndexError")
    terminal.enter(":lower x[", prompt="... ")
    terminal.enter("0] = 1", "@x = tensor_scatter_nd_update(@x, [0], 1)")


def test_what_happens_in_colour(start):
    terminal = start(NO_COLOR=None, columns=200, rows=50)
    terminal.enter("x = arange(6)")
    terminal.enter(":explain x[0] = 1", "in place")
    check("\x1b[32m" in terminal.raw, "in place is not green")
    terminal.enter("y = x")
    terminal.enter(":explain x[0] = 1", "copied")
    check("\x1b[1;31m" in terminal.raw, "copied is not red")


def test_options(start):
    terminal = start()
    terminal.enter(":set precision 3")
    terminal.enter("array([pi])", "[3.142]")
    terminal.enter(":set", "precision   3")
    terminal.enter(":set nanstr none")
    terminal.enter("array([nan])", "[none]")
    terminal.enter(":set precision wide", "name 'wide' is not defined")
    terminal.enter(":set colour on", "there is no option 'colour'; :set lists them")
    terminal.enter(":set precision", "usage: :set precision VALUE")
    terminal.enter(":set undo much", "usage: :set undo MEGABYTES")
    terminal.enter(":set undo 64")
    terminal.enter(":set", "64 MB")


def test_undo_and_redo(start):
    terminal = start()
    terminal.enter(":undo", "there is nothing to undo")
    terminal.enter("x = arange(3)")
    terminal.enter("x[0] = 7")
    terminal.enter("y = x * 2")
    terminal.enter(":undo", "undo: y = x * 2")
    terminal.enter("y", "NameError")
    terminal.enter(":undo", "x as before")
    terminal.enter("x", "[0 1 2]")
    terminal.enter(":redo", "redo: x[0] = 7")
    terminal.enter("x", "[7 1 2]")
    terminal.enter(":redo", "redo: y")
    terminal.enter("y", "[14  2  4]")
    terminal.enter(":redo", "there is nothing to redo")
    terminal.enter("del x")
    terminal.enter(":undo", "x as before")
    terminal.enter("x", "[7 1 2]")


def test_undo_never_copies_a_large_tensor(start):
    terminal = start()
    terminal.enter(LARGE)
    terminal.enter("x[0] = 1")
    terminal.enter(":why x", "no update has copied it")
    terminal.enter(":undo", "not kept, and as it is: x")
    terminal.enter("x[0]", "\n1.0\n")
    terminal.enter("x = x + 1")
    terminal.enter(":undo", "x as before")
    terminal.enter("x[1]", "\n0.0\n")
    terminal.enter(":set undo 1")
    terminal.enter("x = x + 1")
    terminal.enter(":undo", "not kept, and as it is: x")


def test_snapshots(start):
    terminal = start()
    terminal.enter("x = arange(3)")
    terminal.enter(":snapshot before", "snapshot 'before' of 1 variable\n")
    terminal.enter("x[0] = 9; y = 1")
    terminal.enter(":restore bfore", "there is no snapshot 'bfore'; there is before")
    terminal.enter(":restore before", "restored 'before'")
    terminal.enter("x", "[0 1 2]")
    terminal.enter("y", "NameError")
    terminal.enter(":restore before", "restored")
    terminal.enter(":reset")
    terminal.enter("x", "NameError")
    terminal.enter(":restore", "there is no snapshot 'last'\n")


def test_files(start):
    terminal = start()
    terminal.enter("a = 2")
    terminal.enter("b = a +", "SyntaxError")
    terminal.enter("for i in range(2):", prompt="... ")
    terminal.enter("a += i", prompt="... ")
    terminal.enter("")
    terminal.enter(":save work.inlay", "2 entries in 'work.inlay'")
    check((terminal.folder / "work.inlay").read_text() == "a = 2\nfor i in range(2):\n    a += i\n", "what was saved")
    terminal.enter(":reset")
    terminal.enter(":load work.inlay")
    terminal.enter("a", "\n3\n")
    terminal.enter(":load nothing.inlay", "cannot read 'nothing.inlay': No such file")
    terminal.enter(":save /nowhere/x", "cannot write '/nowhere/x'")
    (terminal.folder / "inner").mkdir()
    terminal.enter(":cd inner", "/inner\n")
    terminal.enter(":cd nothing", "cannot enter 'nothing'")


def test_editing(start):
    terminal = start(EDITOR="sed -i s/1/41/", VISUAL=None)
    terminal.enter("x = 1")
    terminal.enter(":edit", "x = 41")
    terminal.enter("x", "\n41\n")
    (terminal.folder / "own.inlay").write_text("z = 1\n")
    terminal.enter(":edit own.inlay")
    terminal.enter("z", "\n41\n")
    failing = start(EDITOR="false", VISUAL=None)
    failing.enter(":edit", "the editor failed; nothing was run")


def test_init_file(start):
    first = start()
    first.enter("1")
    folder = first.folder / "config" / "inlay"
    folder.mkdir(parents=True)
    (folder / "init.inlay").write_text("golden = 1.618\nset_printoptions(precision=2)\n")
    config = str(folder.parent)
    own = start(XDG_CONFIG_HOME=config)
    own.enter("array([golden])", "[1.62]")
    plain = start("--no-init", XDG_CONFIG_HOME=config)
    plain.enter("golden", "NameError")


def test_a_hint_where_numpy_surprises(start):
    terminal = start()
    terminal.enter("x = zeros((2, 3, 4))")
    terminal.enter("x[[0, 1], :, [1, 2]].shape", "hint: index arrays with a slice between them")
    shown = terminal.enter("x[:, [0, 1], [1, 2]].shape", "(2, 2)\n")
    check("hint" not in shown, shown)


def test_semicolon_and_large_values(start):
    terminal = start()
    shown = terminal.enter("40 + 2;")
    check("42" not in shown, f"shown in spite of ';': {shown!r}")
    terminal.enter("_", "42\n")
    terminal.enter("ones((2000, 1000))", "float64[2000, 1000]  16 MB\n[[1. 1. 1. ... 1. 1. 1.]")
