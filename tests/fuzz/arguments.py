"""Arguments by kind: tensors of a class of dtypes, axes, shapes, indices, masks, scalars ... as source text.

A kind is a word of KINDS, a dtype class with options after colons (`real:2`: two axes; `:1+`: at least one; `:same`: the
shape of the call's first tensor; `:bcast`: one that broadcasts with it; `:square`; `:tame`: no special values), or
kinds and literals separated by `|`.
Knows nothing about functions. Invariant: the same random state gives the same text.
"""
CLASSES = {
    "bool": ["bool"],
    "signed": ["int8", "int16", "int32", "int64"],
    "unsigned": ["uint8", "uint16", "uint32", "uint64"],
    "float": ["float64", "float64", "float32", "float16"],
    "single": ["float64", "float32"],
    "complex": ["complex128", "complex64"],
}
CLASSES["int"] = CLASSES["signed"] + ["int64"] * 3 + CLASSES["unsigned"]
CLASSES["real"] = CLASSES["int"] + CLASSES["float"] * 2
CLASSES["inexact"] = CLASSES["float"] + CLASSES["complex"]
CLASSES["solid"] = CLASSES["single"] + CLASSES["complex"] + ["int64"]
CLASSES["number"] = CLASSES["real"] + CLASSES["complex"]
CLASSES["any"] = CLASSES["number"] + ["bool"] * 2

SPECIAL = ["nan", "inf", "-inf", "0.0", "-0.0", "1e30", "-1e-30", "1.0", "-1.0", "0.5", "-2.5"]
WRONG = ["'a'", "None", "[]", "[[1, 2], [3]]", "1.5", "-7", "99", "{}", "(1, 2, 3, 4, 5)", "array([1.5, nan])", "True", "2j"]


class Draw:
    """The arguments of one call: random state, the lines that declare its tensors, and their shapes."""

    def __init__(self, rng, prefix):
        self.rng, self.prefix, self.lines, self.shapes, self.dtype = rng, prefix, [], [], ""

    def argument(self, kind):
        """The source text of one argument; now and then of a wrong type."""
        if self.rng.random() < 0.015:
            return self.rng.choice(WRONG)
        word, *options = kind.split(":")
        if word in CLASSES:
            return self.tensor(word, options)
        chosen = self.rng.choice(kind.split("|"))
        return KINDS[chosen](self) if chosen in KINDS else chosen

    def tensor(self, name, options):
        """Declares a tensor and returns how the call names it: whole, reversed or transposed."""
        dtype, shape = self.rng.choice(CLASSES[name]), self.shape(options)
        if self.shapes and self.rng.random() < 0.35 and self.dtype in CLASSES[name]:
            dtype = self.dtype
        variable = f"{self.prefix}{len(self.shapes)}"
        nested = elements(self.rng, dtype, shape, "tame" in options)
        self.dtype = dtype
        if self.rng.random() < 0.12 and dtype in ("int64", "float64", "bool", "complex128"):
            self.lines.append(f"{variable} = {nested}")
            self.shapes.append(shape)
            return variable
        empty = f".reshape({shape})" if 0 in shape else ""
        self.lines.append(f"{variable} = array({nested}, dtype={dtype}){empty}")
        return self.viewed(variable, shape, bool(set(options) & {"same", "bcast"}))

    def viewed(self, variable, shape, related):
        """The variable, or a view of it that keeps what its shape promised."""
        chance = self.rng.random()
        if chance < 0.1 and shape:
            self.shapes.append(shape)
            return f"{variable}[::-1]"
        if chance < 0.2 and not related and len(shape) > 1:
            self.shapes.append(shape[::-1])
            return f"{variable}.T"
        self.shapes.append(shape)
        return variable

    def shape(self, options):
        """A shape as the options ask; any small one without."""
        first = self.shapes[0] if self.shapes else None
        if first is not None and "same" in options:
            return first
        if first is not None and "bcast" in options:
            return broadcastable(self.rng, first)
        rank = next((each for each in options if each[0].isdigit()), None)
        n_axes = self.rng.choice([0, 1, 1, 1, 2, 2, 2, 3, 3, 4])
        if rank:
            n_axes = max(n_axes, int(rank[:-1])) if rank.endswith("+") else int(rank)
        size = lambda: self.rng.choice([1, 2, 2, 3, 3, 4, 5] + [0] * (self.rng.random() < 0.15))
        shape = tuple(size() for _ in range(n_axes))
        return shape[:-1] + shape[-2:-1] if "square" in options else shape

    @property
    def first(self):
        """The shape of the call's first tensor."""
        return self.shapes[0] if self.shapes else (3,)


def elements(rng, dtype, shape, tame):
    """Nested lists of literals."""
    wild = not tame and rng.random() < 0.3
    def nest(sizes):
        return literal(rng, dtype, wild) if not sizes else f"[{', '.join(nest(sizes[1:]) for _ in range(sizes[0]))}]"
    return nest([] if not shape else list(shape)) if 0 not in shape else "[]"


def literal(rng, dtype, wild):
    """One number that the dtype can hold."""
    if dtype == "bool":
        return rng.choice(["True", "False"])
    if dtype.startswith(("int", "uint")):
        return integer_literal(rng, dtype, wild)
    if dtype.startswith("complex"):
        real, imaginary = (literal(rng, "float", wild and rng.random() < 0.5) for _ in range(2))
        return f"complex({real}, {imaginary})" if wild else f"({real}+{abs(float(imaginary))}j)"
    if wild and rng.random() < 0.4:
        return rng.choice(SPECIAL)
    return repr(round(rng.uniform(-4, 4) if rng.random() < 0.8 else rng.uniform(-300, 300), rng.randrange(3)))


def integer_literal(rng, dtype, wild):
    """A small integer, or one at the edge of the dtype."""
    bits, unsigned = int(dtype.lstrip("uint")), dtype[0] == "u"
    low, high = (0, 2**bits - 1) if unsigned else (-2**(bits - 1), 2**(bits - 1) - 1)
    if wild and rng.random() < 0.3:
        return str(rng.choice([low, high, low + 1, high - 1, 0]))
    return str(rng.randint(0 if unsigned else -9, 9))


def broadcastable(rng, shape):
    """A shape that broadcasts with the given one; rarely one that does not."""
    sizes = [1 if rng.random() < 0.25 else size for size in shape][rng.choice([0, 0, 0, 1, 2]):]
    if rng.random() < 0.03:
        sizes.append(7)
    return tuple(([rng.choice([1, 2])] if rng.random() < 0.15 else []) + sizes)


def axis(draw):
    n_axes = len(draw.first)
    if draw.rng.random() < 0.06 or n_axes == 0:
        return str(draw.rng.choice([n_axes, -n_axes - 1, 0, -1]))
    return str(draw.rng.randrange(-n_axes, n_axes))


def axes(draw):
    """One axis, None, or a tuple of several."""
    chance, n_axes = draw.rng.random(), len(draw.first)
    if chance < 0.1:
        return "None"
    if chance < 0.6 or n_axes == 0:
        return axis(draw)
    chosen = draw.rng.sample(range(n_axes), draw.rng.randint(0, n_axes))
    return str(tuple(each - n_axes * (draw.rng.random() < 0.3) for each in chosen))


def permutation(draw):
    order = draw.rng.sample(range(len(draw.first)), len(draw.first))
    return str(tuple(each - len(order) * (draw.rng.random() < 0.2) for each in order))


def any_shape(draw):
    return str(draw.shape([])) if draw.rng.random() < 0.8 else str(draw.rng.choice([0, 3, -1, (2, -1)]))


def same_size_shape(draw):
    """A shape of as many elements as the first tensor has, one of them perhaps -1."""
    size, sizes = 1, []
    for each in draw.first:
        size *= each
    for divisor in draw.rng.sample([2, 3, 4, 1, 5], 3):
        if size and size % divisor == 0 and draw.rng.random() < 0.7:
            sizes.append(divisor)
            size //= divisor
    sizes.insert(draw.rng.randint(0, len(sizes)), size if draw.rng.random() < 0.5 else -1)
    return str(draw.rng.choice([tuple(sizes), sizes]))


def larger_shape(draw):
    """A shape that the first tensor broadcasts to."""
    return str((*draw.shape([])[:2], *(3 if size == 1 and draw.rng.random() < 0.5 else size for size in draw.first)))


def index(draw):
    size = draw.rng.choice([*draw.first, 3])
    return str(draw.rng.randint(-size - (draw.rng.random() < 0.1), size)) if size else "0"


def indices(draw):
    """Integers in range of the smallest axis mostly; a list, a nested list or a tensor."""
    size = min([*draw.first, 5])
    one = lambda: draw.rng.randint(-size, size - (draw.rng.random() < 0.97)) if size else 0
    row = lambda: [one() for _ in range(draw.rng.choice([0, 1, 2, 2, 3, 4]))]
    return draw.rng.choice([lambda: str(row()), lambda: f"array({row()}, dtype=int64)", lambda: str(one()),
                            lambda: str([[one(), one()], [one(), one()]])])()


def scalar(draw):
    return draw.rng.choice(["0", "1", "2", "-1", "3", "7", "300", "0.5", "-1.5", "2.0", "nan", "inf", "True", "1j",
                            "int8(3)", "float32(1.5)", "array(2)"])


def number(draw):
    return draw.rng.choice(["0", "1", "2", "-1", "5", "0.5", "-2.5", "3.0", "1e3"])


def dtype_name(draw):
    return draw.rng.choice([name for names in CLASSES.values() for name in names] + ["float", "int", "'float32'", "'i4'"])


def tensors(draw):
    """A list of tensors of like shapes."""
    names = [draw.tensor("any", ["same"] if n else []) for n in range(draw.rng.choice([1, 2, 2, 3]))]
    return f"[{', '.join(names)}]"


def fractions(draw, scale=1.0):
    one = lambda: draw.rng.choice([0.0, 1.0, 0.5, 0.25, round(draw.rng.random(), 2), 1.5, -0.1][:6 if draw.rng.random() < 0.1 else 5])
    return draw.rng.choice([lambda: str(one() * scale), lambda: str([one() * scale, one() * scale]),
                            lambda: f"array([[{one() * scale}], [{one() * scale}]])"])()


def pad_width(draw):
    width = lambda: draw.rng.randint(0, 3)
    return draw.rng.choice([lambda: str(width()), lambda: str((width(), width())),
                            lambda: str([(width(), width()) for _ in draw.first])])()


KINDS = {
    "axis": axis, "axes": axes, "perm": permutation, "shape": any_shape, "sizes": same_size_shape, "larger": larger_shape,
    "index": index, "indices": indices, "scalar": scalar, "plain": number, "dtype": dtype_name, "tensors": tensors,
    "flag": lambda draw: draw.rng.choice(["True", "False"]),
    "count": lambda draw: str(draw.rng.choice([0, 1, 1, 2, 2, 3, 4, 5, -1])),
    "small": lambda draw: str(draw.rng.randint(-3, 3)),
    "mask": lambda draw: draw.tensor("bool", ["same"]),
    "q": fractions, "percent": lambda draw: fractions(draw, 100.0), "pads": pad_width,
    "sorted": lambda draw: str(sorted(round(draw.rng.uniform(-5, 5)) for _ in range(draw.rng.randint(1, 5)))),
    "shift": lambda draw: str(draw.rng.choice([0, 1, -1, 2, 70, -3, (1, 2), (1,)])),
}
