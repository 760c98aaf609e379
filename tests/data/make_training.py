"""Records how a small net trains in JAX: tests/lang/gradients/training.npz, which training.inlay there must match.

    python3 tests/data/make_training.py      (needs jax; NumPy's generator draws the initial weights)

The net is that of examples/digits.inlay in float64: 64 inputs, 32 hidden units whose tanh counts twice above a threshold,
10 classes. It is trained by momentum and then by Adam, on batches in the order of the data.
Invariant: everything random is in the file, so that two programs can only differ by rounding.
"""
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
ROOT = Path(__file__).resolve().parents[2]
BATCH, STEPS = 128, 80


def initial():
    """The weights that training starts from."""
    rng = np.random.default_rng(17)
    return {"w1": rng.uniform(-0.25, 0.25, (64, 32)), "b1": rng.uniform(-0.1, 0.1, 32),
            "w2": rng.uniform(-0.35, 0.35, (32, 10)), "b2": np.zeros(10)}


def loss(p, x, y):
    """The mean cross entropy of a batch."""
    hidden = jnp.tanh(x @ p["w1"] + p["b1"])
    hidden = jnp.where(hidden > 0.5, 2 * hidden, hidden)
    logits = jax.nn.log_softmax(hidden @ p["w2"] + p["b2"])
    return -jnp.mean(jnp.take_along_axis(logits, y[:, None], axis=1))


def momentum(p, g, state):
    """One step of gradient descent with momentum, as nn.sgd does it."""
    velocity = jax.tree.map(lambda v, d: 0.9 * v + d, state, g)
    return jax.tree.map(lambda w, v: w - 0.05 * v, p, velocity), velocity


def adam(p, g, state):
    """One step of Adam, as nn.adam does it."""
    first, second, n = state
    first = jax.tree.map(lambda m, d: 0.9 * m + 0.1 * d, first, g)
    second = jax.tree.map(lambda v, d: 0.999 * v + 0.001 * d * d, second, g)
    n += 1
    p = jax.tree.map(lambda w, m, v: w - 0.01 * (m / (1 - 0.9**n)) / (jnp.sqrt(v / (1 - 0.999**n)) + 1e-8), p, first, second)
    return p, (first, second, n)


def trained(optimise, p, state, x, y):
    """The loss before each step."""
    step, losses = jax.jit(jax.value_and_grad(loss)), []
    for n in range(STEPS):
        rows = slice(n * BATCH % 1280, n * BATCH % 1280 + BATCH)
        value, gradient = step(p, x[rows], y[rows])
        losses.append(float(value))
        p, state = optimise(p, gradient, state)
    return np.array(losses)


def main():
    data = np.load(ROOT / "examples" / "data" / "digits.npz")
    x, y = data["images"].reshape(-1, 64) / 16.0, data["labels"].astype(np.int64)
    p = initial()
    zeros = jax.tree.map(jnp.zeros_like, p)
    np.savez(ROOT / "tests" / "lang" / "gradients" / "training.npz", **p,
             momentum=trained(momentum, p, zeros, x, y), adam=trained(adam, p, (zeros, zeros, 0), x, y))


if __name__ == "__main__":
    main()
