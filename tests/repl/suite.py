"""The suite of the prompt: runs every scenario of the test_*.py beside this file.

A scenario is a function `test_...(start)`; start(*arguments, columns, rows, prompt=">>> ", **environment) begins a session of
the program in a folder of its own, where its history is. Each runs in a small window without colours and in a large one in
colours, or under a sanitizer, where the program is slow, in the small one alone; what a scenario says of its windows itself
holds instead. Invariant: a scenario ends, whatever the program does.
"""
import importlib
import shutil
import tempfile
from pathlib import Path

from harness.program import Outcome

from .terminal import Terminal, Unexpected


WINDOWS = (80, 24, {}), (200, 50, {"NO_COLOR": None})


def run_scenario(program, scenario, window):
    """The outcome of one scenario in a window."""
    width, height, colours = window
    folder = Path(tempfile.mkdtemp())
    sessions = []

    def start(*arguments, columns=width, rows=height, prompt=">>> ", **environment):
        own = folder / str(len(sessions))
        own.mkdir()
        sessions.append(Terminal(program, own, arguments, columns, rows, prompt, {**colours, **environment}))
        return sessions[-1]
    start.path = program.path
    name = f"{scenario.__module__.rpartition('.')[2]}.{scenario.__name__} at {width}x{height}"
    try:
        scenario(start)
        return Outcome(name)
    except Unexpected as reason:
        return Outcome(name, str(reason))
    finally:
        for session in sessions:
            session.close()
        shutil.rmtree(folder, ignore_errors=True)


def scenarios():
    """Every scenario, file by file."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"repl.{path.stem}")
        yield from (function for name, function in vars(module).items() if name.startswith("test_"))


def suite(program):
    """One outcome per scenario."""
    windows = WINDOWS[:1] if program.is_sanitized() else WINDOWS
    runs = [(scenario, window) for window in windows for scenario in scenarios()]
    return program.each(lambda run: run_scenario(program, *run), runs)
