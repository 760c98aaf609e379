#!/usr/bin/env python3
"""Writes the library's texts and the table of its names as C++: embed.py OUT.cpp FOLDER FILE…

A file's folder names its module. Public names are its top-level `def`s and assignments; a line
`# methods: a b c` names those that are also methods of tensors.
"""
import os
import re
import sys

MAX_LITERAL = 12000  # compilers bound the length of one string literal


def literals(text):
    pieces = [text[i:i + MAX_LITERAL] for i in range(0, len(text), MAX_LITERAL)] or [""]
    return "\n".join(f'R"inlay({piece})inlay"' for piece in pieces)


def public_names(text):
    names = re.findall(r"^def ([A-Za-z]\w*)|^([A-Za-z]\w*) = ", text, re.M)
    return [a or b for a, b in names]


def main(out, folder, files):
    rows, texts = [], []
    for number, path in enumerate(files):
        with open(os.path.join(folder, path), encoding="utf-8") as f:
            text = f.read()
        module = os.path.dirname(path)
        methods = set(" ".join(re.findall(r"^# methods: (.*)$", text, re.M)).split())
        rows += [(module, name, number, name in methods) for name in public_names(text)]
        texts.append(f'    {{"{path}", "{module}", {literals(text)}}},')
    names = [f'    {{"{m}", "{n}", {i}, {str(is_method).lower()}}},' for m, n, i, is_method in sorted(set(rows))]
    with open(out, "w", encoding="utf-8") as f:
        f.write('#include "library/library.h"\n\nnamespace inlay {\n\nnamespace {\n')
        f.write("constexpr LibraryFile kFiles[] = {\n" + "\n".join(texts) + "\n};\n")
        f.write("constexpr LibraryName kNames[] = {\n" + "\n".join(names) + "\n};\n}  // namespace\n\n")
        f.write("std::span<const LibraryFile> library_files() { return kFiles; }\n")
        f.write("std::span<const LibraryName> library_names() { return kNames; }\n\n}  // namespace inlay\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
