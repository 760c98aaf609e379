#!/usr/bin/env python3
"""Writes the library's texts, the table of its names and all help texts as C++: embed.py OUT.cpp FOLDER FILE…

An .inlay file's folder names its module. Public names are its top-level `def`s and assignments; a line
`# methods: a b c` names those that are also methods of tensors; their docstrings are their help.
A .txt file holds the help of names that are written in C++ (docs/reference/README.md says how it is laid out).
Each text is kept once, deflated by zlib: a docstring that is help is left out of the file, but for its line feeds, so
that lines keep their numbers. What is searched, names and signatures, is kept as it is, in one string.
"""
import ast
import inspect
import os
import re
import sys
import zlib

MAX_LITERAL = 12000  # compilers bound the length of one string literal
PREFIXES = {"numpy": "", "tensorflow": "tf.", "nn": "nn."}


class Strings:
    """One string, into which the tables point; equal ones are kept once."""

    def __init__(self):
        self.text, self.known = "", {}

    def piece(self, string):
        """The C++ of a Piece."""
        if string not in self.known:
            self.known[string] = len(self.text)
            self.text += string
        return f"{{{self.known[string]}, {len(string)}}}"

    def definition(self):
        assert self.text.isascii()  # a Piece counts bytes
        pieces = [self.text[i:i + MAX_LITERAL] for i in range(0, len(self.text), MAX_LITERAL)]
        return "constexpr char kStrings[] =\n" + "\n".join(f'R"inlay({piece})inlay"' for piece in pieces) + ";\n"


class Deflated:
    """Texts one behind the other, each deflated by itself."""

    def __init__(self):
        self.all = b""

    def add(self, text):
        """The C++ of a DeflatedText, of bytes."""
        begin = len(self.all)
        self.all += zlib.compress(text, 9)
        return f"{{{begin}, {len(self.all) - begin}, {len(text)}}}"

    def definition(self):
        lines = [", ".join(map(str, self.all[i:i + 32])) for i in range(0, len(self.all), 32)]
        return "constexpr unsigned char kDeflated[] = {\n" + ",\n".join(lines) + "};\n"


def prefix(module):
    """What a user types before a name of the module: "", "linalg.", "tf.math."."""
    first, *rest = module.split(".")
    return PREFIXES[first] + "".join(part + "." for part in rest)


def helpful(path, text):
    """The names of a library file and the functions whose docstrings are their help; the rules of gradients are no names."""
    if os.path.dirname(path) == "gradients":
        return []
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and not node.targets[0].id.startswith("_"):
            # Another name of a function has its text; what is no function has one in a .txt file.
            if getattr(node.value, "id", None) in found:
                found[node.targets[0].id] = found[node.value.id]
    return found.items()


def library_help(path, text):
    """(name, signature, page, text) of each public name of a library file."""
    module = os.path.dirname(path)
    page = os.path.basename(path).removesuffix(".inlay")
    if module != "numpy":
        page = module.removeprefix("numpy.").replace(".", "_")
    return [(prefix(module) + name, f"({ast.unparse(node.args)})", page,
             inspect.cleandoc(ast.get_docstring(node, clean=False) or "")) for name, node in helpful(path, text)]


def without_help(path, text):
    """A library file without the docstrings that library_help takes from it."""
    lines = text.split("\n")
    for _, node in helpful(path, text):
        if ast.get_docstring(node) is None:
            continue
        doc = node.body[0]
        lines[doc.lineno - 1:doc.end_lineno] = [" " * doc.col_offset + '"""'] + [""] * (doc.end_lineno - doc.lineno)
        lines[doc.end_lineno - 1] += '"""'
    return "\n".join(lines)


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


def library_tables(files, strings, deflated):
    rows, texts = [], []
    for number, (path, text) in enumerate(files):
        module = os.path.dirname(path)
        methods = set(" ".join(re.findall(r"^# methods: (.*)$", text, re.M)).split())
        rows += [(module, name, number, name in methods) for name in public_names(text)]
        texts.append(f'    {{"{path}", "{module}", {deflated.add(without_help(path, text).encode())}}},')
    names = [f"    {{{strings.piece(module)}, {strings.piece(name)}, {number}, {str(is_method).lower()}}},"
             for module, name, number, is_method in sorted(set(rows))]
    return texts, names


def help_tables(files, strings, deflated):
    """The rows of kPages and of kHelp; the texts of a page are deflated as one."""
    entries = []
    for path, text in files:
        entries += (library_help if path.endswith(".inlay") else written_help)(path, text)
    pages, rows = {}, []
    for name, signature, page, text in sorted(entries):
        body, before = text.encode(), pages.setdefault(page, b"")
        if body not in before:  # several names may share one text
            pages[page] = before + body
        place = f"{list(pages).index(page)}, {pages[page].index(body)}, {len(body)}"
        rows.append(f"    {{{strings.piece(name)}, {strings.piece(signature)}, {place}}},")
    return [f'    {{"{page}", {deflated.add(text)}}},' for page, text in pages.items()], rows


def table(cpp_type, name, rows):
    return f"constexpr {cpp_type} {name}[] = {{\n" + "\n".join(rows) + "\n};\n"


def main(out, folder, paths):
    files = []
    for path in paths:
        with open(os.path.join(folder, path), encoding="utf-8") as f:
            files.append((path, f.read()))
    strings, deflated = Strings(), Deflated()
    texts, names = library_tables([file for file in files if file[0].endswith(".inlay")], strings, deflated)
    pages, entries = help_tables(files, strings, deflated)
    with open(out, "w", encoding="utf-8") as f:
        f.write('#include "library/library.h"\n\nnamespace inlay {\n\nnamespace {\n')
        f.write(strings.definition() + deflated.definition())
        f.write(table("LibraryFile", "kFiles", texts) + table("LibraryName", "kNames", names))
        f.write(table("HelpPage", "kPages", pages) + table("HelpEntry", "kHelp", entries) + "}  // namespace\n\n")
        for cpp_type, function, rows in [("LibraryFile", "library_files", "kFiles"), ("LibraryName", "library_names", "kNames"),
                                         ("HelpPage", "help_pages", "kPages"), ("HelpEntry", "help_entries", "kHelp"),
                                         ("unsigned char", "deflated_texts", "kDeflated")]:
            f.write(f"std::span<const {cpp_type}> {function}() {{ return {rows}; }}\n")
        f.write("Piece::operator std::string_view() const { return {kStrings + begin, size}; }\n")
        f.write("\n}  // namespace inlay\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
