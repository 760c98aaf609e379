"""What can run a workload: Inlay, its peers, and C++ by hand. One class per way to ask; `available` lists those that are there.

Invariant: each timing is a process of its own, so none finds the memory or the caches of another.
"""
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def checked(command, **options):
    """What the command prints; None, with its complaint, where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
        return None
    return done.stdout


class Inlay:
    """The program under test, asked by `inlay timeit`."""
    name, title = "inlay", "Inlay"

    def __init__(self, program, threads):
        self.command = [program, "timeit", "--json"] + (["--threads", str(threads)] if threads else [])

    def seconds(self, work, size, budget):
        setup, statement = (work.text(part, size) for part in ("setup", "statement"))
        out = checked([*self.command, "--budget", str(budget), "--setup", setup, statement])
        return json.loads(out)["best_s"] if out else None


class Peer:
    """An engine of peer.py, in a Python that has it."""

    def __init__(self, name, title, python):
        self.name, self.title, self.python = name, title, python

    def is_there(self):
        return subprocess.run([self.python, "-c", f"import numpy, {self.name}"], capture_output=True).returncode == 0

    def seconds(self, work, size, budget):
        section = "statement" if self.name == "numpy" else self.name
        if section not in work.sections:
            return None
        given = {"setup": work.text("setup", size), "statement": work.text(section, size), "budget": budget}
        out = checked([self.python, str(HERE / "peer.py"), self.name], input=json.dumps(given))
        return json.loads(out.splitlines()[-1]) if out else None


class Bound:
    """The `c++` sections, compiled together for this machine by the first of them that is asked for."""
    name, title = "c++", "C++"

    def __init__(self, works, folder):
        self.works, self.program = works, Path(folder) / "bound"

    def compile(self):
        lines = [f'#include "{HERE / "bound.h"}"']
        for work in self.works:
            if self.name in work.sections:
                lines += [f"static void {work.name}(Data& data) {{", "OPERANDS(data)", work.sections[self.name].rstrip(), "}",
                          f'static const bool {work.name}_added = works.emplace("{work.name}", {work.name}).second;']
        source = self.program.with_suffix(".cpp")
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run(["g++", "-std=c++20", "-O3", "-march=native", "-ffast-math", "-fopenmp", str(source), "-o", str(self.program)],
                       check=True)

    def seconds(self, work, size, budget):
        if self.name not in work.sections:
            return None
        if not self.program.exists():
            self.compile()
        out = checked([str(self.program), work.name, str(size), str(min(work.picks, size)), str(budget)],
                      env={"OMP_WAIT_POLICY": "PASSIVE"})
        return float(out) if out else None


PEERS = {"numpy": "NumPy", "numexpr": "numexpr", "jax": "JAX", "tensorflow": "TensorFlow", "torch": "PyTorch"}


def peers(python, others, wanted):
    """Those of the wanted peers that `python`, or the Python that `others` names for one, can import."""
    found = [Peer(name, title, others.get(name, python)) for name, title in PEERS.items() if not wanted or name in wanted]
    return [peer for peer in found if peer.is_there()]
