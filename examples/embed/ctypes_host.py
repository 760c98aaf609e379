"""A host in Python, by ctypes alone: python3 ctypes_host.py PATH_OF_LIBINLAY

Binds an array of the array module's, lets a script change it where it is, and calls one prepared program often.
"""
import array
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
Handle = ctypes.c_void_p
for name in ("inlay_int", "inlay_float"):
    getattr(library, name).restype = Handle
library.inlay_value_text.restype = Handle
library.inlay_error_report.restype = ctypes.c_char_p
library.inlay_int.argtypes = [ctypes.c_int64]
library.inlay_value_text.argtypes = library.inlay_text_free.argtypes = library.inlay_value_free.argtypes = [Handle]


class Array(ctypes.Structure):
    """inlay_array"""
    _fields_ = [("struct_size", ctypes.c_size_t), ("data", ctypes.c_void_p), ("dtype", ctypes.c_int),
                ("rank", ctypes.c_int), ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)), ("access", ctypes.c_int), ("release", ctypes.c_void_p),
                ("user", ctypes.c_void_p)]


FLOAT64, WRITE = 12, 1


def call(name, *arguments):
    """Calls a function that can fail; its error becomes an exception."""
    error = Handle()
    if getattr(library, name)(*arguments, ctypes.byref(error)):
        report = library.inlay_error_report(error).decode()
        library.inlay_error_free(error)
        raise RuntimeError(report)


def text(value):
    """What print() shows of a value."""
    shown = library.inlay_value_text(value)
    result = ctypes.string_at(shown).decode()
    library.inlay_text_free(shown)
    return result


interpreter, value, program = Handle(), Handle(), Handle()
call("inlay_new", None, ctypes.byref(interpreter))

samples = array.array("d", [0.5, 3, 1, 8])
shape = (ctypes.c_int64 * 1)(len(samples))
lent = Array(ctypes.sizeof(Array), samples.buffer_info()[0], FLOAT64, 1, shape, None, WRITE, None, None)
call("inlay_tensor", ctypes.byref(lent), ctypes.byref(value))
call("inlay_bind", interpreter, b"x", value)
library.inlay_value_free(value)
call("inlay_run", interpreter, b"x[x > 2] = 2", None, None)
print(samples.tolist())

parameters = (ctypes.c_char_p * 2)(b"a", b"b")
call("inlay_prepare_function", interpreter, b"(a + b) * x", parameters, 2, b"mix", ctypes.byref(program))
for number in (1, 2):
    arguments = (Handle * 2)(library.inlay_int(number), library.inlay_int(10))
    call("inlay_call_program", interpreter, program, arguments, 2, ctypes.byref(value))
    print(text(value))
    for each in (*arguments, value):
        library.inlay_value_free(each)
library.inlay_program_free(program)

try:
    call("inlay_run", interpreter, b"x[9] = 1", b"example.inlay", None)
except RuntimeError as error:
    print(error, end="")
library.inlay_free(interpreter)
