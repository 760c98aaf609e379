"""Whether a value described by the program equals a described value of a case.

A description is what `inlay run --vars-json` writes: {"dtype", "shape", "data"} for a tensor (floats as hexadecimal
text, complex numbers as pairs), {"py"}, {"py_float"} and {"py_complex"} for plain values, {"tuple"}, {"list"}, {"dict"}
(pairs in order) and {"other": type name}. Knows nothing about files or processes.
Invariant: the tolerance widens only what is computed in floating point; dtypes, shapes, integers and booleans are exact.
"""
import cmath
import math
from dataclasses import dataclass

# A few units in the last place: what differently ordered or vectorised arithmetic may differ by.
ROUNDING = {"float64": 4e-15, "complex128": 8e-15, "float32": 2e-6, "complex64": 4e-6, "float16": 2e-3}


@dataclass(frozen=True)
class Tolerance:
    """How far apart elements may be: relative to the larger of them and of `scale`; `exact` admits no difference."""
    relative: float = 0.0
    scale: float = 0.0
    exact: bool = False

    @staticmethod
    def of_case(case):
        """The tolerance that a case asks for."""
        return Tolerance(case.get("rtol") or 0.0, case.get("scale", 0.0), case.get("exact", False))

    def admits(self, want, got, relative):
        """Whether two finite numbers, both real or both complex, are near enough."""
        return abs(want - got) <= relative * max(abs(want), abs(got), self.scale)


def mismatch(want, got, tolerance):
    """None if the described values agree, else one line saying how they do not."""
    if got is None:
        return "is missing"
    want, got = as_tensor(want), as_tensor(got)
    for kind in ("tuple", "list", "dict"):
        if kind in want:
            return mismatch_in_sequence(kind, want, got, tolerance)
    if "other" in want:
        return None if want == got else f"expected a {want['other']}, got {brief(got)}"
    if "py" in want:
        return None if "py" in got and got["py"] == want["py"] else f"expected {want['py']!r}, got {brief(got)}"
    return mismatch_in_tensor(want, got, tolerance)


def as_tensor(value):
    """A plain number as the 0-d tensor that it is equal to; any other value as it is."""
    if "py_float" in value:
        return {"dtype": "float64", "shape": [], "data": [value["py_float"]]}
    if "py_complex" in value:
        return {"dtype": "complex128", "shape": [], "data": [value["py_complex"]]}
    if isinstance(value.get("py"), bool):
        return {"dtype": "bool", "shape": [], "data": [value["py"]]}
    if isinstance(value.get("py"), int):
        return {"dtype": "int64", "shape": [], "data": [value["py"]]}
    return value


def mismatch_in_sequence(kind, want, got, tolerance):
    """mismatch() of two tuples, two lists, or two dicts in their order."""
    if kind not in got or len(got[kind]) != len(want[kind]):
        return f"expected a {kind} of {len(want[kind])}, got {brief(got)}"
    for at, (wanted, given) in enumerate(zip(want[kind], got[kind])):
        pair = {"list": wanted}, {"list": given}
        if reason := mismatch(*(pair if kind == "dict" else (wanted, given)), tolerance):
            return f"[{at}]: {reason}"
    return None


def mismatch_in_tensor(want, got, tolerance):
    """mismatch() of two tensors."""
    if (got.get("dtype"), got.get("shape")) != (want["dtype"], want["shape"]):
        given = f"{got['dtype']}{got.get('shape')}" if "dtype" in got else brief(got)
        return f"expected {want['dtype']}{want['shape']}, got {given}"
    if len(got["data"]) != len(want["data"]):
        return f"expected {len(want['data'])} elements, got {len(got['data'])}"
    relative = max(tolerance.relative, ROUNDING.get(want["dtype"], 0.0))
    for at, (wanted, given) in enumerate(zip(want["data"], got["data"])):
        if not elements_agree(wanted, given, relative, tolerance):
            return f"element {at}: expected {wanted}, got {given}"
    return None


def elements_agree(want, got, relative, tolerance):
    """Whether two elements agree; complex ones by the modulus of their difference."""
    if isinstance(want, list):
        return complex_agree(complex(*map(number, want)), complex(*map(number, got)), relative, tolerance)
    if tolerance.exact or not relative:
        return same_bits(want, got)
    a, b = number(want), number(got)
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b or (math.isnan(a) and math.isnan(b))
    return tolerance.admits(a, b, relative)


def complex_agree(want, got, relative, tolerance):
    """Whether two complex numbers agree; of a number that is not finite, only that counts."""
    if not (cmath.isfinite(want) and cmath.isfinite(got)):
        return cmath.isfinite(want) == cmath.isfinite(got)
    return tolerance.admits(want, got, relative)


def same_bits(want, got):
    """Equality that tells -0.0 from 0.0, takes NaN as equal to NaN, and holds integers to their exact value."""
    a, b = number(want), number(got)
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b and math.copysign(1, a) == math.copysign(1, b) and (isinstance(want, str) or want == got)


def number(element):
    """An element of "data" as a float."""
    return float.fromhex(element) if isinstance(element, str) else float(element)


def brief(value):
    """A described value, cut to a readable length."""
    text = str(value)
    return text if len(text) <= 100 else text[:97] + "..."
