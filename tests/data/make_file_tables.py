"""Writes the tables of array_files_test.cpp: what NumPy 2.4 stores in files and reads from them. Run with a Python that has NumPy."""
import io
import warnings

import numpy as np

from make_text_tables import literal, write

warnings.simplefilter('ignore')
DTYPES = ['bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', 'float64', 'complex64', 'complex128']
SHAPES = [(), (0,), (3,), (2, 3), (0, 4), (2, 1, 2), (1,) * 12]


def saved(x, save=np.save, **named):
    out = io.BytesIO()
    save(out, **named) if x is None else save(out, x)
    return out.getvalue()


def values(dtype, shape):
    return np.resize(np.arange(7) - 2, shape).astype(dtype)


def npy_tables():
    same = [values(d, s) for d in DTYPES for s in SHAPES]
    write('npy_same.inc', [f'{literal(repr(x))}, "{saved(x).hex()}"' for x in same])
    other = []
    for dtype in DTYPES:
        other.append(np.asfortranarray(values(dtype, (2, 3))))
        other.append(values(dtype, (3,)).astype(np.dtype(dtype).newbyteorder('>')))
        other.append(np.asfortranarray(values(dtype, (2, 2, 2)).astype(np.dtype(dtype).newbyteorder('>'))))
    rows = [f'{literal(repr(x.astype(x.dtype.newbyteorder("="))))}, "{saved(x).hex()}"' for x in other]
    for version in ((2, 0), (3, 0)):
        out = io.BytesIO()
        np.lib.format.write_array(out, np.arange(3), version=version)
        rows.append(f'{literal(repr(np.arange(3)))}, "{out.getvalue().hex()}"')
    write('npy_other.inc', rows)
    named = dict(first=np.arange(4.0), second=np.zeros((2, 300), np.uint8))
    write('npz.inc', [f'"{saved(None, save, **named).hex()}"' for save in (np.savez, np.savez_compressed)])


# text, dtype, delimiter, skiprows, usecols, ndmin, max_rows, comments
LOADS = [
    ('1 2\n3 4\n', {}), ('1\n2\n', {}), ('1 2 3', {}), ('5', {}), ('', {}), ('', dict(ndmin=2)), ('# c\n\n1,2\n3,4 # x\n', dict(delimiter=',')),
    ('1,2\n3', dict(delimiter=',')), ('1,x', dict(delimiter=',')), ('1,2\n', dict(delimiter=',', usecols=(1,))), ('1,2\n', dict(delimiter=',', usecols=(5,))),
    ('1,2\n3,4', dict(delimiter=',', usecols=(-1, 0))), ('1.5 2', dict(dtype='int64')), ('300', dict(dtype='uint8')), ('-1', dict(dtype='uint8')),
    ('1 0 2', dict(dtype='bool')), ('1 True', dict(dtype='bool')), ('1+2j (3-1j) 2j 1e5-1e-5j', dict(dtype='complex128')), ('1 j', dict(dtype='complex128')),
    ('1\n2', dict(ndmin=2)), ('1 2', dict(ndmin=2)), ('1 2', dict(ndmin=1)), ('5', dict(ndmin=1)), ('5', dict(ndmin=3)), ('1,,2', dict(delimiter=',')),
    (' 1 , 2 ', dict(delimiter=',')), ('1\t2', {}), ('a\n1 2', dict(skiprows=1)), ('1 2\r\n3 4\r\n', {}), ('1;2', dict(delimiter=';')),
    ('1 2\n3 4\n5 6', dict(max_rows=2)), ('1e400 nan inf -Infinity', {}), ('1_0', {}), ('0x10', {}), ('1e400 0.1', dict(dtype='float32')),
    ('1//2', dict(delimiter='//')), ('9999999999999999999999', dict(dtype='int64')), ('18446744073709551615 0', dict(dtype='uint64')),
    ('1 2 3\n4 5 6\n7 8', dict(usecols=(0,))), ('1 2 3\n4 5 6\n7 8 9 10', {}), ('\n\n1 2\n', dict(skiprows=1)), ('#a\n1 2\n3 4', dict(skiprows=1)),
    ('1 2\n3 4', dict(usecols=(1,), ndmin=2)), ('1 2 //x', dict(comments='//')), ('1 2 % a\n# 3 4\n5 6', dict(comments='%#')), ('1,2,\n', dict(delimiter=',')),
    ('abc', dict(dtype='int64')), ('65505 1', dict(dtype='float16')), (' \n1', {}), ('-128 127', dict(dtype='int8')), ('128', dict(dtype='int8')),
]


def load_row(text, options):
    arguments = {**options, 'comments': list(options['comments']) if options.get('comments') == '%#' else options.get('comments', '#')}
    try:
        result = f'{literal(repr(np.loadtxt(io.StringIO(text), **arguments)))}, nullptr'
    except (ValueError, TypeError) as error:
        result = f'nullptr, {literal(str(error))}'
    comments = ', '.join(literal(c) for c in (arguments['comments'] if isinstance(arguments['comments'], list) else [arguments['comments']]))
    columns = options.get('usecols')
    usecols = 'std::nullopt' if columns is None else f'std::vector<std::int64_t>{{{", ".join(map(str, columns))}}}'
    rows = options.get('max_rows')
    return (f'{literal(text)}, "{options.get("dtype", "float64")}", {{{comments}}}, {literal(options.get("delimiter", ""))}, {options.get("skiprows", 0)}, '
            f'{usecols}, {options.get("ndmin", 0)}, {"std::nullopt" if rows is None else f"std::optional<std::int64_t>({rows})"}, {result}')


A = 'np.array([[1, 2.5], [-3, 1e10]])'
I = 'np.array([[1, 255]])'
SAVES = ([(A, dict(fmt=f)) for f in ['%d', '%10.3f', '%d:%g', '%x', '%q', '%', '%d%%', 'x', '%s', '%+08.2e', '%-8g|', '% g', '%5i', '%G', '%F', '%.3', '%-05d|', '%#.0f',
                                     '%ld', '%*d', '%(x)s', '%.2s', '%8s', '%-8s', ['%d', '%s'], ['%d']]] +
         [(I, dict(fmt=f)) for f in ['%d', '%x', '%#X', '%o', '%#o', '%05d', '%.4d', '%s', '%+d', '%#06x', '%g', '%u']] +
         [(A, {}), (I, {}), (A, dict(fmt='%g', delimiter=',', newline='\r\n')), (A, dict(header='a\nb', footer='z', comments='% ', fmt='%g')),
          ('np.array([True, False])', {}), ('np.array([True])', dict(fmt='%d')), ('np.array([True])', dict(fmt='%s')), ('np.array([1+2j, -1-0.5j])', {}),
          ('np.array([1+2j])', dict(fmt='%g')), ('np.array([[1+2j, 3]])', dict(fmt='%g %g')), ('np.array([[1+2j, 3]])', dict(fmt='%g+%gi %g+%gi')),
          ('np.array(5)', {}), ('np.zeros((2, 2, 2))', {}), ('np.array([0.1], np.float32)', {}), ('np.array([0.1], np.float32)', dict(fmt='%s')),
          ('np.array([np.nan])', dict(fmt='%d')), ('np.array([np.nan, np.inf, -np.inf])', dict(fmt='%06.2f')), ('np.zeros((0,))', {}), ('np.zeros((2, 0))', {}),
          ('np.array([1e20])', dict(fmt='%d')), ('np.array([2**64 - 1], np.uint64)', dict(fmt='%d')), ('np.array([-255])', dict(fmt='%#06x')),
          ('np.array([-0.5])', dict(fmt='%d')), ('np.array([-0.5])', dict(fmt='%.0f'))])


def save_row(source, options):
    out = io.StringIO()
    try:
        np.savetxt(out, eval(source), **options)
        result = f'{literal(out.getvalue())}, nullptr'.replace('\r', '\\r')
    except (ValueError, TypeError, AttributeError) as error:
        result = f'nullptr, {literal(str(error))}'
    fmt = options.get('fmt', '%.18e')
    formats = ', '.join(literal(f) for f in (fmt if isinstance(fmt, list) else [fmt]))
    rest = ', '.join(literal(options.get(k, d)) for k, d in [('delimiter', ' '), ('newline', '\n'), ('header', ''), ('footer', ''), ('comments', '# ')])
    return f'"{saved(eval(source)).hex()}", {{{{{formats}}}, {str(isinstance(fmt, list)).lower()}, {rest}}}, {result}'


if __name__ == '__main__':
    npy_tables()
    write('load_text.inc', [load_row(*case) for case in LOADS])
    write('save_text.inc', [save_row(*case) for case in SAVES])
