"""Shortens a program on which the two disagree: statements, arguments and elements are dropped while they still do.

Knows nothing about what the program does. Invariant: what is returned still differs, in the same way as at first.
"""
import ast
import copy
import re

LISTS = {"body", "orelse", "args", "keywords", "elts"}
OPERANDS = {ast.BinOp: ["left", "right"], ast.UnaryOp: ["operand"], ast.Subscript: ["value"], ast.IfExp: ["body", "orelse"],
            ast.BoolOp: [], ast.Compare: ["left"]}


def minimise(source, judge, attempts=60):
    """The shortest source found for which judge(source) still gives a Difference of the first one's sort."""
    found = judge(source)
    if not found:
        return source
    sort, tried, changed = sort_of(found.reason), 0, True
    while changed and tried < attempts:
        changed = False
        for candidate in shorter(source):
            tried += 1
            other = judge(candidate)
            if other and sort_of(other.reason) == sort:
                source, changed = candidate, True
                break
            if tried >= attempts:
                break
    return source


def sort_of(reason):
    """A reason without the numbers and names in it, so that shorter programs compare equal."""
    kind = re.match(r"(got|expected) (\w+): |died|printed", reason)
    return kind[0] if kind else ("dtype" if "expected " in reason and "[" in reason else "value")


def shorter(source):
    """Programs with one part less, the largest parts first."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    for at, node in enumerate(nodes):
        for name in LISTS & set(node._fields):
            items = getattr(node, name)
            for item in range(len(items) if isinstance(items, list) else 0):
                yield from changed(tree, at, lambda twin: getattr(twin, name).pop(item))
    for at, node in enumerate(nodes):
        for name, value in ast.iter_fields(node):
            for operand in OPERANDS.get(type(value), []):
                yield from changed(tree, at, lambda twin: setattr(twin, name, getattr(getattr(twin, name), operand)))


def changed(tree, at, change):
    """The tree's text after a change of its node number `at`, if that is a program still."""
    twin = copy.deepcopy(tree)
    change(list(ast.walk(twin))[at])
    try:
        text = ast.unparse(ast.fix_missing_locations(twin))
        ast.parse(text)
        yield text
    except (SyntaxError, ValueError, AttributeError, IndexError, TypeError):
        return
