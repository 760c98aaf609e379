#!/usr/bin/env python3
"""Writes docs/reference/ from what the program says of itself: tools/reference.py [--inlay build/inlay]

The texts stand in the docstrings of library/ and in interpreter/help/; `inlay help --json` gives them all. Which of them
share a page stands here. The suite `reference` fails if the pages in the tree are not what this writes.
"""
import argparse
import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"

# page: title and the files whose entries it shows
PAGES = {
    "creation": ("Creating tensors", ["creation", "conversion"]),
    "types": ("Types, dtypes and constants", ["constants", "dtypes"]),
    "elementwise": ("Elementwise functions", ["elementwise", "choosing"]),
    "reductions": ("Reductions and statistics",
                   ["reduce", "statistics", "nan_statistics", "quantiles", "calculus", "histograms"]),
    "shape": ("Shapes, joining and arranging", ["shape", "arranging", "joining", "padding", "windows",
                                                        "mapping", "diagonals", "lib_stride_tricks"]),
    "index": ("Taking, finding and setting elements", ["index", "mutators"]),
    "sort": ("Sorting and sets", ["sort", "sets"]),
    "gradients": ("Gradients", ["gradients"]),
    "nn": ("Neural networks", ["nn"]),
    "linalg": ("Linear algebra", ["linalg", "products", "einsum"]),
    "fft": ("Fourier transforms", ["fft"]),
    "polynomials": ("Polynomials", ["polynomials"]),
    "pictures": ("Pictures", ["pictures"]),
    "random": ("Random numbers", ["random"]),
    "files": ("Files", ["files", "text_files"]),
    "printing": ("Printing", ["printing"]),
    "tensor": ("Attributes and methods of tensors", ["tensor"]),
    "python": ("Python's functions, strings, lists and dicts", ["python"]),
    "math": ("Python's math", ["math"]),
    "tensorflow": ("TensorFlow's names", ["tensorflow", "tensorflow_math", "tensorflow_nn", "tensorflow_linalg",
                                          "tensorflow_random", "tensorflow_bitwise"]),
}

INDEX = """# Reference

Every name of the language, as `help(name)` and `inlay help NAME` show it. These pages are written by
`tools/reference.py` from the docstrings in `library/` and the entries in `interpreter/help/`; edit those.

{pages}

[What NumPy has and Inlay leaves out](numpy.md), and why.

## How an entry is laid out

An entry of `interpreter/help/*.txt` starts with `== name`, or `== name, alias`; a library function's text is its
docstring. One sentence, then what a user needs beyond it; a line for each parameter, `Result:`, `Errors:` and `See:`
where there is something to say; then at least one example as the prompt shows it, which is run as a test.
"""


def entries(inlay):
    """What the program says of its names, as dicts; without the methods that share a function's text."""
    text = subprocess.run([str(inlay), "help", "--json"], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def page_of(source):
    """The page that shows a file's entries; None if no page does."""
    return next((page for page, (_, sources) in PAGES.items() if source in sources), None)


def is_shared(entry, known):
    """A method or tf name whose text is that of a function."""
    for prefix in ("ndarray.", "Generator.", "tf.", "tf.math.", "tf.nn.", "linalg.", "np."):
        bare = known.get(("random." if prefix == "Generator." else "") + entry["name"].removeprefix(prefix))
        if entry["name"].startswith(prefix) and bare and bare["text"] == entry["text"]:
            return True
    drawn = known.get(entry["name"].replace("Generator.", "random."))
    return entry["name"].startswith("Generator.") and drawn is not None and drawn["text"] == entry["text"]


def markdown(entry):
    """One entry: parameters as a list, examples as a transcript."""
    text, _, examples = entry["text"].partition("\n>>> ")
    lines = []
    for line in text.strip().split("\n"):
        label = re.match(r"([A-Za-z*][\w*, ]*): (.*)", line)
        lines.append(f"- **{label[1]}**: {label[2]}" if label else line)
    shown = f"\n```pycon\n>>> {examples.strip()}\n```\n" if examples else ""
    return f"## {entry['name']}\n\n`{entry['name']}{entry['signature']}`\n\n" + "\n".join(lines).strip() + "\n" + shown


def anchor(name):
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w-]", "", name.lower())


def pages(inlay):
    """{file name: text} of the whole folder."""
    everything = entries(inlay)
    known = {entry["name"]: entry for entry in everything}
    texts = {}
    for page, (title, sources) in PAGES.items():
        own = [entry for entry in everything if entry["page"] in sources and not is_shared(entry, known)]
        names = " ".join(f"[{entry['name']}](#{anchor(entry['name'])})" for entry in own)
        texts[f"{page}.md"] = f"# {title}\n\n{names}\n\n" + "\n".join(markdown(entry) for entry in own)
    index = "\n".join(f"- [{title}]({page}.md)" for page, (title, _) in PAGES.items())
    texts["README.md"] = INDEX.format(pages=index)
    texts["numpy.md"] = numpy_page()
    return texts


def numpy_page():
    """The table of what NumPy has and we leave out."""
    rows = []
    for line in (ROOT / "tests" / "surface" / "left_out.txt").read_text(encoding="utf-8").splitlines():
        names, _, reason = line.partition(": ")
        if line and not line.startswith("#"):
            shown = " ".join(f"`{name}`" for name in names.split())
            rows.append(f"| {shown} | {reason} |")
    return ("# What NumPy has and Inlay leaves out\n\nEverything else of NumPy 2's public functions, methods and types is "
            "there: the suite `surface` compares names and\nsignatures with NumPy's.\n\n| left out | why |\n|---|---|\n"
            + "\n".join(rows) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--inlay", default="build/inlay")
    given = options.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages(given.inlay).items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
