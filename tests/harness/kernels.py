"""The suite of the instruction sets: their objects share no symbols, programs hold the same bits on each, and run on an
emulated old processor.

Invariant: runs are compared with each other alone. A set that the processor lacks is skipped aloud, and counts nowhere:
asked for, it would be the next lesser one (instruction_set.h).
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .program import Outcome, Program, difference, run
from .threads import variables_after

# A set, and what a processor that has it says of itself.
SETS = {"avx2": {"avx2", "bmi2"}, "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}}
# Each goes through kernels that exist once per set.
OLD_PROCESSOR = (
    "x = arange(1000) / 7; print(sum(x), max(x), argmin(x), std(x), median(x), sum(exp(-x) * sin(x)))",
    "x = arange(5000) * 7919 % 5003; print(sort(x)[:9], argsort(x)[:9], unique(x % 7), cumsum(x)[-1], x[x > 4990])",
    "x = arange(600).reshape(20, 30).astype(float32); x[x % 7 == 0] = -1; print(x @ x.T, where(x < 3, x, 0).sum(axis=1))",
    "x = arange(99); print((x // 10)[[5, 50, -1]], x.astype(float16)[::9], nonzero(x % 10 == 0), any(x > 98))",
)
# Alternating sums and differences of products, which are where compilers contract.
COMPLEX = (
    "c = (((arange(200)*3%17)/3) + 1j*((arange(200)*7%11)/7)).astype(complex64); a = c*c; b = c[8:30]*c[8:30]\n"
    "s = square(c); p = prod(c[:9]); t = (c*c).sum(); q = c/(c[::-1]+1); r = reciprocal(c+1)\n"
    "assert all(b == a[8:30]) and all(s == a) and all(array([v*v for v in c]) == a)\n",
    "c = linspace(-2, 1, 97) + 1j*linspace(-1, 1, 61).reshape(-1, 1); z = zeros((61, 97), complex128); n = zeros((61, 97))\n"
    "for i in range(9):\n    live = abs(z) < 2\n    z[live] = z[live]*z[live] + c[live]\n    n[live] += 1\n",
)
CLANG_COUNTS = ("__covrec_", "__profc_")
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
    cases += [(source.split(";")[0], source) for source in COMPLEX]
    sets = present_sets()
    outcomes = program.each(lambda case: Outcome(f"sets of {case[0]}", check_sets(program, sets, case[1])), cases if sets else [])
    fused = program.each(lambda each: Outcome(f"contractions in {each[1]}'s {each[0].name}", contractions(each[0])), objects)
    return symbols + fused + [Outcome("an unknown set is refused", check_unknown_set(program))] + outcomes + emulated(program)


def present_sets():
    """The names of SETS that this processor has."""
    try:
        flags = set(re.search(r"^flags\s*:(.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)[1].split())
    except (OSError, TypeError):
        flags = set()
    for name in (name for name, needed in SETS.items() if not needed <= flags):
        print(f"kernels: skipped {name}: this processor lacks it", file=sys.stderr)
    return [name for name, needed in SETS.items() if needed <= flags]


def check_unknown_set(program):
    """None, or what the program says to a name that is no set's."""
    got = on_set(program, "sse9").call(["-c", "print(1)"])
    wanted = "ValueError: INLAY_ISA='sse9' is no instruction set: there are baseline, avx2, avx512"
    return None if got.status == 1 and wanted in got.stderr else f"status {got.status}: {got.stdout}{got.stderr}"


def emulated(program):
    """The programs of OLD_PROCESSOR on an emulated processor without AVX, with the results of this one."""
    if program.is_sanitized():
        return []  # a sanitizer's map of memory takes gigabytes there
    if shutil.which("qemu-x86_64") is None or os.uname().machine != "x86_64":
        print("kernels: skipped the emulated old processor: there is no qemu-x86_64 (Debian: qemu-user)", file=sys.stderr)
        return []
    return program.each(lambda source: Outcome(f"old processor: {source}", check_emulated(program, source)), OLD_PROCESSOR)


def check_emulated(program, source):
    """None, or how the run on the emulated processor differs."""
    here = program.call(["-c", source])
    there = run(["qemu-x86_64", "-cpu", "Nehalem", program.path, "-c", source], 10 * program.timeout,
                env=program.environment)
    if here.status != 0 or there.status != 0:
        return f"status {there.status}: {there.stderr}, here {here.status}: {here.stderr}"
    return difference(here.stdout, there.stdout)


def shared_symbols(file, target):
    """None, or the symbols that an object of `target` could share with others: those not in its namespace.

    A symbol of other names is kept once by the linker, whichever set it was compiled for. Clang's counters, and its
    records of what they count, are no code."""
    namespace = f"{len(target)}{target}"  # as it is mangled
    listed = subprocess.run(["nm", "--defined-only", "--extern-only", str(file)], stdout=subprocess.PIPE, text=True,
                            check=True)
    names = [line.split()[-1] for line in listed.stdout.splitlines() if line]
    if not names:
        return "defines nothing"
    strangers = [name for name in names if namespace not in name and not name.startswith(CLANG_COUNTS)]
    return "\n".join(strangers) or None


def contractions(file):
    """None, or instructions of an object that round a product and a sum at once, which no other set does."""
    listed = subprocess.run(["objdump", "-d", "--no-show-raw-insn", str(file)], stdout=subprocess.PIPE, text=True, check=True)
    found = re.findall(r"\bvfn?m(?:add|sub|addsub|subadd)[0-9]\w+", listed.stdout)
    return f"{len(found)}, as {found[0]}" if found else None


def check_sets(program, sets, source):
    """None, or how the variables after a run on one of the sets differ from those of the baseline."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "script.inlay").write_text(source, encoding="utf-8")
        baseline, *others = (variables_after(on_set(program, name), folder, 1) for name in ("baseline", *sets))
    return next(filter(None, (difference(baseline, other) for other in others)), None)


def on_set(program, name):
    """The program, with its kernels chosen by the environment."""
    chosen = Program(program.path, program.jobs, program.threads, program.timeout)
    chosen.environment["INLAY_ISA"] = name
    return chosen
