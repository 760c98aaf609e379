"""Differences from NumPy that the language means, each with its reason.

Invariant: a row hides a difference only where its test of source, oracle's answer and reason holds.
"""
import ast
import re

OUT_OF_CAST = "invalid value encountered in cast"


def values_of(found):
    """The described variables as text."""
    return str(found.want.variables)


def is_without_order(found):
    """Whether a list of numbers that the program writes out is not ascending."""
    rows = [ast.literal_eval(row) for row in re.findall(r"\[[-\d., ]+\]", found.source)]
    return any(row != sorted(row) for row in rows)


# (reason, test of a Difference)
ROWS = [
    ("object, text, date and record arrays are not in the language",
     lambda found: re.search(r"'dtype': '(object|str|bytes|void|datetime|timedelta)", values_of(found))),
    ("longer floats are not in the language", lambda found: re.search(r"'dtype': '(longdouble|float128|complex256)", values_of(found))),
    ("integers are 64-bit", lambda found: re.search(r"OverflowError: .*(64|too large|out of bounds)", found.reason)
     and re.search(r"'py': -?\d{19,}", values_of(found))),
    ("casts of floats to integers saturate, NaN becomes 0",
     lambda found: OUT_OF_CAST in found.want.warnings and re.search(r"element \d+|printed", found.reason)),
    ("complex into real is refused",
     lambda found: any("discards the imaginary part" in each for each in found.want.warnings)
     and "TypeError" in found.reason),
    ("numbers print plainly inside lists and tuples", lambda found: re.search(r"expected .*np\.(\w+)\(", found.reason)),
    ("lists are taken wherever tensors are, where NumPy asks them for an attribute of arrays",
     lambda found: found.want.error == "AttributeError" and "has no attribute" in found.want.message),
    ("a literal error names a parameter of NumPy's own functions",
     lambda found: found.want.error == "TypeError" and "required positional argument" in found.want.message),
    ("functions cannot assign outwards, by paths that the oracle does not see either",
     lambda found: "belongs to an outer scope" in found.reason),
    ("`f.at` refuses a result that `+=` would refuse to store",
     lambda found: "same_kind" in found.reason and ".at(" in found.source),
    ("a statement that fails assigns nothing, and unbound names are reported before anything runs",
     lambda found: found.want.error and "is missing" in found.reason),
    ("stores of floats in unsigned integers saturate too",
     lambda found: re.search(r"expected \d+, got (0|255|65535|4294967295)$|printed '.*\b(0|255|65535|4294967295)\b", found.reason)
     and re.search(r"\buint(8|16|32)\b", found.source) and re.search(r"\d\.", found.source)),
    ("a tuple of bools is no mask", lambda found: "tuple of bool" in found.reason),
    ("a literal out of range is refused", lambda found: "out of bounds for" in found.reason
     and re.search(r"\b(where|full|select)\(", found.source)),
    ("float stores into integer elements are refused as augmented ones of arrays are",
     lambda found: "same_kind" in found.reason and re.search(r"\[-?\d+\] (\*|/|\+|-|//|%)= ", found.source)),
    ("None is no number, where NumPy makes an array of objects of it", lambda found: "'NoneType'" in found.reason
     and re.search(r"\bNone\b", found.source) and "must be a string or a real number" in found.reason),
    ("dtypes print as dtypes, also where NumPy gives classes", lambda found: "expected \"<class 'numpy." in found.reason),
    ("0-d tensors are NumPy's scalars", lambda found: "isscalar(" in found.source and "expected False, got True" in found.reason),
    ("`unique_values` gives them in order", lambda found: "unique_values(" in found.source and re.search(r"element \d+", found.reason)),
    ("where there is no order, no place is the right one", lambda found: re.search(r"\bsearchsorted\(", found.source)
     and re.search(r"element \d+", found.reason) and is_without_order(found)),
    ("flags are true or not, whatever they are",
     lambda found: found.want.error == "TypeError" and "cannot be interpreted as an integer" in found.want.message
     and "keepdims=" in found.source and "there was none" in found.reason),
    ("the methods `var` and `std` take `correction` as the functions do",
     lambda found: "unexpected keyword argument 'correction'" in found.want.message),
    ("what NumPy meets by accident is refused for what it is", lambda found: found.want.error and re.search(
        r"unhashable type|values to unpack", found.want.message) and "; got " in found.reason),
    ("an integer divided by 0 is 0, in `reciprocal` too", lambda found: "reciprocal(" in found.source
     and re.search(r"element \d+: expected -\d{10,}, got 0", found.reason)),
]


def reason_of(found):
    """Why the difference is meant; None if it is not."""
    return next((reason for reason, holds in ROWS if holds(found)), None)
