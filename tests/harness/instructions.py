"""The suite of instruction counts: what tiny programs cost, start-up taken off, may not grow by more than 5 %.

Counts come from callgrind, which a busy machine does not disturb. They belong to one compiler and to optimised builds:
with any other, and without valgrind, the suite says why it was skipped and counts as passed.
Invariant: what is compared was recorded with the same options; --accept records anew.
"""
import json
import platform
import re
import shutil
import tempfile
from pathlib import Path

from .program import Outcome, run

MOST_GROWTH = 1.05
COLLECTED = re.compile(r"Collected : (\d+)")


def instructions(program, root, accept):
    """One outcome per program in tests/instructions/, and lines on what became cheaper."""
    folder = root / "tests" / "instructions"
    recorded_in = folder / "recorded.json"
    recorded = json.loads(recorded_in.read_text(encoding="utf-8"))
    build = describe_build(Path(program.path).resolve().parent)
    reason = reason_to_skip(build, recorded["build"])
    if reason and not (accept and build):
        return [Outcome("instructions: skipped")], [f"  skipped: {reason}"]
    start_up = cost_of_nothing(program)
    counts = {path.stem: collected(program, path) - start_up for path in sorted(folder.glob("*.inlay"))}
    if accept:
        text = json.dumps({"build": build, "counts": counts}, indent=2) + "\n"
        recorded_in.write_text(text, encoding="utf-8")
        return [Outcome(name) for name in counts], []
    outcomes = [judge(name, count, recorded["counts"].get(name)) for name, count in counts.items()]
    notes = [note(name, count, recorded["counts"].get(name)) for name, count in counts.items()]
    return outcomes, [line for line in notes if line]


def describe_build(folder):
    """Compiler and machine of the optimised build in a folder; None for any other build."""
    information = folder / "meson-info"
    try:
        targets = json.loads((information / "intro-targets.json").read_text(encoding="utf-8"))
        options = {each["name"]: each["value"]
                   for each in json.loads((information / "intro-buildoptions.json").read_text(encoding="utf-8"))}
        compiler = next(sources["compiler"][-1] for target in targets for sources in target["target_sources"]
                        if sources.get("language") == "cpp")
    except (OSError, KeyError, ValueError, StopIteration):
        return None
    is_plain = options.get("b_sanitize", "none") in ("none", []) and not options.get("b_coverage")
    if options["optimization"] != "3" or not is_plain:
        return None
    version = run([compiler, "-dumpversion"], timeout=10).stdout.strip()
    return {"compiler": f"{Path(compiler).name} {version}", "machine": platform.machine()}


def reason_to_skip(build, recorded):
    """Why counts cannot be compared, or None."""
    if not shutil.which("valgrind"):
        return "valgrind is not installed"
    if not build:
        return "no build with the options of a release"
    if build != recorded:
        return f"counts were recorded with {recorded}, this is {build}"
    return None


def cost_of_nothing(program):
    """Instructions of a program that does nothing: start-up."""
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder, "nothing.inlay")
        nothing.write_text("pass\n", encoding="utf-8")
        return collected(program, nothing)


def collected(program, path):
    """Instructions of a whole run, as callgrind counts them."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program.path, "run", "--threads", "1", str(path)]
    result = run(command, timeout=10 * program.timeout, env=program.environment)
    found = COLLECTED.search(result.stderr)
    if result.status or not found:
        raise RuntimeError(f"{path.name}: {result.stderr[-500:]}")
    return int(found.group(1))


def judge(name, count, before):
    """Whether a count has grown beyond what is allowed."""
    if before is None:
        return Outcome(f"instructions/{name}", "has no recorded count: run ./dev accept")
    if count > MOST_GROWTH * before:
        return Outcome(f"instructions/{name}", f"{count:,} instructions, {count / before - 1:+.1%} over the recorded "
                                               f"{before:,}; if that is meant, ./dev accept records it")
    return Outcome(f"instructions/{name}")


def note(name, count, before):
    """A line if a program became so much cheaper that the record should follow, else nothing."""
    if not before or count >= before / MOST_GROWTH:
        return ""
    return f"  {name}: {count / before - 1:+.1%}; --accept records the better count"
