"""The suite of the prompt: runs every scenario of the test_*.py beside this file.

A scenario is a function `test_...(start)`; start(*arguments, columns=80, rows=24, prompt=">>> ", **environment) begins a
session of the program in a folder of its own, where its history is. Invariant: a scenario ends, whatever the program does.
"""
import importlib
import shutil
import tempfile
from pathlib import Path

from harness.program import Outcome

from .terminal import Terminal, Unexpected


def run_scenario(program, scenario):
    """The outcome of one scenario."""
    folder = Path(tempfile.mkdtemp())
    sessions = []

    def start(*arguments, columns=80, rows=24, prompt=">>> ", **environment):
        own = folder / str(len(sessions))
        own.mkdir()
        sessions.append(Terminal(program, own, arguments, columns, rows, prompt, environment))
        return sessions[-1]
    name = f"{scenario.__module__.rpartition('.')[2]}.{scenario.__name__}"
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
    return program.each(lambda scenario: run_scenario(program, scenario), list(scenarios()))
