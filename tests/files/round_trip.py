#!/usr/bin/env python3
"""Round trips of files between inlay and NumPy itself: tests/files/round_trip.py INLAY

Every dtype, order, byte order and a few shapes, .npy, .npz and bare elements, in both directions, compared to the byte.
Needs NumPy (and ml_dtypes, if it is there, for bfloat16), so it is no part of the default run.
"""
import itertools
import os
import subprocess
import sys
import tempfile

import numpy as np

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
          "float64", "complex64", "complex128"]
SHAPES = [(), (0,), (1,), (7,), (2, 3), (0, 4), (3, 1, 2), (2, 3, 4, 5)]
VERSIONS = [(1, 0), (2, 0), (3, 0)]


def sample(dtype, shape):
    """Every kind of bits that a dtype has: its elements are random bytes, bools made 0 or 1."""
    generator = np.random.default_rng(hash(shape) % 1000)
    count = int(np.prod(shape))
    bits = generator.integers(0, 256, count * np.dtype(dtype).itemsize, dtype=np.uint8)
    if dtype == "bool":
        bits &= 1
    return bits.view(dtype).reshape(shape) if count else np.zeros(shape, dtype)


def run(inlay, folder, script):
    done = subprocess.run([inlay, "-c", script], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{script}\n{done.stderr}")


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def check_npy(inlay, folder):
    """NumPy writes, inlay reads and writes, NumPy reads; in C order the bytes of both files are the same."""
    script, cases = "", []
    for number, (dtype, shape, order, swap, version) in enumerate(
            itertools.product(DTYPES, SHAPES, "CF", (False, True), VERSIONS)):
        x = np.asarray(sample(dtype, shape), order=order)
        stored = x.astype(x.dtype.newbyteorder(">"), order=order) if swap else x
        with open(os.path.join(folder, f"in{number}.npy"), "wb") as file:
            np.lib.format.write_array(file, stored, version=version)
        script += f"save('out{number}', load('in{number}.npy'))\n"
        cases.append((number, x, stored, order, version))
    run(inlay, folder, script)
    for number, x, stored, order, version in cases:
        back = np.load(os.path.join(folder, f"out{number}.npy"))
        assert same(back, np.ascontiguousarray(x).reshape(x.shape)), (x.dtype, x.shape, order, stored.dtype)
        if version == (1, 0) and stored is x and (order == "C" or x.ndim < 2):
            texts = [open(os.path.join(folder, f"{name}{number}.npy"), "rb").read() for name in ("in", "out")]
            assert texts[0] == texts[1], (x.dtype, x.shape)
    return len(cases)


def check_npz(inlay, folder):
    arrays = {f"{dtype}_{len(shape)}": sample(dtype, shape) for dtype in DTYPES for shape in SHAPES}
    np.savez(os.path.join(folder, "plain.npz"), **arrays)
    np.savez_compressed(os.path.join(folder, "small.npz"), **arrays)
    names = ", ".join(f"{name}=d['{name}']" for name in arrays)
    run(inlay, folder, f"d = load('plain.npz')\nsavez_compressed('a', {names})\n"
                       f"d = load('small.npz')\nsavez('b', {names})\n")
    for name in ("a", "b"):
        with np.load(os.path.join(folder, name + ".npz")) as archive:
            assert sorted(archive.files) == sorted(arrays)
            for key, x in arrays.items():
                assert same(archive[key], x), (name, key)
    return 2 * len(arrays)


def check_elements(inlay, folder):
    for dtype in DTYPES:
        x = sample(dtype, (7,))
        x.tofile(os.path.join(folder, "x.bin"))
        run(inlay, folder, f"x = fromfile('x.bin', dtype={dtype if dtype != 'bool' else 'bool_'})\nx.tofile('y.bin')")
        assert same(np.fromfile(os.path.join(folder, "y.bin"), dtype), x), dtype
    return len(DTYPES)


def check_bfloat16(inlay, folder):
    try:
        import ml_dtypes
    except ImportError:
        print("ml_dtypes is not installed: bfloat16 was not compared")
        return 0
    x = np.arange(65536, dtype=np.uint16).view(ml_dtypes.bfloat16)
    np.save(os.path.join(folder, "x.npy"), x)
    run(inlay, folder, "x = load('x.npy')\nassert x.dtype == bfloat16\nsave('y', x)")
    texts = [open(os.path.join(folder, name), "rb").read() for name in ("x.npy", "y.npy")]
    assert texts[0] == texts[1]
    return 1


def main():
    inlay = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        counts = [check(inlay, folder) for check in (check_npy, check_npz, check_elements, check_bfloat16)]
    print(f"{sum(counts)} round trips")


if __name__ == "__main__":
    main()
