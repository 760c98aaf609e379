"""One file of workloads/: the sizes it is run at, a setup and the statement that is timed, one text for Inlay and NumPy, and the
same work as users of other engines write it, in sections by the engine's name.

`{n}` is the size, `{r}` its square root, `{k}` the lesser of the size and of the file's `picks`.
"""


class Workload:
    """One file of workloads/."""

    def __init__(self, path):
        head, *parts = path.read_text(encoding="utf-8").split("\n--- ")
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        self.name = path.stem
        self.sizes = [int(size) for size in fields["sizes"].split()]
        self.picks = int(fields.get("picks", 0))
        self.sections = dict(part.split("\n", 1) for part in parts)

    def text(self, section, size):
        """A section for a size."""
        text = self.sections[section]
        for name, value in {"{n}": size, "{r}": int(size ** 0.5), "{k}": min(self.picks, size)}.items():
            text = text.replace(name, str(value))
        return text
