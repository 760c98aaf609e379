"""A session of the program at a pseudo-terminal: types, and reads what is shown.

Knows nothing of the language. Invariant: nothing waits longer than the program's time-out.
"""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

PASTE = "\x1b[200~{}\x1b[201~"  # as a terminal brackets what is pasted
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
CTRL_A, CTRL_C, CTRL_D, CTRL_R, DELETE, UP = "\x01", "\x03", "\x04", "\x12", "\x7f", "\x1b[A"


class Unexpected(Exception):
    """The terminal did not show what it should have."""


class Terminal:
    """A session of the program at a pseudo-terminal, which is read from the start to the prompt (None: not at all)."""

    def __init__(self, program, folder, arguments=(), columns=80, rows=24, prompt=">>> ", environment=None):
        self.timeout = min(program.timeout, 20.0)
        self.folder = folder
        self.program = program
        own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        given = {**program.environment, "TERM": "vt100", "XDG_STATE_HOME": str(folder),
                 "HOME": str(folder), **(environment or {})}
        given = {name: value for name, value in given.items() if value is not None}
        self.process = subprocess.Popen([program.path, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=given, cwd=folder,
                                        start_new_session=True, preexec_fn=take_terminal)
        os.close(theirs)
        self.descriptor = own
        self.raw = ""
        self.seen = 0
        if prompt is not None:
            self.expect(prompt)

    @property
    def shown(self):
        """What was shown since the last expect(), without escapes."""
        return ESCAPES.sub("", self.raw)[self.seen:]

    def type(self, text):
        """Types keys."""
        os.write(self.descriptor, text.encode())

    def type_at_prompt(self, text):
        """Types keys once the prompt reads them one by one: until then the terminal takes ^D for itself."""
        end = time.monotonic() + self.timeout
        while termios.tcgetattr(self.descriptor)[3] & termios.ICANON and time.monotonic() < end:
            time.sleep(0.005)
        self.type(text)

    def read(self, seconds):
        """Reads what is shown next; False where nothing comes in time."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:
            return False
        self.raw += data.decode("utf-8", errors="replace")
        return bool(data)

    def expect(self, text):
        """Reads until the text is shown; returns what came before it."""
        end = time.monotonic() + self.timeout
        while text not in self.shown:
            if time.monotonic() > end or not self.read(max(0.0, end - time.monotonic())):
                raise Unexpected(f"expected {text!r}, shown {self.shown[-500:]!r}")
        before, _, _ = self.shown.partition(text)
        self.seen += len(before) + len(text)
        return before

    def expect_prompt(self):
        """Reads until a prompt begins a line; returns what came before it."""
        end = time.monotonic() + self.timeout
        while not (found := re.search(r"(?:^|\n)>>> ", self.shown)):
            if time.monotonic() > end or not self.read(max(0.0, end - time.monotonic())):
                raise Unexpected(f"expected a prompt, shown {self.shown[-500:]!r}")
        before = self.shown[:found.start() + (found[0][0] == "\n")]
        self.seen += found.end()
        return before

    def enter(self, line, answer=None, prompt=">>> "):
        """Types a line; expects what it shows, and the next prompt. Returns what was shown."""
        self.type_at_prompt(line + "\n")
        before = self.expect(answer) + answer if answer else ""
        return before + self.expect(prompt)

    def prompted(self):
        """Waits until the prompt reads keys one by one, so that what is typed next is not taken by the terminal itself."""
        self.type_at_prompt("")

    def paste(self, text):
        """Pastes a text as terminals do."""
        self.type_at_prompt(PASTE.format(text.replace("\n", "\r")))

    def status(self):
        """Waits for the program's end; its exit status."""
        end = time.monotonic() + self.timeout
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.05)
        if self.process.poll() is None:
            raise Unexpected("the program does not end")
        return self.process.returncode

    def close(self):
        """Leaves as a person would, then again with the entry given up; what has still not ended is killed."""
        self.timeout = min(self.timeout, 0.5)
        try:
            for keys in (CTRL_D, CTRL_C + CTRL_D):
                if self.process.poll() is None:
                    self.leave(keys)
        except OSError:
            pass  # nobody is there to type to
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.descriptor)

    def leave(self, keys):
        """Types keys, and waits a little for the program's end."""
        try:
            self.type_at_prompt(keys)
            self.status()
        except Unexpected:
            pass


def take_terminal():
    """Makes standard input the controlling terminal, so that ^C is a signal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def check(condition, message):
    """Raises Unexpected unless the condition holds."""
    if not condition:
        raise Unexpected(message)
