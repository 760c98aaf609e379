"""Writes the *.inc tables beside it: what Python and NumPy 2.4 print. Run with a Python that has NumPy; the tests include the tables."""
import pathlib
import random
import struct

import numpy as np

HERE = pathlib.Path(__file__).parent
rng = random.Random(7)


def literal(text):
    """A C++ string literal."""
    out = ''.join({'\\': '\\\\', '"': '\\"', '\n': '\\n', '\t': '\\t', '?': '\\?'}.get(c, c) if 31 < ord(c) < 127 or c in '\n\t'
                  else ''.join(f'\\{b:03o}' for b in c.encode()) for c in text)
    return f'"{out}"'


def write(name, rows):
    header = '// Written by make_text_tables.py: do not edit.\n'
    (HERE / name).write_text(header + ''.join(f'{{{row}}},\n' for row in rows))


def doubles():
    special = [0.0, -0.0, 1.0, -1.5, 1e15, 1e16, 9999999999999998.0, 1e22, 1e23, 1e-4, 1e-5, 9.999e-5, 5e-324, 1.7976931348623157e308,
               2.2250738585072014e-308, 0.1, 1 / 3, 2 / 3, 1e100, 123456789.0, 12345678.9, float('inf'), float('-inf'), float('nan')]
    powers = [2.0 ** e for e in range(-1074, 1024, 61)]
    bits = [struct.unpack('<d', rng.randbytes(8))[0] for _ in range(60)]
    plain = [round(rng.uniform(-1000, 1000), rng.randrange(6)) for _ in range(40)]
    return special + powers + bits + plain


def floats(dtype, width):
    raw = np.frombuffer(rng.randbytes(80 * width), dtype)
    with np.errstate(all='ignore'):
        made = np.array([0, 1, 0.1, 999, 999.5, 1000, 999999, 1e6, 1e-4, 9.9e-5, 65504, 1e-7, np.inf, -np.inf, np.nan, -0.0, 3.14159265, 1e38], dtype)
        return list(made) + list(raw) + list(np.array([2.0 ** e for e in range(-20, 15)], dtype))


def hexed(value):
    return '0x' + np.array(value).tobytes()[::-1].hex()


def number_tables():
    write('double_repr.inc', [f'{hexed(v)}, {literal(repr(v))}' for v in doubles()])
    write('float_repr.inc', [f'{hexed(v)}, {literal(str(v))}' for v in floats(np.float32, 4)])
    write('half_repr.inc', [f'{hexed(v)}, {literal(str(v))}' for v in floats(np.float16, 2)])
    parts = [0.0, -0.0, 1.0, -1.0, 2.5, 1e16, 1e-5, float('nan'), float('inf'), float('-inf'), 1234567.0]
    pairs = [complex(a, b) for a in parts for b in parts]
    write('complex_repr.inc', [f'{hexed(v.real)}, {hexed(v.imag)}, {literal(repr(v))}, {literal(str(np.complex64(v)))}' for v in pairs])


SPECS = ['', 'd', '5', '<8', '>8', '^9', '=8', '08', '+', ' ', '-', '+d', ',', '_', '08,', '012,d', '_x', '#_x', '#014_b', 'x', 'X', '#X', '#o', 'b',
         'c', 'n', 'é^7', '*<6d', 'z', 'zd', '.3', '.3d', '.0f', '#.0f', '.2f', '10.3f', '010.3f', '+010,.2f', '.3e', 'E', '.2E', 'g', 'G', '.3g',
         '#.3g', '#', '#.5', '%', '.1%', '015,.2f', '_.1f', 'z.1f', 'zg', 'z.2e', 'F', '=+12.1f', '<<9', '.10g', '.17g', '.20f', '.', '.d', 'q', '5.2q',
         'zzz', ',,', ',_', '_,', ',n', ',b', ',c', '99999999999999999999', '.99999999999', '5 d', '!', 's', '.2s', '10s', '^10.3s', '05', '=5', '+s', ' s',
         '#s', 'zs', ',s', '0<5', 'x>05', '0>12.2f', 'é', '+c', '#c', '.1c', '<012,', 'x=12,', '0=12,', '+.1e', '>20', '>24.2f', '_f', '\x01']


def formatted(value, spec):
    try:
        return f'{literal(format(value, spec))}, nullptr'
    except (ValueError, OverflowError) as error:
        return f'nullptr, {literal(str(error))}'


def spec_tables():
    def rows(values, spell):
        return [f'{spell(v)}, {literal(s)}, {formatted(v, s)}' for v in values for s in SPECS if not (s == 'c' and v == 0)]   # a NUL ends a C string
    write('format_int.inc', rows([0, 5, -7, 97, 1234567, -(2 ** 63)], lambda v: f'std::int64_t({v + 1} - 1)' if v == -(2 ** 63) else f'std::int64_t({v})'))
    write('format_float.inc', rows([0.0, -0.0, 1.5, -0.04, 123456.789, 1e20, 2.5e-7, 100.0, float('nan'), float('-inf')], hexed))
    write('format_complex.inc', rows([1 + 2j, 1j, complex(-0.0, -12345.5), complex('nan')], lambda v: f'{hexed(v.real)}, {hexed(v.imag)}'))
    write('format_bool.inc', rows([True, False], lambda v: str(v).lower()))
    write('format_str.inc', rows(['', 'a', 'héllo wörld'], literal))


def tensor_values():
    nan, inf = np.nan, np.inf
    f = lambda *v: np.array(v, float)
    yield from (f(1, 2, 3), f(0.1, 0.25, 100), f(1e8, 1), f(99999999.0, 1e5), f(1e-4, 0.01), f(9e-5, 1), f(1, 1001), f(1, 1000), f(nan, 1.5), f(inf, 1),
                f(-inf, 1), f(nan), f(inf), f(-inf), f(nan, inf, -inf), f(0), f(-0.0), f(0, -0.0), f(1e100, 1e-100), f(5e-324, 1), f(1 / 3, 2 / 3), f(1e-5),
                f(1e300, nan), f(nan, inf, -inf, 0.0, -0.0, 1.0, -1.5, 1e30, 1e-30, 0.3), f(123456.123456789, 1.1), f(0.5, 0.123456785), f(1.000000001, 2),
                f(-1.5, 2), f(1e8), f(12345678.9), f(1.5, nan, -2), f(1e16, -1e16))
    for shape in [(), (1,), (0,), (0, 3), (3, 0), (2, 0, 4), (1, 1), (2, 3), (2, 2, 3), (1, 2, 1, 2), (30,), (2, 25), (1,) * 10, (1,) * 32, (2,) * 6]:
        for dtype in ['bool', 'int8', 'uint8', 'int32', 'int64', 'uint64', 'float16', 'float32', 'float64', 'complex64', 'complex128']:
            yield resized([rng.choice([0, 1, -3, 2.5, 17, 0.1, 100, 1.25 - 2j]) for _ in range(7)], dtype, shape)
    for dtype in ['float16', 'float32', 'float64', 'complex64', 'complex128']:
        for _ in range(14):
            scale = 10.0 ** rng.randrange(-6, 9)
            values = [complex(rng.gauss(0, 1), rng.gauss(0, 1)) * scale * 10.0 ** rng.randrange(-2, 3) for _ in range(rng.randrange(1, 12))]
            yield resized(values, dtype, (len(values),))
        yield resized([nan, 1, complex(inf, -inf)], dtype, (3,))
        yield resized([nan, complex(0, inf)], dtype, (2,))
        yield resized([1e-5, 0.1, 3.25, 0.3333333], dtype, (2, 2))
    for shape in [(1001,), (1000,), (2, 600), (600, 2), (7, 7, 30), (4, 3, 100), (10, 10, 10, 10), (3, 400, 1), (1, 5000), (40, 40)]:
        for dtype, values in [('int64', range(11)), ('float32', [0.5, 1, 1e-3, 7, -3]), ('bool', [1, 0, 0]), ('complex128', [1, 2j, 0.5 - 1e-3j]), ('uint8', [200, 3])]:
            yield resized(list(values), dtype, shape)
    yield np.array([2 ** 64 - 1, 0], np.uint64)
    yield np.array([-2 ** 63, 2 ** 63 - 1])
    yield np.array([2 ** 63 - 1] * 5)
    for number in (1e-5, 1e16, 0.1, 1e22, -0.0, np.nan, 12345678.9, 1e8, 1 / 3):
        for dtype in ('float16', 'float32', 'float64', 'complex64', 'complex128'):
            yield resized([number], dtype, ())


def resized(values, dtype, shape):
    with np.errstate(all='ignore'):
        kind = np.dtype(dtype).kind
        wide = np.array(values, complex)
        made = wide.astype(dtype) if kind == 'c' else wide.real.astype(dtype) if kind in 'fb' else wide.real.astype('int64').astype(dtype)
    return np.resize(made, shape)


def pattern(x):
    """The shortest prefix of the elements that np.resize would make x of."""
    raw = x.tobytes()
    for count in range(1, x.size):
        part = raw[:count * x.itemsize]
        if (part * (x.size // count + 1))[:len(raw)] == raw:
            return part
    return raw


def tensor_table():
    rows = []
    for x in tensor_values():
        shape = ', '.join(map(str, x.shape))
        rows.append(f'"{x.dtype}", {{{shape}}}, "{pattern(x).hex()}", {literal(str(x))}, {literal(repr(x))}')
    write('format_tensor.inc', rows)


if __name__ == '__main__':
    np.seterr(all='ignore')
    number_tables()
    spec_tables()
    tensor_table()
