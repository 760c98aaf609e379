#!/usr/bin/env python3
"""Throughput of one script evaluated for every request: examples/embed/server.cpp beside embedded CPython and NumPy.

    bench/server.py [--build build] [--numpy SITE_PACKAGES]

Builds bench/server_python.cpp with python3-config, runs both on the same requests, best of five each in turn, and prints a
Markdown table. NumPy must be of the Python that python3-config belongs to.
"""
import argparse
import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
SIZES = (16, 1024, 65536)  # floats of a request
CONNECTIONS = (1, 4)


def requests_for(floats):
    """About a second of requests."""
    return {16: 20000, 1024: 15000}.get(floats, 1500)


def build_peer(folder):
    """The embedded Python."""
    flags = subprocess.check_output(["python3-config", "--cflags", "--ldflags", "--embed"], text=True)
    binary = Path(folder, "server_python")
    subprocess.check_call(["c++", "-std=c++20", "-O2", ROOT / "bench" / "server_python.cpp", "-o", binary,
                           *[flag for flag in shlex.split(flags) if flag != "-Wstrict-prototypes"], "-pthread"])
    return binary


def run(binary, environment, connections, floats):
    """(answers and their sum, requests a second)."""
    command = [str(binary), str(connections), str(requests_for(floats) // connections), str(floats)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout, float(re.match(r"(\d+) requests", done.stderr)[1])


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--build", default=ROOT / "build", type=Path)
    options.add_argument("--numpy", help="folder that holds NumPy, for PYTHONPATH")
    given = options.parse_args()
    environment = {**os.environ, **({"PYTHONPATH": given.numpy} if given.numpy else {}), "OMP_NUM_THREADS": "1"}
    print("| connections | floats | Inlay, requests/s | CPython + NumPy, requests/s | ratio |")
    print("|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        peer = build_peer(folder)
        for connections in CONNECTIONS:
            for floats in SIZES:
                best = {"ours": 0.0, "peer": 0.0}
                for _ in range(ROUNDS):
                    ours, speed = run(given.build / "examples" / "server", environment, connections, floats)
                    best["ours"] = max(best["ours"], speed)
                    theirs, speed = run(peer, environment, connections, floats)
                    best["peer"] = max(best["peer"], speed)
                if ours != theirs:
                    raise SystemExit(f"the answers differ: {ours} {theirs}")
                print(f"| {connections} | {floats} | {best['ours']:,.0f} | {best['peer']:,.0f} "
                      f"| {best['ours'] / best['peer']:.1f} |")


if __name__ == "__main__":
    main()
