"""What a program of the language means, said with NumPy: Python in which every assignment, argument, result and element
of a loop is a copy, and functions change nothing outside themselves.

Covers what NumPy has; not `tf`, gradients, `x.at` and contracts.
Invariant: describe() gives a value as `inlay run --vars-json` does, floats exactly.
"""
import __future__
import ast
import builtins

import numpy

KEEPING = {"append", "insert", "extend", "setdefault", "update", "fill"}  # methods that store what they are given
CHANGING = KEEPING | {"pop", "remove", "clear", "reverse", "sort", "put", "itemset"}
CHANGING_FIRST = {"put", "putmask", "place", "copyto", "fill_diagonal", "at"}  # functions that change their first argument
LAZY = (enumerate, zip, reversed, *(type(view) for view in ({}.keys(), {}.values(), {}.items())))
PYTHON = ("len range print float int bool str complex list tuple dict enumerate zip isinstance type repr format slice "
          "sorted reversed").split()


def own(value):
    """A value that nobody else can change."""
    if isinstance(value, numpy.ndarray):
        return value.copy()
    if isinstance(value, tuple):
        parts = [own(each) for each in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, (list, *LAZY)):
        return [own(each) for each in value]
    if isinstance(value, dict):
        return {key: own(each) for key, each in value.items()}
    return value


def call_own(value):
    """The expression that owns what another gives."""
    return ast.Call(ast.Name("_own", ast.Load()), [value], [])


def root_of(target):
    """The variable that a path begins at; None if it begins at anything else."""
    while isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def changed_by(node):
    """The expressions whose parts a statement or a call changes."""
    if isinstance(node, ast.Assign):
        return node.targets
    if isinstance(node, ast.AugAssign):
        return [node.target]
    if not isinstance(node, ast.Call):
        return []
    is_method = isinstance(node.func, ast.Attribute)
    name = node.func.attr if is_method else getattr(node.func, "id", "")
    is_numpys = not is_method or root_of(node.func.value) in ("np", "numpy")
    if name in CHANGING_FIRST and node.args and (is_numpys or name == "at"):
        return node.args[:1]
    return [node.func.value] if name in CHANGING and not is_numpys else []


class Owning(ast.NodeTransformer):
    """Rewrites a program so that no two names share memory."""

    def visit_Assign(self, node):
        self.generic_visit(node)
        stored = ast.Assign([ast.Name("_stored", ast.Store())], call_own(node.value))
        return [stored, *(ast.Assign([target], call_own(ast.Name("_stored", ast.Load()))) for target in node.targets)]

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        return ast.Assign([node.target], call_own(node.value)) if node.value else ast.Pass()

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        node.value = call_own(node.value)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in KEEPING:
            node.args = [call_own(argument) for argument in node.args]
        return node

    def visit_Return(self, node):
        self.generic_visit(node)
        node.value = node.value and call_own(node.value)
        return node

    def visit_For(self, node):
        self.generic_visit(node)
        node.iter = call_own(node.iter)
        return node

    def visit_FunctionDef(self, node):
        given = [each.arg for each in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg] if each]
        local = {*given, *(each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))}
        for inner in ast.walk(node):
            for name in map(root_of, changed_by(inner)):
                if name is not None and name not in local:
                    raise SyntaxError(f"'{name}' belongs to an outer scope; a function cannot assign into it")
        self.generic_visit(node)
        owned = [ast.Assign([ast.Name(name, ast.Store())], call_own(ast.Name(name, ast.Load()))) for name in given]
        node.body = owned + node.body
        return node


def compiled(source):
    """The code of a program, to be run in a namespace(). Throws SyntaxError."""
    tree = ast.fix_missing_locations(Owning().visit(ast.parse(source)))
    return compile(tree, "script", "exec", flags=__future__.annotations.compiler_flag)


def namespace():
    """The names that are there before a program begins."""
    names = {name: getattr(numpy, name) for name in dir(numpy) if not name.startswith("_")}
    names |= {name: getattr(builtins, name) for name in PYTHON}
    names["sliding_window_view"] = numpy.lib.stride_tricks.sliding_window_view
    errors = {name: value for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)}
    return names | {"np": numpy, "numpy": numpy, "_own": own, "__builtins__": {"__import__": __import__, **errors}}


def run(source, names):
    """Runs a statement in a namespace; gives the variables that were not there before."""
    before = set(names)
    with numpy.errstate(all="ignore"):
        exec(compiled(source), names)
    return {name: value for name, value in names.items() if name not in before and not name.startswith("_")}


def describe_number(value):
    """An element of a tensor as JSON."""
    if isinstance(value, complex):
        return [value.real.hex(), value.imag.hex()]
    return value.hex() if isinstance(value, float) else value


def describe(value):
    """A value as JSON: tensors by dtype, shape and elements in a row."""
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        array = numpy.asarray(value)
        wide = {"f": numpy.float64, "c": numpy.complex128}.get(array.dtype.kind, array.dtype)
        elements = array.astype(wide).ravel().tolist()
        return {"dtype": array.dtype.name, "shape": list(array.shape), "data": [describe_number(each) for each in elements]}
    if isinstance(value, (bool, int, str)) or value is None:
        return {"py": value}
    if isinstance(value, (float, complex)):
        return {f"py_{type(value).__name__}": describe_number(value)}
    if isinstance(value, (tuple, list)):
        return {"tuple" if isinstance(value, tuple) else "list": [describe(each) for each in value]}
    if isinstance(value, dict):
        return {"dict": [[describe(key), describe(each)] for key, each in value.items()]}
    return {"other": type(value).__name__}
