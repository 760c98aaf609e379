"""The pieces of tests/run.py: how the program is started, and one module per kind of suite."""
