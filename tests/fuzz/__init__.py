"""The differential fuzzer: random calls and programs under NumPy and here. See ../README.md."""
