#!/usr/bin/env python3
"""Writes numpy_names.txt, the public names and signatures of the NumPy it runs under: record.py > numpy_names.txt

Each line is a name, a tab and its signature, which is empty for what is not called. Needs NumPy; the suite does not.
"""
import inspect
import types

import numpy

PLACES = [(numpy, ""), (numpy.linalg, "linalg."), (numpy.fft, "fft."), (numpy.random, "random."),
          (numpy.ndarray, "ndarray."), (numpy.random.Generator, "Generator.")]


def signature(value):
    """A signature as text, without `self`; empty if there is none to be had."""
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    parameters = [each for each in found.parameters.values() if each.name != "self"]
    return str(found.replace(parameters=parameters, return_annotation=inspect.Signature.empty)).replace("\n", " ")


def main():
    print(f"# NumPy {numpy.__version__}, written by record.py")
    for place, prefix in PLACES:
        for name in sorted(vars(place) if inspect.isclass(place) else dir(place)):
            value = getattr(place, name)
            if not name.startswith("_") and not isinstance(value, types.ModuleType):
                print(f"{prefix}{name}\t{signature(value) if callable(value) else ''}")


if __name__ == "__main__":
    main()
