#!/usr/bin/env python3
"""Writes the library's texts, the table of its names and all help texts as C++: embed.py OUT.cpp FOLDER FILE…

An .inlay file's folder names its module. Public names are its top-level `def`s and assignments; a line
`# methods: a b c` names those that are also methods of tensors; their docstrings are their help.
A .txt file holds the help of names that are written in C++ (docs/reference/README.md says how it is laid out).
"""
import ast
import inspect
import os
import re
import sys

MAX_LITERAL = 12000  # compilers bound the length of one string literal
PREFIXES = {"numpy": "", "tensorflow": "tf.", "nn": "nn."}


def literals(text):
    """The text as a std::string_view that knows its length: compilers bound what a constant may count."""
    pieces = [text[i:i + MAX_LITERAL] for i in range(0, len(text), MAX_LITERAL)] or [""]
    return "\n".join(f'R"inlay({piece})inlay"' for piece in pieces) + "sv"


def prefix(module):
    """What a user types before a name of the module: "", "linalg.", "tf.math."."""
    first, *rest = module.split(".")
    return PREFIXES[first] + "".join(part + "." for part in rest)


def library_help(path, text):
    """(name, signature, page, text) of each public name of a library file; the rules of gradients are no names."""
    module = os.path.dirname(path)
    if module == "gradients":
        return []
    page = os.path.basename(path).removesuffix(".inlay")
    if module != "numpy":
        page = module.removeprefix("numpy.").replace(".", "_")
    entries = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            doc = inspect.cleandoc(ast.get_docstring(node, clean=False) or "")
            entries[node.name] = (f"({ast.unparse(node.args)})", doc)
        elif isinstance(node, ast.Assign) and not node.targets[0].id.startswith("_"):
            # Another name of a function has its text; what is no function has one in a .txt file.
            if getattr(node.value, "id", None) in entries:
                entries[node.targets[0].id] = entries[node.value.id]
    return [(prefix(module) + name, signature, page, doc) for name, (signature, doc) in entries.items()]


def written_help(path, text):
    """The same of a .txt file; its names' signatures stand in C++."""
    page = os.path.basename(path).removesuffix(".txt")
    entries = []
    for head, body in re.findall(r"^== ([^\n]*)\n(.*?)(?=^== |\Z)", text, re.M | re.S):
        entries += [(name.strip(), "", page, body.strip("\n")) for name in head.split(",")]
    return entries


def public_names(text):
    names = re.findall(r"^def ([A-Za-z]\w*)|^([A-Za-z]\w*) = ", text, re.M)
    return [a or b for a, b in names]


def library_tables(files):
    rows, texts = [], []
    for number, (path, text) in enumerate(files):
        module = os.path.dirname(path)
        methods = set(" ".join(re.findall(r"^# methods: (.*)$", text, re.M)).split())
        rows += [(module, name, number, name in methods) for name in public_names(text)]
        texts.append(f'    {{"{path}", "{module}", {literals(text)}}},')
    names = [f'    {{"{m}", "{n}", {i}, {str(is_method).lower()}}},' for m, n, i, is_method in sorted(set(rows))]
    return texts, names


def help_rows(files):
    entries = []
    for path, text in files:
        entries += (library_help if path.endswith(".inlay") else written_help)(path, text)
    return [f'    {{"{name}", R"inlay({signature})inlay", "{page}", {literals(text)}}},'
            for name, signature, page, text in sorted(entries)]


def table(cpp_type, name, rows):
    return f"constexpr {cpp_type} {name}[] = {{\n" + "\n".join(rows) + "\n};\n"


def main(out, folder, paths):
    files = []
    for path in paths:
        with open(os.path.join(folder, path), encoding="utf-8") as f:
            files.append((path, f.read()))
    texts, names = library_tables([file for file in files if file[0].endswith(".inlay")])
    with open(out, "w", encoding="utf-8") as f:
        f.write('#include "library/library.h"\n\nnamespace inlay {\n\nnamespace {\n\nusing namespace std::string_view_literals;\n\n')
        f.write(table("LibraryFile", "kFiles", texts) + table("LibraryName", "kNames", names))
        f.write(table("HelpEntry", "kHelp", help_rows(files)) + "}  // namespace\n\n")
        for cpp_type, function, rows in [("LibraryFile", "library_files", "kFiles"), ("LibraryName", "library_names", "kNames"),
                                         ("HelpEntry", "help_entries", "kHelp")]:
            f.write(f"std::span<const {cpp_type}> {function}() {{ return {rows}; }}\n")
        f.write("\n}  // namespace inlay\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
