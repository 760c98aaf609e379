"""Tensors between NumPy and Inlay by DLPack, both ways, without a copy. Usage: numpy_peer.py PATH_OF_LIBINLAY.

Knows the C interface by ctypes alone. Prints `ok`; any other ending is a failure.
"""
import ctypes
import sys

import numpy as np

LIBRARY = ctypes.CDLL(sys.argv[1])
for name in ("inlay_error_report",):
    getattr(LIBRARY, name).restype = ctypes.c_char_p
Pointer = ctypes.c_void_p
CAPSULE = ctypes.pythonapi
CAPSULE.PyCapsule_New.restype = ctypes.py_object
CAPSULE.PyCapsule_New.argtypes = [Pointer, ctypes.c_char_p, Pointer]
CAPSULE.PyCapsule_GetPointer.restype = Pointer
CAPSULE.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
CAPSULE.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]
USED = b"used_dltensor_versioned"


def call(name, *arguments):
    """Calls a function of the interface that can fail."""
    error = Pointer()
    if getattr(LIBRARY, name)(*arguments, ctypes.byref(error)):
        raise RuntimeError(LIBRARY.inlay_error_report(error).decode())


class Lent:
    """An Inlay value as NumPy wants a producer to be."""

    def __init__(self, value, copy=0):
        self.value, self.copy = value, copy

    def __dlpack_device__(self):
        return 1, 0

    def __dlpack__(self, *, max_version=None, **_):
        tensor = Pointer()
        call("inlay_to_dlpack", self.value, self.copy, ctypes.byref(tensor))
        return CAPSULE.PyCapsule_New(tensor, b"dltensor_versioned", None)


def taken(array, write):
    """An Inlay value over NumPy's memory."""
    capsule = array.__dlpack__(max_version=(1, 0))
    value = Pointer()
    tensor = CAPSULE.PyCapsule_GetPointer(capsule, b"dltensor_versioned")
    call("inlay_from_dlpack", Pointer(tensor), write, ctypes.byref(value))
    CAPSULE.PyCapsule_SetName(capsule, USED)
    return value


def main():
    interpreter, value = Pointer(), Pointer()
    call("inlay_new", None, ctypes.byref(interpreter))

    source = np.arange(12, dtype=np.float32).reshape(3, 4)[::-1, ::2]
    x = taken(source, 0)
    call("inlay_bind", interpreter, b"x", x)
    LIBRARY.inlay_value_free(x)
    call("inlay_eval", interpreter, b"x * 2", None, ctypes.byref(value))
    back = np.from_dlpack(Lent(value))
    assert back.dtype == np.float32 and np.array_equal(back, source * 2)
    assert not back.flags.writeable
    LIBRARY.inlay_value_free(value)
    assert np.array_equal(back, source * 2)  # NumPy holds the memory now

    target = np.zeros(4)
    x = taken(target, 1)
    call("inlay_bind", interpreter, b"y", x)
    LIBRARY.inlay_value_free(x)
    call("inlay_run", interpreter, b"y[1:3] = 7", None, None)
    assert target.tolist() == [0, 7, 7, 0]

    for dtype in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
                  "float64", "complex64", "complex128"):
        array = np.array([[0, 1, 1]], dtype=dtype)
        x = taken(array, 0)
        again = np.from_dlpack(Lent(x, 1))
        assert again.dtype == array.dtype and np.array_equal(again, array) and again.flags.writeable, dtype
        LIBRARY.inlay_value_free(x)

    frozen = np.ones(3)
    frozen.flags.writeable = False
    try:
        taken(frozen, 1)
        raise AssertionError("a read-only tensor was taken for writing")
    except RuntimeError as error:
        assert "read-only" in str(error)
    LIBRARY.inlay_free(interpreter)
    print("ok")


main()
