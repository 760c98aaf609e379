"""The statements of random programs: each function of STATEMENTS writes one over the variables that there are.

Knows nothing about running them. Invariant: a function that finds no fitting variable returns None.
"""
import numpy

FUNCTIONS = ["abs", "sqrt", "exp", "sum", "max", "cumsum", "sort", "mean", "ravel", "flip", "argsort", "transpose", "round"]
OPERATORS = ["+", "-", "*", "+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<", ">=", "==", "!=", "<<", "@"]


def pick(writer, names):
    return writer.rng.choice(names) if names else None


def subscript(writer, shape):
    """An index expression for a tensor of the shape, and the shape that basic indexing leaves (None: advanced)."""
    rng, parts, left = writer.rng, [], []
    if not shape:
        return rng.choice(["[...]", "[()]", "[None]"]), None
    for size in shape[:rng.randint(1, len(shape))]:
        kind = rng.random()
        if kind < 0.35:
            parts.append(str(rng.randint(-size, max(size - (rng.random() < 0.95), -size))))
        elif kind < 0.85:
            bounds = [rng.choice(["", str(rng.randint(-size - 1, size + 1))]) for _ in range(2)]
            step = rng.choice(["", "", ":2", ":-1", ":1"])
            parts.append(":".join(bounds) + step)
            left.append(len(range(size)[slice(*[int(b) if b else None for b in bounds], int(step[1:]) if step else None)]))
        elif kind < 0.93:
            return f"[{', '.join(parts + [str([rng.randint(-size, max(size - 1, -size)) for _ in range(rng.randint(0, 3))])])}]", None
        else:
            parts.append(rng.choice(["...", "None"]))
            return f"[{', '.join(parts)}]", None
    return f"[{', '.join(parts)}]", tuple(left) + tuple(shape[len(parts):])


def condition(writer, name):
    """A mask of the variable's shape."""
    rng = writer.rng
    simple = f"{name} {rng.choice(['>', '<', '==', '>=', '!='])} {rng.choice(['0', '1', '2', '0.5', f'mean({name})'])}"
    return rng.choice([simple, simple, f"({simple}) & ({name} < 3)", f"~({simple})", f"({name} < 0) | ({simple})"])


def operand(writer, depth=0):
    """An expression over the variables."""
    rng, name = writer.rng, pick(writer, writer.tensors())
    choice = rng.random()
    if name is None or choice < 0.2:
        return rng.choice(["1", "2", "-1", "3", "0.5", "True", "2.0", "-3", "7"])
    value = writer.known[name]
    if choice < 0.4:
        return name
    if choice < 0.5:
        return name + subscript(writer, value.shape)[0]
    if choice < 0.56:
        return f"{name}[{condition(writer, name)}]"
    if choice < 0.62:
        return name + rng.choice([".T", ".sum()", ".reshape(-1)", ".max(axis=0)", "[::-1]", ".astype(float32)", ".shape[0]", ".size"])
    if choice < 0.7:
        return f"{rng.choice(FUNCTIONS)}({operand(writer, depth + 1)})"
    if choice < 0.76:
        return f"where({condition(writer, name)}, {operand(writer, depth + 1)}, {operand(writer, depth + 1)})"
    if choice < 0.8:
        return writer.literal_like(value.shape, value.dtype.kind)
    if choice < 0.83:
        return f"({operand(writer, 2)} if {operand(writer, 2)} else {operand(writer, 2)})"
    return name if depth > 2 else f"({operand(writer, depth + 1)} {rng.choice(OPERATORS)} {operand(writer, depth + 1)})"


def path(writer):
    """A place in a variable that can be assigned to: one or two basic subscripts, views, or a last advanced one."""
    rng, name = writer.rng, pick(writer, writer.tensors())
    if name is None:
        return None
    shape, text, kind = writer.known[name].shape, name, rng.random()
    if kind < 0.12 and len(shape) > 1:
        text, shape = text + rng.choice([".T", ".transpose()", ".swapaxes(0, -1)"]), None
        return text + rng.choice(["[0]", "[-1]", "[:, 0]", "[1:]", "[..., 0]", "[[0, 0]]"])
    if kind < 0.2:
        return text + f".reshape(-1)[{rng.randint(0, 3)}{rng.choice(['', ':', ':6'])}]"
    if kind < 0.24:
        return text + rng.choice([".flat[0]", ".real[0]", ".ravel()[1:3]", ".flat[1:3]"])
    if kind < 0.4:
        return f"{text}[{condition(writer, name)}]"
    if kind < 0.6 and shape:
        first, shape = subscript(writer, shape)
        text += first
    if shape:
        text += subscript(writer, shape)[0]
    return text


def assign(writer):
    return f"{writer.rng.choice('abcdef')} = {operand(writer)}"


def update(writer):
    target = path(writer)
    return target and f"{target} = {operand(writer)}"


def masked(writer):
    name = pick(writer, writer.tensors())
    if name is None:
        return None
    mask = condition(writer, name)
    value = writer.rng.choice([f"{name}[{mask}] * 2", f"-{name}[{mask}]", operand(writer), "0", f"sqrt(abs({name}[{mask}]))"])
    return f"{name}[{mask}] = {value}"


def augmented(writer):
    target = path(writer) if writer.rng.random() < 0.7 else pick(writer, writer.tensors())
    operator = writer.rng.choice(["+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>"])
    return target and f"{target} {operator}= {operand(writer)}"


def several(writer):
    first, second = path(writer), path(writer)
    if not first or not second:
        return None
    return writer.rng.choice([f"{first}, {second} = {second}, {first}", f"{first} = {second} = {operand(writer)}",
                              f"u, {first} = {operand(writer)}, {second}", f"p, *q = {operand(writer)}"])


def changing_call(writer):
    name = pick(writer, writer.tensors())
    index = writer.rng.choice(["[0]", "[0, 0]", "0", "-1", "[1, 0, 1]"])
    return name and writer.rng.choice([
        f"put({name}, {index}, {operand(writer)})", f"putmask({name}, {condition(writer, name)}, {operand(writer)})",
        f"place({name}, {condition(writer, name)}, [1, 2])", f"copyto({name}, {operand(writer)})", f"{name}.fill(3)",
        f"{name}.sort()", f"add.at({name}, {index}, {operand(writer)})", f"fill_diagonal({name}, {operand(writer)})",
        f"multiply.at({name}, {index}, 2)", f"copyto({name}, 1, where={condition(writer, name)})", f"{name}.sort(axis=0)",
        f"maximum.at({name}, {index}, {operand(writer)})", f"{name}.put({index}, 5)"])


def lists(writer):
    rng, name = writer.rng, pick(writer, writer.of_type(list))
    if name is None or rng.random() < 0.2:
        return f"{rng.choice('lm')} = [{operand(writer)}, {operand(writer)}, [1, 2], 'x']"
    at = rng.randint(-3, 3)
    other = pick(writer, writer.of_type(list))
    return rng.choice([f"{name}.append({operand(writer)})", f"{name}[{at}] = {operand(writer)}", f"v = {name}.pop()",
                       f"{name}.insert({at}, {other})", f"del {name}[{at}]", f"{name}[{at}:] = [1, {operand(writer)}]",
                       f"{name}[{at}][0] = {operand(writer)}", f"{name} += [{operand(writer)}]", f"n = len({name})",
                       f"{name}.extend({other})", f"{name}.reverse()", f"w = {name}[{at}]", f"{name}[{at}] += 1",
                       f"{name} = {name} * 2", f"{name}[::2] = [0] * len({name}[::2])", f"w = {name}.pop({at})",
                       f"{name}[{at}].append({other})", f"t = {name} == {other}", f"x, *y = {name}",
                       f"w = [each for each in {name} if each is not None]", f"del {name}[{at}:]"])


def dicts(writer):
    rng, name = writer.rng, pick(writer, writer.of_type(dict))
    if name is None or rng.random() < 0.2:
        return f"{rng.choice('gh')} = {{'k': {operand(writer)}, 'n': [1, 2], 3: {{'z': 1}}}}"
    key = rng.choice(["'k'", "'n'", "3", "'new'"])
    return rng.choice([f"{name}[{key}] = {operand(writer)}", f"{name}[{key}][0] = {operand(writer)}", f"v = {name}.pop({key})",
                       f"del {name}[{key}]", f"{name}[{key}] += 1", f"v = {name}.get({key}, 5)", f"v = {key} in {name}",
                       f"{name}.update({{'k': {operand(writer)}}})", f"v = {name}.setdefault({key}, [0])",
                       f"w = list({name}.keys())", f"{name}['n'].append({operand(writer)})", f"{name}[3]['z'] += 2",
                       f"w = {{key: len(str(key)) for key in {name}}}", f"v = {name}['k'][0]", f"w = {name} | {{'o': 1}}"])


def block(writer, count, indent="    "):
    """Some simple statements, indented."""
    simple = [assign, update, masked, augmented, augmented, changing_call, lists, dicts]
    texts = [text for _ in range(count) if (text := writer.rng.choice(simple)(writer))]
    return "\n".join(indent + text for text in texts or ["pass"])


def loop(writer):
    rng = writer.rng
    head = rng.choice(["for i in range(3):", "for i, v in enumerate([1, 2]):", f"for v in {pick(writer, writer.tensors()) or [1]}:"])
    body = block(writer, rng.randint(1, 3))
    if "range" in head and (name := pick(writer, writer.tensors())):
        body += f"\n    {name}[i] {rng.choice(['=', '+=', '*='])} {operand(writer)}\n    if i == {rng.randint(0, 2)}:\n        " \
                + rng.choice(["break", "continue", f"{name} = {name}[::-1]"])
    return f"{head}\n{body}" + ("\nelse:\n" + block(writer, 1) if rng.random() < 0.1 else "")


def branch(writer):
    return f"if {operand(writer)}:\n{block(writer, 2)}\nelse:\n{block(writer, 1)}"


def counted(writer):
    return f"n = 0\nwhile n < 3:\n    n += 1\n{block(writer, 2)}"


def function(writer):
    """A function that updates its parameters, and a call of it with variables that must stay as they are."""
    names = [name for name in writer.known if name in "abc"]
    if not names:
        return None
    body, extra = block(writer, writer.rng.randint(1, 3)), writer.rng.choice(["", ", by=2", ", *rest"])
    parameters, given = ", ".join(names), ", ".join(writer.rng.choice(names) for _ in names)
    result = writer.rng.choice([names[0], f"{names[0]}, {names[-1]}", f"[{names[0]}, 1]"])
    return f"def f({parameters}{extra}):\n{body}\n    return {result}\nr = f({given})"


def closure(writer):
    name = pick(writer, writer.tensors())
    return name and writer.rng.choice([
        f"def outer(k):\n    def inner(v):\n        return v * k + {name}\n    return inner(k)\nr = outer({operand(writer)})",
        f"g2 = lambda v, s=2: v * s + {name}\nr = g2({operand(writer)})",
        f"r = [v * 2 + j for j, v in enumerate({name}) if j != 1]", f"r = [{name}[j] for j in range(len({name}))]"])


def shown(writer):
    name = pick(writer, [name for name, value in writer.known.items() if isinstance(value, (numpy.ndarray, int, str))])
    return name and writer.rng.choice([f"print({name})", f"s = f'{{{name}}}'", f"print({name}, {name} is None)"])


STATEMENTS = [assign, assign, update, update, update, masked, masked, augmented, augmented, augmented, several, changing_call,
              changing_call, lists, lists, dicts, loop, loop, branch, counted, function, function, closure, shown]
