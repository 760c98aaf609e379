"""The list of decisions in docs/decisions/README.md: a row for each page, made of the page's first lines.

Invariant: a page begins with `# NNN: title`, a blank line, and `DATE. STATUS.`; its file's name begins with the number.
"""
import re

from .program import Outcome, difference

HEAD = re.compile(r"# (?P<number>\d{3}): (?P<title>[^\n]+)\n\n(?P<date>\d{4}-\d\d)\. (?P<status>[^\n]*?)\.(?:[ \n]|$)")
TABLE = re.compile(r"(?<=\|---\|---\|---\|\n).*", re.DOTALL)


def decisions(root, accept):
    """The outcome of the list; accept rewrites its table."""
    folder = root / "docs" / "decisions"
    pages = {path.name: HEAD.match(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("[0-9]*.md"))}
    headless = [name for name, head in pages.items() if not head or not name.startswith(head["number"] + "-")]
    if headless:
        return Outcome("docs/decisions", f"no head as harness/decisions.py has it: {', '.join(headless)}")
    rows = "".join(f"| [{head['number']}]({name}) | {head['title']} | {head['status']} |\n" for name, head in pages.items())
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    if accept:
        readme.write_text(TABLE.sub(lambda _: rows, text), encoding="utf-8")
        return Outcome("docs/decisions/README.md", None)
    failure = difference(TABLE.search(text)[0], rows)
    return Outcome("docs/decisions/README.md", failure and f"{failure}\ntests/run.py --only documents --accept rewrites it")
