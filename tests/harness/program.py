"""Starting the program under test, and reading what it says when it stops.

Knows the command line and the form of an error report; knows nothing about suites or files of tests.
Invariant: a run never raises. A crash, a hang and text that is not UTF-8 are all visible in the Result.
"""
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

TIMED_OUT = 124  # what coreutils' timeout reports, so that no exit status of the program is mistaken for it
REPORT = re.compile(r"^(?P<kind>[A-Z]\w+): (?P<message>.*?)\n *--> (?P<file>[^\n]*):(?P<line>\d+):(?P<column>\d+)$",
                    re.MULTILINE | re.DOTALL)


@dataclass
class Outcome:
    """One counted test: its name, and None or what went wrong (may be several lines)."""
    name: str
    failure: str | None = None


@dataclass
class Result:
    """What one run of a command gave."""
    status: int
    stdout: str
    stderr: str

    @property
    def stopped_badly(self):
        """None, or one line saying that the program crashed, hung or was stopped by a sanitizer."""
        if self.status == TIMED_OUT:
            return "no answer in time"
        if self.status < 0 or self.status not in (0, 1, 2, 3, 130, 141):
            return f"died with exit status {self.status}: {self.stderr.strip()[-2000:]}"
        return None

    def error(self):
        """The match of REPORT on standard error (groups kind, message, file, line, column), or None."""
        return REPORT.search(self.stderr)


def run(command, timeout, cwd=None, env=None, merge=False):
    """Runs a command to its end; with merge, stderr arrives in stdout in the order written."""
    try:
        done = subprocess.run(command, cwd=cwd, env=env, timeout=timeout, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT if merge else subprocess.PIPE)
    except subprocess.TimeoutExpired:
        return Result(TIMED_OUT, "", "")
    except OSError as reason:
        return Result(127, "", str(reason))
    return Result(done.returncode, text_of(done.stdout), text_of(done.stderr or b""))


def text_of(data):
    """Bytes as text; what is not UTF-8 shows as \\x.. and so never compares equal."""
    return data.decode("utf-8", errors="backslashreplace")


@dataclass
class Program:
    """The inlay binary, with the settings that hold for a whole run of the tests."""
    path: str
    jobs: int = 1
    threads: int | None = None
    timeout: float = 60.0
    fuse: bool = True

    def __post_init__(self):
        self.path = os.path.abspath(self.path)
        self.environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        if self.threads:
            self.environment["OMP_NUM_THREADS"] = str(self.threads)

    def call(self, arguments, cwd=None, merge=False):
        """Runs `inlay ARGUMENTS`."""
        return run([self.path, *arguments], self.timeout, cwd, self.environment, merge)

    def run_file(self, path, options=(), cwd=None, merge=False):
        """Runs `inlay run OPTIONS PATH`."""
        threads = ["--threads", str(self.threads)] if self.threads else []
        fuse = [] if self.fuse else ["--no-fuse"]
        return self.call(["run", *threads, *fuse, *options, path], cwd, merge)

    def is_sanitized(self):
        """Whether it was built with a sanitizer, by what the build's folder says."""
        about = Path(self.path).parent / "meson-info" / "intro-buildoptions.json"
        options = json.loads(about.read_text(encoding="utf-8")) if about.exists() else []
        return any(option["name"] == "b_sanitize" and option["value"] not in ("none", []) for option in options)

    def each(self, function, items):
        """[function(item) for item in items], `jobs` at a time; results in the order of the items."""
        with ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(lambda item: guarded(function, item), items))


def guarded(function, item):
    """The function's answer; names the item when the harness itself fails on it."""
    try:
        return function(item)
    except Exception:
        print(f"tests/run.py failed on {item!r}", file=sys.stderr)
        raise


def difference(expected, actual):
    """None if the texts are equal, else the lines around the first difference."""
    if expected == actual:
        return None
    want, got = expected.split("\n"), actual.split("\n")
    at = next((n for n, (w, g) in enumerate(zip(want, got)) if w != g), min(len(want), len(got)))
    show = lambda lines: "\n".join(f"    | {line}" for line in lines[max(0, at - 1):at + 4]) or "    | (nothing)"
    return f"differs at line {at + 1}\n  expected\n{show(want)}\n  got\n{show(got)}"
