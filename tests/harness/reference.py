"""The suite of the help texts: every public name has one, complete and true, and docs/reference/ shows them.

One outcome for each name, for its examples, and for each page. Which names there are, the program itself says.
"""
import ast
import importlib.util
import re
import subprocess
import tempfile

from .program import Outcome, difference

PROMPT = re.compile(r"^(?:>>> |\.\.\. )+", re.MULTILINE)
MARK = "--- next example ---"
LABEL = re.compile(r"^([A-Za-z_*][\w*, ]*): ", re.MULTILINE)


def load_tool(root):
    spec = importlib.util.spec_from_file_location("reference_tool", root / "tools" / "reference.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def reference(program, root, accept, sample):
    """All outcomes, of examples those of each `sample`-th name; accept rewrites the pages."""
    tool = load_tool(root)
    entries = tool.entries(program.path)
    known = {entry["name"]: entry for entry in entries}
    own = [entry for entry in entries if not tool.is_shared(entry, known)]
    outcomes = [Outcome(f"help({entry['name']})", incomplete(entry, tool)) for entry in own]
    outcomes += program.each(lambda entry: Outcome(f"examples of {entry['name']}", wrong_example(program, entry)),
                            [entry for entry in own if ">>> " in entry["text"]][::sample])
    return outcomes + stale_pages(program, tool, accept)


def parameters(signature):
    """The names of a signature's parameters."""
    arguments = ast.parse(f"def f{signature}: pass").body[0].args
    found = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return [each.arg for each in found if each]


def incomplete(entry, tool):
    """What an entry lacks; None if nothing."""
    text = entry["text"]
    if not text:
        return "has no text"
    if tool.page_of(entry["page"]) is None:
        return f"stands in {entry['page']}, which no page of tools/reference.py shows"
    if not re.match(r"[^\n]*(\n[^\n]+)*\.(\n|$)", text):
        return "does not begin with a sentence"
    if not entry["signature"]:
        return None
    labels = {name.strip(" *") for names in LABEL.findall(text) for name in names.split(",")}
    missing = [name for name in parameters(entry["signature"]) if name not in labels]
    if missing:
        return f"does not say what these are: {', '.join(missing)}"
    return None if ">>> " in text else "has no example"


def examples(text):
    """[(statement, what the prompt answers)] of a text."""
    found = []
    for block in re.split(r"^>>> ", text, flags=re.MULTILINE)[1:]:
        lines = block.rstrip("\n").split("\n")
        count = 1
        while count < len(lines) and lines[count].startswith("..."):
            count += 1
        statement = [lines[0], *(line[4:] for line in lines[1:count])]
        answer = [line for line in "\n".join(lines[count:]).partition("\n\n")[0].split("\n") if line]
        found.append(("\n".join(statement) + ("\n" if count > 1 else ""), "".join(line + "\n" for line in answer)))
    return found


def wrong_example(program, entry):
    """The first example whose answer at the prompt is another one; None if all are right."""
    shown = examples(entry["text"])
    typed = "".join(f"{statement}\nprint('{MARK}')\n" for statement, _ in shown)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([str(program.path), "-i", "-q", "--no-init"], input=typed, cwd=folder, timeout=60, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    answers = PROMPT.sub("", done.stdout).split(MARK + "\n")
    for (statement, expected), answer in zip(shown, answers):
        answer = re.sub(r"\n *--> .*", "\n", answer, flags=re.DOTALL)  # of an error, the first line is shown
        if failure := difference(expected, "".join(line.rstrip() + "\n" for line in answer.split("\n") if line.strip())):
            return f">>> {statement}\n{failure}"
    return None if len(answers) == len(shown) + 1 else f"the prompt stopped: {done.stdout[-500:]}"


def stale_pages(program, tool, accept):
    """An outcome per page of docs/reference/."""
    outcomes = []
    for name, text in tool.pages(program.path).items():
        path = tool.FOLDER / name
        if accept:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        is_stale = not path.exists() or path.read_text(encoding="utf-8") != text
        outcomes.append(Outcome(f"docs/reference/{name}", "is stale: run ./dev accept" if is_stale else None))
    return outcomes
