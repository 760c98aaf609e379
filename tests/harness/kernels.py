"""The suite of the instruction sets: their objects share no symbols, and programs hold the same bits on each.

Invariant: runs are compared with each other alone. A set that the processor lacks is not asked for (instruction_set.h).
"""
import json
import re
import subprocess
import tempfile
from pathlib import Path

from .program import Outcome, Program, difference
from .threads import variables_after

SETS = ("avx2", "avx512")
# Products of matrices, and what is made of them, may round otherwise on each set.
PRODUCTS = re.compile(r"@|matmul|einsum|dot|linalg|solve|inner|outer|kron|cov|corr|polyfit|conv")


def kernels(program, root, every):
    """The objects of the build beside the program; each `every`-th case of each conformance family."""
    folders = sorted((Path(program.path).parent / "runtime").glob("libinlay_kernels_*.a.p"))
    objects = [(file, folder.name.split("_")[-1].split(".")[0])
               for folder in folders for file in sorted(folder.glob("*.o"))]
    symbols = [Outcome(f"symbols of {target}'s {file.name}", shared_symbols(file, target)) for file, target in objects]
    cases = []
    for path in sorted((root / "tests" / "conformance" / "cases").glob("*.jsonl")):
        found = map(json.loads, path.read_text(encoding="utf-8").splitlines()[::every])
        cases += [(case["id"], case["code"] + "\n") for case in found if not PRODUCTS.search(case["code"])]
    return symbols + program.each(lambda case: Outcome(f"sets of {case[0]}", check_sets(program, case[1])), cases)


def shared_symbols(file, target):
    """None, or the symbols that an object of `target` could share with others: those not in its namespace.

    A symbol of other names is kept once by the linker, whichever set it was compiled for."""
    namespace = f"{len(target)}{target}"  # as it is mangled
    listed = subprocess.run(["nm", "--defined-only", "--extern-only", str(file)], stdout=subprocess.PIPE, text=True,
                            check=True)
    names = [line.split()[-1] for line in listed.stdout.splitlines() if line]
    if not names:
        return "defines nothing"
    strangers = [name for name in names if namespace not in name]
    return "\n".join(strangers) or None


def check_sets(program, source):
    """None, or how the variables after a run on a larger set differ from those of the baseline."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "script.inlay").write_text(source, encoding="utf-8")
        baseline, *others = (variables_after(on_set(program, name), folder, 1) for name in ("baseline", *SETS))
    return next(filter(None, (difference(baseline, other) for other in others)), None)


def on_set(program, name):
    """The program, with its kernels chosen by the environment."""
    chosen = Program(program.path, program.jobs, program.threads, program.timeout)
    chosen.environment["INLAY_ISA"] = name
    return chosen
