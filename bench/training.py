#!/usr/bin/env python3
"""Times one training step of examples/digits.inlay in Inlay, JAX (jit), TensorFlow (tf.function) and PyTorch, in turns.

    python3 bench/training.py [--python PYTHON] [--batches N...] [--rounds R] [--write docs/performance.md]

A step is the loss of a batch, its gradient, and Adam's update of all parameters: 64 inputs, 48 hidden units of which strong
ones count twice, 10 classes, float32. Peers compile the whole step and are waited for once per run of steps, as in training.
Invariant: all start from the same parameters and batch, and each timing is a process of its own. Peers that are not
installed are left out.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from engines import Inlay, checked
from run import machine, time_text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BEGIN, END = "<!-- table: bench/training.py --write -->", "<!-- end of the table of training -->"
SETUP = """
data = load('{root}/examples/data/digits.npz')
x = data['images'].reshape(-1, 64).astype(float32)[:{batch}] / 16
y = data['labels'].astype(int64)[:{batch}]
def conditional(x, threshold=0.5):
    strong = x > threshold
    x[strong] = 2 * x[strong]
    return x
def loss(p, x, y):
    return nn.cross_entropy(nn.dense(p['out'], conditional(tanh(nn.dense(p['hidden'], x)))), y)
rng = random.default_rng(3)
p = {{'hidden': nn.dense_init(rng, 64, 48), 'out': nn.dense_init(rng, 48, 10)}}
state = nn.adam_init(p)
step = value_and_grad(loss)
"""
STATEMENT = "value, gradient = step(p, x, y)\np, state = nn.adam(p, gradient, state, rate=0.01)"


class Step:
    """What Inlay.seconds asks of a workload."""

    def text(self, section, batch):
        return SETUP.format(root=ROOT, batch=batch) if section == "setup" else STATEMENT


def operands(batch):
    """Parameters and a batch, as NumPy arrays."""
    import numpy as np
    data = np.load(ROOT / "examples" / "data" / "digits.npz")
    rng, sizes = np.random.default_rng(3), [(64, 48), (48, 10)]
    p = []
    for inputs, outputs in sizes:
        bound = (6 / (inputs + outputs)) ** 0.5
        p += [rng.uniform(-bound, bound, (inputs, outputs)).astype(np.float32), np.zeros(outputs, np.float32)]
    return p, data["images"].reshape(-1, 64).astype(np.float32)[:batch] / 16, data["labels"].astype(np.int64)[:batch]


def jax_steps(batch):
    import jax
    import jax.numpy as jnp

    def loss(p, x, y):
        hidden = jnp.tanh(x @ p[0] + p[1])
        logits = jax.nn.log_softmax(jnp.where(hidden > 0.5, 2 * hidden, hidden) @ p[2] + p[3])
        return -jnp.mean(jnp.take_along_axis(logits, y[:, None], axis=1))

    @jax.jit
    def step(p, first, second, n, x, y):
        value, g = jax.value_and_grad(loss)(p, x, y)
        n += 1
        first = [0.9 * m + 0.1 * d for m, d in zip(first, g)]
        second = [0.999 * v + 0.001 * d * d for v, d in zip(second, g)]
        rate, spread = 0.01 / (1 - 0.9**n), jnp.sqrt(1 - 0.999**n)
        p = [w - rate * m / (jnp.sqrt(v) / spread + 1e-8) for w, m, v in zip(p, first, second)]
        return value, p, first, second, n

    p, x, y = jax.tree.map(jnp.asarray, operands(batch))
    state = [p, [jnp.zeros_like(w) for w in p], [jnp.zeros_like(w) for w in p], jnp.float32(0)]

    def run(count):
        for _ in range(count):
            value, *state[:] = step(*state, x, y)
        jax.block_until_ready((value, state))
    return run


def tensorflow_steps(batch):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    p, x, y = operands(batch)
    p = [tf.Variable(w) for w in p]
    first, second = ([tf.Variable(tf.zeros_like(w)) for w in p] for _ in range(2))
    n, x, y = tf.Variable(0.0), tf.constant(x), tf.constant(y)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            hidden = tf.tanh(x @ p[0] + p[1])
            logits = tf.where(hidden > 0.5, 2 * hidden, hidden) @ p[2] + p[3]
            value = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        n.assign_add(1.0)
        rate, spread = 0.01 / (1 - 0.9**n), tf.sqrt(1 - 0.999**n)
        for w, m, v, d in zip(p, first, second, tape.gradient(value, p)):
            m.assign(0.9 * m + 0.1 * d)
            v.assign(0.999 * v + 0.001 * d * d)
            w.assign_sub(rate * m / (tf.sqrt(v) / spread + 1e-8))
        return value

    def run(count):
        for _ in range(count):
            value = step()
        value.numpy()
    return run


def torch_steps(batch):
    import torch
    p, x, y = operands(batch)
    p, x, y = [torch.from_numpy(w).requires_grad_() for w in p], torch.from_numpy(x), torch.from_numpy(y)
    optimiser = torch.optim.Adam(p, lr=0.01)

    def run(count):
        for _ in range(count):
            hidden = torch.tanh(x @ p[0] + p[1])
            logits = torch.where(hidden > 0.5, 2 * hidden, hidden) @ p[2] + p[3]
            value = torch.nn.functional.cross_entropy(logits, y)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
        value.item()
    return run


PEERS = {"jax": ("JAX", jax_steps), "tensorflow": ("TensorFlow", tensorflow_steps), "torch": ("PyTorch", torch_steps)}


def best_step(run, budget):
    """The best seconds of a step, in runs of about 50 ms."""
    def timed(count):
        begin = time.perf_counter()
        run(count)
        return (time.perf_counter() - begin) / count

    timed(3)
    count = max(1, int(0.05 / timed(10)))
    best, end = timed(count), time.perf_counter() + budget
    while time.perf_counter() < end:
        best = min(best, timed(count))
    return best


def peer_seconds(python, name, batch, budget):
    """A peer's best step, in a process of its own."""
    out = checked([python, __file__, "--peer", name, "--batches", str(batch), "--budget", str(budget)])
    return json.loads(out.splitlines()[-1]) if out else None


def measured(options):
    """{batch: {engine: seconds}}."""
    there = [name for name in PEERS
             if subprocess.run([options.python, "-c", f"import {name}"], capture_output=True).returncode == 0]
    inlay, table = Inlay(options.inlay, None), {}
    for batch in options.batches:
        rounds = [{"inlay": inlay.seconds(Step(), batch, options.budget),
                   **{name: peer_seconds(options.python, name, batch, options.budget) for name in there}}
                  for _ in range(options.rounds)]
        table[batch] = {name: min(each[name] for each in rounds) for name in rounds[0]}
    return table


def lines_of(options, table):
    """The table in Markdown."""
    names = list(next(iter(table.values())))
    titles = [PEERS[name][0] if name in PEERS else "Inlay" for name in names]
    cells = ["batch", *titles, *(f"{title} ÷ Inlay" for title in titles[1:])]
    lines = ["| " + " | ".join(cells) + " |", "|---:" * len(cells) + "|"]
    for batch, times in table.items():
        ratios = [f"{times[name] / times['inlay']:.2f}" for name in names[1:]]
        lines.append("| " + " | ".join([str(batch), *(time_text(times[name]) for name in names), *ratios]) + " |")
    options.threads = None
    return [*lines, "", machine(options)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inlay", default=str(ROOT / "build" / "inlay"))
    parser.add_argument("--python", default=sys.executable, help="one that has the peers")
    parser.add_argument("--batches", type=int, nargs="+", default=[32, 64, 256, 1437])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=float, default=1.0, help="seconds per timing")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="replace its table")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        print(json.dumps(best_step(PEERS[options.peer][1](options.batches[0]), options.budget)))
        return
    lines = lines_of(options, measured(options))
    print("\n".join(lines))
    if options.write:
        text = options.write.read_text(encoding="utf-8")
        head, tail = text[:text.index(BEGIN)], text[text.index(END):]
        options.write.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
