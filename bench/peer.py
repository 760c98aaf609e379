#!/usr/bin/env python3
"""Times one statement in a peer: python3 peer.py ENGINE, with {"setup", "statement", "names", "budget"} as JSON on stdin.

The setup is NumPy's; the statement is written as users of the engine write it. Prints the best seconds per run.
Run by engines.py, under a Python that has the engine. Invariant: what is timed ends with a finished result.
"""
import json
import os
import sys
import time
import warnings


def best_time(run, budget):
    """In batches of about 5 ms, which hide the clock, as `inlay timeit` does it."""
    def batch(count):
        start = time.perf_counter()
        for _ in range(count):
            run()
        return (time.perf_counter() - start) / count

    batch(1)
    count = max(1, int(0.005 / max(batch(1), 1e-8)))
    best, end = float("inf"), time.perf_counter() + budget
    while time.perf_counter() < end or best == float("inf"):
        best = min(best, batch(count))
    return best


def run_code(statement, namespace):
    """A function that runs the statement."""
    code = compile(statement, "statement", "exec")
    return lambda: exec(code, namespace)


def operands(function, values):
    """The values that the parameters of a lambda name."""
    return [values[name] for name in function.__code__.co_varnames[:function.__code__.co_argcount]]


def in_numpy(statement, values):
    import numpy
    return [run_code(statement, {**vars(numpy), **values})]


def in_numexpr(statement, values):
    import numexpr
    numexpr.set_num_threads(os.cpu_count())
    return [lambda: numexpr.evaluate(statement, local_dict=values)]


def in_jax(statement, values):
    import jax
    import jax.numpy as jnp
    written = eval(statement, {"jax": jax, "jnp": jnp})
    compiled, arguments = jax.jit(written), [jnp.asarray(value) for value in operands(written, values)]
    return [lambda: jax.block_until_ready(compiled(*arguments))]


def in_tensorflow(statement, values):
    """Eager and as a graph; the better one counts."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    written = eval(statement, {"tf": tf})
    arguments, graph = [tf.constant(value) for value in operands(written, values)], tf.function(written)
    return [lambda: written(*arguments), lambda: graph(*arguments)]


def in_torch(statement, values):
    import torch
    return [run_code(statement, {"torch": torch, **{name: torch.from_numpy(value) for name, value in values.items()}})]


ENGINES = {"numpy": in_numpy, "numexpr": in_numexpr, "jax": in_jax, "tensorflow": in_tensorflow, "torch": in_torch}


def main():
    warnings.filterwarnings("ignore")
    given = json.load(sys.stdin)
    namespace = {}
    exec("from numpy import *", namespace)
    before = set(namespace)
    exec(given["setup"], namespace)
    values = {name: value for name, value in namespace.items() if name not in before}
    print(json.dumps(min(best_time(run, given["budget"]) for run in ENGINES[sys.argv[1]](given["statement"], values))))


if __name__ == "__main__":
    main()
