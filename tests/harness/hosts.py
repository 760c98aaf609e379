"""The suite of hosts: examples in C and C++ (examples/**/NAME.cpp with NAME.out beside it), built as BUILD/examples/NAME.

Invariant: a host passes if it prints exactly NAME.out and leaves with status 0.
"""
from pathlib import Path

from .program import Outcome, difference, run


def hosts(program, root, accept):
    """One outcome per host; accept rewrites the .out file of one that ends well."""
    built = Path(program.path).parent / "examples"
    sources = sorted(path for path in (root / "examples").rglob("*.c*")
                     if path.suffix in (".c", ".cpp") and path.with_suffix(".out").exists())
    return [check_host(program, built / path.stem, path, accept) for path in sources]


def check_host(program, binary, source, accept):
    """The outcome of one host."""
    result = run([str(binary)], program.timeout, source.parent, program.environment)
    expected = source.with_suffix(".out")
    if result.status:
        return Outcome(source.name, f"exit status {result.status}: {result.stderr.strip()}")
    if accept:
        expected.write_text(result.stdout, encoding="utf-8")
    return Outcome(source.name, difference(expected.read_text(encoding="utf-8"), result.stdout))
