"""The suite of the command line: exit statuses, streams, arguments, and what goes where.

A case is a function `case_...(call)`; call(*arguments, stdin="", **more) runs the program in a folder of the case's own.
Invariant: no case depends on another, and what a case says is wrong is one line.
"""
import importlib.util
import json
import os
import re
import signal
import struct
import subprocess
import tempfile
import time
import zlib
from pathlib import Path

from .program import Outcome


class Wrong(Exception):
    """The program did not do what the case says."""


class Caller:
    """Runs the program in a folder."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def __call__(self, *arguments, stdin=""):
        return subprocess.run([self.program.path, *arguments], input=stdin, capture_output=True, text=True, cwd=self.folder,
                              env=self.program.environment, timeout=self.program.timeout, check=False)

    def start(self, *arguments):
        """Starts the program and does not wait for it."""
        return subprocess.Popen([self.program.path, *arguments], cwd=self.folder, env=self.program.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def write(self, name, text):
        """Writes a file into the folder."""
        path = Path(self.folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def expect(got, status=0, out="", err=None):
    """Raises Wrong unless the run ended as said; err is a part of standard error, None: nothing is there."""
    if got.returncode != status:
        raise Wrong(f"{got.args[1:]}: exit status {got.returncode}, expected {status}: {got.stderr.strip()[-300:]}")
    if got.stdout != out:
        raise Wrong(f"{got.args[1:]}: printed {got.stdout!r}, expected {out!r}")
    if (err is None and got.stderr) or (err and err not in got.stderr):
        raise Wrong(f"{got.args[1:]}: standard error holds {got.stderr!r}, expected {err!r}")


def case_ways_to_give_a_script(call):
    call.write("a.inlay", "print(argv)\n")
    expect(call("a.inlay", "1", "--two"), out="['a.inlay', '1', '--two']\n")
    expect(call("run", "a.inlay", "-q"), out="['a.inlay', '-q']\n")
    expect(call("-c", "print(argv)", "x"), out="['-c', 'x']\n")
    expect(call(stdin="print(argv)\n"), out="['-']\n")
    expect(call("-", "y", stdin="print(argv)\n"), out="['-', 'y']\n")
    expect(call("--", "a.inlay"), out="['a.inlay']\n")


def case_code_of_several_lines(call):
    expect(call("-c", "x = 2", "-c", "for i in range(x):", "-c", "    print(i, argv)", "a"),
           out="0 ['-c', 'a']\n1 ['-c', 'a']\n")
    expect(call("-c", "x = 1", "-c", "1 // 0"), 1, err="<code>:2:1")


def case_errors_as_json(call):
    got = call("--json-errors", "-c", "def f(x):", "-c", "    return x + 'é\"'", "-c", "f(1)")
    error = json.loads(got.stderr)
    if got.returncode != 1 or (error["kind"], error["source"], error["line"], error["column"]) != ("TypeError", "<code>", 2, 12):
        raise Wrong(f"--json-errors: {got.stderr}")
    if error["calls"] != [{"function": "f", "source": "<code>", "line": 3, "column": 1}] or "str" not in error["message"]:
        raise Wrong(f"--json-errors: {got.stderr}")


def case_colours_are_asked_for(call):
    expect(call("--color", "sometimes", "-c", "1"), 2, err="--color")
    if "\x1b[" not in call("--color=always", "-c", "1 // 0").stderr:
        raise Wrong("--color=always: no colours")
    if "\x1b[" in call("--color=never", "-c", "1 // 0").stderr + call("-c", "1 // 0").stderr:
        raise Wrong("colours without a terminal")
    if "\x1b[" not in call("lower", "--color", "always", "-c", "x = 1").stdout:
        raise Wrong("lower --color always: no colours")


def case_the_manual_and_the_completions_know_every_option(call):
    root = Path(__file__).resolve().parents[2]
    texts = {"docs/inlay.1": (root / "docs" / "inlay.1").read_text().replace("\\-", "-")}
    for path in sorted((root / "repl" / "completions").iterdir()):
        texts[path.name] = path.read_text()
    options = set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", call("--help").stdout))
    for name, text in texts.items():
        known = text.replace("-l ", "--") if name.endswith(".fish") else text
        if missing := sorted(each for each in options if "--" + each not in known):
            raise Wrong(f"{name} does not know {missing}")


def case_bash_completes(call):
    script = Path(__file__).resolve().parents[2] / "repl" / "completions" / "inlay.bash"
    call.write("steps.inlay", "")
    call.write("notes.txt", "")

    def offered(*words):
        code = f'source {script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _inlay; printf "%s\\n" "${{COMPREPLY[@]}}"'
        done = subprocess.run(["bash", "-c", code, "bash", *words], capture_output=True, text=True, cwd=call.folder, check=False)
        return done.stdout.split()
    for words, expected in ((["inlay", "--js"], ["--json-errors"]), (["inlay", "--color", "a"], ["auto", "always"]),
                            (["inlay", "st"], ["steps.inlay"]), (["inlay", "ex"], ["explain"]),
                            (["inlay", "lower", "--st"], ["--stage"]), (["inlay", "run", "n"], [])):
        if offered(*words) != expected:
            raise Wrong(f"{words}: {offered(*words)}, expected {expected}")


def case_exit_statuses(call):
    expect(call("-c", "1 // 0"), 1, err="ZeroDivisionError: ")
    expect(call("-c", "x = ("), 1, err="SyntaxError: ")
    expect(call("-c", "print(1)\nexit(7)"), 7, out="1\n")
    expect(call("-c", "exit()"), 0)
    expect(call("nowhere.inlay"), 2, err="nowhere.inlay")
    expect(call("--bogus"), 2, err="--bogus")
    expect(call("run"), 2, err="usage: ")
    expect(call("lower", "--stage", "nonsense", "-c", "1"), 2, err="nonsense")
    expect(call("--threads", "0", "-c", "1"), 2, err="--threads")


def case_usage_errors_are_one_line(call):
    for arguments in (["--bogus"], ["run"], ["nowhere.inlay"], ["check"], ["lower"], ["--threads", "x", "-c", "1"]):
        if (lines := call(*arguments).stderr.count("\n")) != 1:
            raise Wrong(f"{arguments}: {lines} lines on standard error")


def case_usage_errors_say_what_is_wrong(call):
    for words, reason in (("-c", "-c wants a value"), ("--color", "--color wants a value"), ("--limit", "--limit wants a value"),
                          ("--color foo -c 1", "--color: 'foo' is none of auto, always, never"),
                          ("--threads x -c 1", "--threads: 'x' is no number from 1 to 4096"),
                          ("timeit --budget 0 1", "--budget: '0' is no number from 1e-06 to 1000000"),
                          ("lower --stage nonsense -c 1", "--stage: 'nonsense' is none of ast, ir"),
                          ("lower --stagee ir -c 1", "unknown option --stagee. Did you mean: '--stage'?"),
                          ("--thread 3 -c 1", "unknown option --thread. Did you mean: '--threads'?"),
                          ("--bogus", "unknown option --bogus"), ("check a b", "unexpected argument 'b'"),
                          ("help --bogus", "unknown option --bogus"),
                          ("--threads 1 explain a.inlay", "'explain' comes before its options"),
                          ("--no-fuse=x -c 1", "--no-fuse takes no value")):
        got = call(*words.split())
        if got.returncode != 2 or not got.stderr.startswith(f"inlay: {reason} (usage: "):
            raise Wrong(f"{words}: {got.stderr!r}")
    expect(call("chekc", "a.inlay"), 2, err="inlay: cannot read 'chekc': No such file or directory. Did you mean: 'check'?\n")


def case_help_on_nothing_shows_no_code(call):
    got = call("help", "nope")
    if got.returncode != 1 or got.stderr != "inlay: there is no help on 'nope'\n":
        raise Wrong(f"help nope: {got.stderr!r}")
    expect(call("help", "setdefault"), 1, err="inlay: there is no help on 'setdefault'. Did you mean: 'dict.setdefault'?\n")
    if not call("help", "cumsum").stdout.startswith("cumsum("):
        raise Wrong("help NAME should explain the name")


def case_help_and_version(call):
    text = call("--help").stdout
    if text != call("run", "-h").stdout or len(text.split("\n")) > 60 or max(map(len, text.split("\n"))) > 80:
        raise Wrong("--help should be the same everywhere, at most 60 lines of 80 columns")
    if not call("--version").stdout.startswith("inlay "):
        raise Wrong("--version")


def case_variables_after_an_error_too(call):
    expect(call("run", "--vars-json", "v", "-c", "x = 0.5\ny = arange(2)\nz = 1 // 0"), 1, err="ZeroDivisionError")
    lines = [json.loads(line) for line in Path(call.folder, "v").read_text().splitlines()]
    if lines != [{"x": {"py_float": "0x1.0000000000000p-1"}}, {"y": {"dtype": "int64", "shape": [2], "data": [0, 1]}}]:
        raise Wrong(f"variables: {lines}")
    expect(call("--vars-json", "no/where", "-c", "x = 1"), 2, err="no/where")


def case_modules_beside_the_script(call):
    call.write("lib/tools.inlay", "def twice(x):\n    return 2 * x\n")
    call.write("lib/main.inlay", "import tools\nprint(tools.twice(4))\n")
    call.write("tools.inlay", "twice = lambda x: 'from here'\n")
    expect(call("lib/main.inlay"), out="8\n")
    expect(call("-c", "from tools import twice\nprint(twice(1))"), out="from here\n")
    expect(call("-c", "import missing"), 1, err="ImportError: ")
    call.write("bad.inlay", "x = 1\ny = 1 // 0\n")
    expect(call("-c", "import bad"), 1, err="--> bad.inlay:2:5")


def case_files_are_lent(call):
    expect(call("-c", "save('x.npy', arange(3))\nprint(load('x.npy'))"), out="[0 1 2]\n")


PNG_ROUND_TRIP = """for dtype, top in [(uint8, 255), (uint16, 65535)]:
    for shape in [(3, 5), (3, 5, 2), (3, 5, 3), (3, 5, 4), (1, 1)]:
        x = (random.default_rng(1).random(shape) * top).astype(dtype)
        imsave('p.png', x)
        assert imread('p.png').dtype == dtype and array_equal(imread('p.png'), x), (dtype, shape)
imsave('p.PNG', [[True, False]])
print(imread('p.PNG'))
imsave('p.png', [[0.0, 0.5, 1.0, 2.0, -1.0, nan]])
print(imread('p.png'))
imsave('p.png', [[0, 7, 255]])
print(imread('p.png').dtype)
imsave('p.png', arange(24, dtype=uint8).reshape(2, 3, 4).transpose(1, 0, 2))
print(imread('p.png')[2, 1])
show(array([[0.0, 10.0], [5.0, nan]]), file='p.png')
print(imread('p.png'))
"""


def case_pictures_come_back(call):
    expect(call("-c", PNG_ROUND_TRIP), out="[[255   0]]\n[[  0 128 255 255   0   0]]\nuint8\n[20 21 22 23]\n[[  0 255]\n [128   0]]\n")


def case_pictures_that_are_none(call):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    header = struct.pack(">IIBBBBB", 10**6, 10**6, 8, 0, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    for data, status, why in ((b"\x89PNG", 1, "this is no PNG file"), (b"twelve bytes", 1, "this is no PNG file"),
                              (signature, 1, "the file ends too early"),
                              (signature + chunk(b"IHDR", header) + chunk(b"IDAT", b""), 3, "memory: 931.0 GiB wanted")):
        Path(call.folder, "p.png").write_bytes(data)
        expect(call("--limit", "memory=1G", "-c", "imread('p.png')"), status, err=why)


def case_warnings_and_order_of_streams(call):
    got = call("-c", "print('a')\nx = array([1]) // 0\nprint('b')")
    expect(got, out="a\nb\n", err="warning: ")
    merged = subprocess.run([call.program.path, "-c", "print('a')\n1 // 0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, env=call.program.environment, check=False).stdout
    if not merged.startswith("a\nZeroDivisionError: "):
        raise Wrong(f"the streams are out of order: {merged!r}")


def case_check_and_lower(call):
    call.write("a.inlay", "x = 1\ny = nothing\nz = nothing_else\n")
    got = call("check", "a.inlay")
    expect(got, 1, err="a.inlay:2:5")
    if got.stderr.count("NameError: ") != 2:
        raise Wrong(f"check should report both errors: {got.stderr}")
    call.write("c.inlay", "import numpy as np\nnp.put = 1\nx = np.arrange(3)\ndef f():\n    out.append(1)\n")
    got = call("check", "c.inlay")
    expect(got, 1, err="Did you mean: 'arange'?")
    if got.stderr.count("'out' is not defined") != 1:
        raise Wrong(f"check should report a name once: {got.stderr}")
    call.write("d.inlay", "import numpy as np\nx = np.arange(3)\nnp.put(x, 0, 1)\n")
    expect(call("check", "d.inlay"))
    call.write("b.inlay", "x = 1\n")
    expect(call("check", "b.inlay"))
    call.write("e.inlay", "total = 0\ndef f():\n    total += 1\nf()\n")
    expect(call("check", "e.inlay"), 1, err="'total' belongs to an outer scope")
    if json.loads(call("check", "--json-errors", "e.inlay").stderr)["line"] != 3:
        raise Wrong("check --json-errors should say the line")
    call.write("f.inlay", "def f(x: flot32[3]):\n    return x\n")
    expect(call("check", "f.inlay"), 1, err="Did you mean: 'float32'?")
    for code, caret in (("x=10\ndel x\nprint(x)", 7), ("if False: q = 1\ny = 2*(q+1)", 8), ("print('x', x + y)\nx = y = 1", 12), ("print(a < b)\na = b = 1", 7),
                        ("def f():\n  return [1, late]\nf()\nlate = 2", 14), ("b = 1\ndel b\nb[0] = 1", 1), ("pi + q\nq = 1", 6)):
        got = call("-c", code)
        lines = got.stderr.split("\n")
        if not lines[0].startswith("NameError: ") or lines[4].split("|")[1].index("^") != caret or lines[4].count("^") != len(lines[0].split("'")[1]):
            raise Wrong(f"the caret should be under the name: {got.stderr}")
    expect(call("lower", "--stage", "ast", "-c", "x = 1"), out="(assign (name x) (int 1))\n")
    expect(call("lower", "--stage", "ast", "-c", "x = 1", "-c", "y = 2"), out="(assign (name x) (int 1))\n(assign (name y) (int 2))\n")
    expect(call("lower", "a.inlay", "-c", "x"), 2, err="either")
    if call("lower", "b.inlay").stdout != call("lower", "--stage", "ir", "-c", "x = 1").stdout:
        raise Wrong("lower: the stage should be ir, and FILE and -c should agree")


def explained(call, code):
    """The lines of the report on some code without their times, the table's head and the line of totals apart."""
    got = call("explain", "-c", code)
    if got.returncode or got.stderr:
        raise Wrong(f"explain {code!r}: exit status {got.returncode}: {got.stderr.strip()[-300:]}")
    lines = [re.sub(r"\d\S* (ns|us|ms|s)(?= )", "TIME", line).rstrip() for line in got.stdout.splitlines()]
    if any(len(line) > 100 for line in got.stdout.splitlines()):
        raise Wrong(f"explain {code!r}: a line of more than 100 columns")
    return [re.sub(" +", " ", line).strip() for line in lines]


def expect_lines(code, got, expected):
    """Raises Wrong for the first of the expected lines that is not there, after those before it."""
    rest = iter(got)
    for line in expected:
        if line not in rest:
            raise Wrong(f"explain {code!r}: no line {line!r} in its place among {got}")


def case_explain_says_what_was_done(call):
    code = "x = arange(1000) - 3\nx[x < 0] = 0\nkeep = [x]\nx[0] = 1\nfor i in range(3):\n    x[i] = i"
    expect_lines(code, explained(call, code), [
        "line statement runs time moved",
        "2 x[x < 0] = 0 1 TIME 16 kB",
        "@x = region(@x, 0, 0):",
        "# one pass: int64, 512 elements at a time",
        "# in place",
        "%2 = less(@x, 0)",
        "@x = where(%2, cast(0, @x.dtype), @x)",
        "4 x[0] = 1 1 TIME 16 kB",
        "@x = tensor_scatter_nd_update(@x, [0], 1)",
        "# copied 8 kB: 'keep' still held the tensor",
        "6 x[i] = i 3 TIME 24 B",
        "@x = update(@x, [@i], @i)",
        "# in place"])


def case_explain_says_what_was_one_pass(call):
    code = "def f(a):\n    b = a * 2\n    return b + 1\nx = f(ones(9, dtype=float32) + 1)\nx = f(x) + f(3)\nif x[0] < 0:\n    x = x + x * 2"
    expect_lines(code, explained(call, code), [
        "2 b = a * 2 1 TIME 0 B",
        "3 return b + 1 3 TIME 144 B",
        "# one pass (2 of 3 times): float32, 1024 elements at a time",
        "7 x = x + x * 2 not run"])
    code = ("def f(a):\n    b = a * array([1, 2, 3])\n    return b + 1\nx = f(1.5)\ndef g(a):\n    b = a - 2\n    return b + 1\n"
            "x = g(x)\na = ones((3, 1))\nd = x * (a * 2)")
    expect_lines(code, explained(call, code), [
        "2 b = a * array([1, 2, 3]) 1 TIME 24 B",
        "%3 = multiply(%0, %2)",
        "# in line 3",
        "3 return b + 1 1 TIME 48 B",
        "# one pass: float64, 512 elements at a time, 1 operand converted",
        "6 b = a - 2 in line 7",
        "@d = region(@x, @a, 2):",
        "# op by op"])


def case_explain_names_who_holds_a_tensor(call):
    code = "def f(a):\n    b = a\n    b[0] = 9\n    return b\nx = zeros(1000)\ny = f(x)"
    expect_lines(code, explained(call, code), ["1 def f(a): 1 TIME 0 B", "3 b[0] = 9 1 TIME 16 kB",
                                                "# copied 8 kB: 'x' still held the tensor"])


def case_explain_says_that_a_copy_in_another_order_holds_nothing(call):
    code = "a = arange(6000.0).reshape(2, 3000)\nb = a.T.copy()\na[0] = 9"
    expect_lines(code, explained(call, code), ["@a = update(@a, [0], 9)", "# in place"])


def case_explain_says_what_several_targets_and_parts_cost(call):
    code = ("m = zeros((10, 100))\nm[1], m[2] = m[2], m[1]\nh = m[3, :4]\nm[3, 0] = 1\ny = ones(1000)\n"
            "y = maximum(y, zeros(1000))")
    expect_lines(code, explained(call, code), [
        "# copied 8 kB: the statement keeps it until its last target is assigned", "# in place",
        "# copied 32 B: a part of it has another holder", "6 y = maximum(y, zeros(1000)) 1 TIME 32 kB"])


def case_explain_looks_into_collections(call):
    code = "d = {'k': zeros(1000), 'l': ones(9)}\ne = d\nd['k'][0] = 1\nd['k'][1] = 2"
    expect_lines(code, explained(call, code), ["@d = update(@d, ['k'][0], 1)", "# copied 8 kB: 'e' still held the tensor",
                                                "@d = update(@d, ['k'][1], 2)", "# in place"])


def case_explain_counts_what_is_moved_inside_collections(call):
    code = ("x = zeros(1000)\nd = {'a': [zeros(1000)]}\nd['a'][0][5:10] += 1\nd['a'][0] += 1\nx.sort()\nadd.at(x, [1, 2], 1.0)\n"
            "d = {'a': [x, x]}\nd['a'][0][3] = 1")
    expect_lines(code, explained(call, code), ["3 d['a'][0][5:10] += 1 1 TIME 80 B", "4 d['a'][0] += 1 1 TIME 16 kB",
                                                "5 x.sort() 1 TIME 16 kB", "6 add.at(x, [1, 2], 1.0) 1 TIME 32 B",
                                                "# copied 8 kB: 'x' still held the tensor"])


def case_explain_after_an_error(call):
    got = call("explain", "-c", "print(7); x = zeros(3)\nx[5] = 1\nx = 2")
    if got.returncode != 1 or "IndexError" not in got.stderr or not got.stdout.startswith("7\n"):
        raise Wrong(f"explain of a script that fails: {got}")
    if "not run" not in got.stdout.splitlines()[-3]:
        raise Wrong(f"explain of a script that fails does not say what has not run: {got.stdout}")


def case_timeit_runs_the_benchmarks(call):
    folder = Path(__file__).resolve().parents[2] / "bench"
    found = importlib.util.spec_from_file_location("workload", folder / "workload.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    works = [module.Workload(path) for path in sorted((folder / "workloads").glob("*.bench"))]
    for work in [work for work in works if min(work.sizes) <= 10_000]:
        setup, statement = (work.text(section, min(work.sizes)) for section in ("setup", "statement"))
        got = call("timeit", "--json", "--budget", "0.000001", "--setup", setup, statement)
        if got.returncode or not 0 < json.loads(got.stdout)["best_s"] < 60:
            raise Wrong(f"{work.name}: exit status {got.returncode}, {got.stdout} {got.stderr}")


def case_a_closed_pipe_ends_quietly(call):
    running = call.start("-c", "while True:\n    print('line')\n")
    running.stdout.readline()
    running.stdout.close()
    status = running.wait(timeout=call.program.timeout)
    said = running.stderr.read()
    if status != 141 or said:
        raise Wrong(f"exit status {status}, said {said!r}")


def case_ctrl_c_ends_with_130(call):
    running = call.start("-c", "print('started')\nprint('x' * 70000)\nwhile True:\n    pass\n")
    running.stdout.readline()
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=call.program.timeout)
    if running.returncode != 130 or "KeyboardInterrupt: " not in said:
        raise Wrong(f"exit status {running.returncode}, said {said!r}")


def case_ctrl_c_ends_one_long_operation(call):
    for statement in ("x = sort(x)", "x = m @ m", "x[i] = 1.5", "x = exp(x) ** 1.5 + sin(x)", "x = str(list(range(10**8)))"):
        setup = "x = arange(3e7)[::-1] * 1\ni = (arange(2 * 10**7) * 7919) % x.size\nm = ones((4000, 4000))\n"
        running = call.start("-c", f"{setup}print('started')\nprint(' ' * 70000)\nwhile True:\n    {statement}\n")
        running.stdout.readline()
        time.sleep(0.3)
        begin = time.monotonic()
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=call.program.timeout)
        if running.returncode != 130 or "KeyboardInterrupt: interrupted" not in said:
            raise Wrong(f"{statement}: exit status {running.returncode}, said {said!r}")
        if (taken := time.monotonic() - begin) > 3:
            raise Wrong(f"{statement}: stopped after {taken:.1f} s")


def case_limits(call):
    expect(call("--limit", "fuel=1000", "-c", "while True: pass"), 3, err="LimitExceeded: fuel: more than 1000 steps in one run")
    expect(call("--limit", "memory=1M", "-c", "x = zeros(2**20)"), 3, err="LimitExceeded: memory: 8.00 MiB wanted, 1.00 MiB allowed")
    expect(call("--limit", "seconds=none", "-c", "print(1)"), out="1\n")
    expect(call("--limit", "seconds=0.05", "-c", "while True: pass"), 3, err="LimitExceeded: seconds: more than 0.05 s in one run")
    expect(call("--limit", "output=5", "-c", "print(12345)"), 3, err="LimitExceeded: output: more than 5 bytes printed")
    expect(call("--limit", "written=5000", "-c", "ones(114).tofile('x')"), 3, err="LimitExceeded: written: 912 bytes wanted")
    expect(call("--limit", "elements=9", "--limit", "rank=2", "-c", "zeros(9)\nzeros(10)"), 3, err="LimitExceeded: elements: 10")
    expect(call("--limit", "rank=2", "-c", "zeros((1, 1, 1))"), 3, err="LimitExceeded: rank: ")
    expect(call("--limit", "source=3", "-c", "x = 1"), 3, err="LimitExceeded: source: ")
    expect(call("--limit", "nesting=2", "-c", "x = [[[1]]]"), 1, err="SyntaxError: too many nested")
    expect(call("--limit", "depth=5", "-c", "f = lambda n: f(n)\nf(1)"), 1, err="RecursionError: maximum recursion depth exceeded (5 calls)")
    expect(call("--limit", "fuel=none", "-c", "print(1)"), out="1\n")
    expect(call("timeit", "--limit", "fuel=10", "x = zeros(1000)"), 3, err="LimitExceeded: fuel")
    expect(call("explain", "--limit", "elements=9", "-c", "x = zeros(10)"), 3, out=call("explain", "--limit", "elements=9", "-c", "x = zeros(10)").stdout,
           err="LimitExceeded: elements")
    call.write("long.inlay", "x = 1\n" * 200000)
    call.write("deep.inlay", "x = [[[1]]]\n")
    for tool in ("check", "lower"):
        expect(call(tool, "--limit", "source=3", "deep.inlay"), 3, err="LimitExceeded: source: ")
        expect(call(tool, "--sandbox", "long.inlay"), 3, err="LimitExceeded: source: a text of ")
        expect(call(tool, "--limit", "nesting=2", "deep.inlay"), 1, err="SyntaxError: too many nested")
        expect(call(tool, "--limit", "seconds=0.001", "long.inlay"), 3, err="LimitExceeded: seconds: ")
        expect(call(tool, "--limit", "speed=1", "deep.inlay"), 2, err="--limit speed=1: no limit of this name")
    expect(call("-c", "x = zeros(10**13)"), 3, err="LimitExceeded: memory: 72.8 TiB wanted")


def case_limits_that_are_none(call):
    for text in ("fuel", "fuel=", "fuel=-1", "fuel=1.5", "fuel=1X", "fuel=99999999999T", "speed=1", "=1", ""):
        expect(call("--limit", text, "-c", "1"), 2, err="--limit")
    for text in ("seconds=x", "seconds=-1", "seconds=nan", "seconds=1x"):
        expect(call("--limit", text, "-c", "1"), 2, err="not a number of seconds, nor none")
    expect(call("--limit", "depth=5000", "-c", "1"), 2, err="at most 1000")


def case_keep_going(call):
    call.write("a.inlay", "x = 1\nif x:\n    y = nothing\nelse:\n    y = 2\n\ndef later():\n    return known_now()\n# said\n"
                          "print('on', x); print(\n    y)\ndef known_now():\n    return 5\nprint(later())\n3 + 4\nx = (1,\n2)\nprint(x)\n")
    got = call("--keep-going", "a.inlay")
    if got.returncode != 1 or got.stdout != "on 1\n5\n(1, 2)\n":
        raise Wrong(f"exit status {got.returncode}, printed {got.stdout!r}")
    if "--> a.inlay:3:9" not in got.stderr or "--> a.inlay:11:5" not in got.stderr or got.stderr.count("NameError") != 2:
        raise Wrong(f"said {got.stderr!r}")
    expect(call("--keep-going", stdin="1 // 0\nprint('still')\nexit(4)\nprint('no')\n"), 4, out="still\n", err="ZeroDivisionError")
    expect(call("--keep-going", "-c", "x = 3", "-c", "print(x"), 1, err="SyntaxError")
    expect(call(stdin="1 // 0\nprint('still')\n"), 1, err="ZeroDivisionError")


def case_the_sandbox(call):
    call.write("in/x.txt", "1 2\n3 4\n")
    call.write("in/deep/y.txt", "5\n")
    call.write("secret.txt", "7\n")
    call.write("other.inlay", "y = 1\n")
    Path(call.folder, "out").mkdir()
    Path(call.folder, "in/link.txt").symlink_to("../secret.txt")
    Path(call.folder, "in/self").symlink_to(".")
    Path(call.folder, "out/link.npy").symlink_to("../secret.txt")
    refused = "this host does not let scripts "
    for code in ("loadtxt('in/x.txt')", "loadtxt('/etc/hostname')"):
        expect(call("--sandbox", "-c", code), 1, err=refused + "read")
    expect(call("--sandbox", "-c", "save('x.npy', ones(3))"), 1, err=refused + "write")
    expect(call("--sandbox", "-c", "import other"), 1, err="ImportError: ")
    expect(call("--sandbox", "-c", "x = zeros(2**28)"), 3, err="LimitExceeded: memory: 2.00 GiB wanted, 1.00 GiB allowed")

    def granted(code):
        return call("--allow-read", "in", "--allow-write", "out", "-c", code)
    expect(granted("print(loadtxt('in/x.txt').sum(), loadtxt('in/deep/y.txt'), loadtxt('in/deep/../x.txt').sum())"), out="10.0 5.0 10.0\n")
    expect(granted(f"print(loadtxt('{Path(call.folder).resolve()}/in/x.txt').sum())"), out="10.0\n")
    for path in ("secret.txt", "in/../secret.txt", "inner/x.txt", "in", "", "out/x.npy", "/etc/hostname", "in/../../x"):
        expect(granted(f"loadtxt('{path}')"), 1, err=refused + "read")
    for path in ("in/link.txt", "in/self/x.txt", "in/none.txt", "in/deep"):
        expect(granted(f"loadtxt('{path}')"), 1, err="RuntimeError: [Errno ")
    for path in ("secret.npy", "in/x.npy", "out/../secret.npy", "out"):
        expect(granted(f"save('{path}', ones(3))"), 1, err=refused + "write")
    for path in ("out/link.npy", "out/none/x.npy"):
        expect(granted(f"save('{path}', ones(3))"), 1, err="RuntimeError: [Errno ")
    expect(granted("save('out/x.npy', ones(3))\nsave('out/x.npy', zeros(3))"))
    if Path(call.folder, "secret.txt").read_text() != "7\n" or sorted(p.name for p in Path(call.folder, "out").iterdir()) != ["link.npy", "x.npy"]:
        raise Wrong("something else was written")
    os.mkfifo(Path(call.folder, "in/pipe"))
    expect(granted("loadtxt('in/pipe')"), 1, err="not a regular file")


def case_a_full_disk_keeps_the_old_file(call):
    for options in ([], ["--allow-write", "out"]):
        Path(call.folder, "out").mkdir(exist_ok=True)
        expect(call(*options, "-c", "save('out/x.npy', arange(3))"))
        code = f"ulimit -f 8; trap '' XFSZ; exec {call.program.path} {' '.join(options)} -c \"save('out/x.npy', zeros(10**6))\""
        got = subprocess.run(["bash", "-c", code], capture_output=True, text=True, cwd=call.folder, env=call.program.environment,
                             timeout=call.program.timeout, check=False)
        if got.returncode != 1 or "RuntimeError: [Errno 27]" not in got.stderr:
            raise Wrong(f"exit status {got.returncode}, said {got.stderr!r}")
        if [p.name for p in Path(call.folder, "out").iterdir()] != ["x.npy"]:
            raise Wrong("a part of a file was left over")
        expect(call("-c", "print(load('out/x.npy'))"), out="[0 1 2]\n")


def case_a_prompt_without_a_terminal(call):
    got = call("-q", "-i", "-c", "x = 3", stdin="x + 1\nif x:\n  print('yes')\n\nexit(4)\n")
    if got.returncode != 4 or "4\n" not in got.stdout or "yes\n" not in got.stdout:
        raise Wrong(f"exit status {got.returncode}, printed {got.stdout!r}, said {got.stderr!r}")


def run_case(program, case):
    """The outcome of one case."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            case(Caller(program, folder))
        except (Wrong, subprocess.TimeoutExpired, OSError) as reason:
            return Outcome(case.__name__, str(reason))
    return Outcome(case.__name__)


def command(program):
    """One outcome per case."""
    return [run_case(program, case) for name, case in sorted(globals().items()) if name.startswith("case_")]
