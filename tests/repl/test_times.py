"""How long the prompt lets people wait. The promises are in docs/decisions/037; a busy machine gets several times as much.

`python3 tests/repl/test_times.py [build/inlay]` prints what it measures here.
"""
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from repl.terminal import CTRL_C, Terminal, check  # noqa: E402  (needs the path above)

PATIENCE = 8  # times what is promised

# Entries that take seconds, each by another way through the runtime; what they need is made before.
SLOW = {
    "sort": "[sort(x) for n in range(50)]",
    "argsort": "[argsort(x) for n in range(20)]",
    "unique": "[unique(x) for n in range(20)]",
    "a product": "[m @ m for n in range(20)]",
    "a formula": "[exp(x) ** 1.5 + sin(x) for n in range(200)]",
    "a masked update": "[where(x > 0.5, x, 0) for n in range(200)]",
    "a scatter": "scattered(y)",
    "random numbers": "random.normal(size=3 * 10**8)",
    "a list": "[n * n for n in range(10**8)]",
    "text": "str(list(range(3 * 10**7)))",
    "batches": "linalg.svd(random.rand(20000, 30, 30))",
}
SETUP = ("x = random.rand(10**7); m = random.rand(3000, 3000); y = zeros(10**6); i = random.randint(0, 10**6, 10**6)\n"
         "def scattered(y):\n    for n in range(1000): add.at(y, i, 1.0)\n    return y\n")


def start_time(start):
    """Seconds from the start of the process to the first prompt."""
    times = []
    for _ in range(8):
        begin = time.monotonic()
        start("-q", "--no-init")
        times.append(time.monotonic() - begin)
    return min(times)


def answer_time(terminal, typed, answer):
    """Seconds from a key to what it shows."""
    terminal.prompted()
    begin = time.monotonic()
    terminal.type(typed)
    terminal.expect(answer)
    return time.monotonic() - begin


def summary_time(start):
    """Seconds for the echo of a tensor of 10^8 elements, the keys included."""
    terminal = start("-q")
    terminal.enter("x = zeros(10**8, dtype=int8)")
    times = []
    for _ in range(8):
        times.append(answer_time(terminal, "x\n", "0 0 0]"))
        terminal.expect(">>> ")
    return min(times)


def interrupt_times(start):
    """Seconds from Ctrl-C to the message, for each way to be slow."""
    terminal = start("-q")
    (terminal.folder / "setup.inlay").write_text(SETUP)
    terminal.enter(":load setup.inlay")
    times = {}
    for name, entry in SLOW.items():
        terminal.type_at_prompt(f"z = {entry}\n")
        time.sleep(0.3)
        begin = time.monotonic()
        terminal.type(CTRL_C)
        terminal.expect("KeyboardInterrupt")
        times[name] = time.monotonic() - begin
        terminal.expect_prompt()
    terminal.enter("z", "NameError")
    return times


def test_start_to_the_first_prompt(start):
    taken = start_time(start)
    check(taken < 0.015 * PATIENCE, f"{taken * 1000:.0f} ms to the first prompt")


def test_a_large_tensor_is_summarised_at_once(start):
    taken = summary_time(start)
    check(taken < 0.001 * PATIENCE, f"{taken * 1000:.0f} ms for the echo of 10^8 elements")


def test_ctrl_c_stops_every_operation(start):
    for name, taken in interrupt_times(start).items():
        check(taken < 0.1 * PATIENCE, f"{taken * 1000:.0f} ms to stop {name}")


def main():
    """Measures and prints."""
    import os
    import tempfile

    class Program:
        """As tests/run.py has it."""
        path = str(Path(sys.argv[1] if len(sys.argv) > 1 else "build/inlay").resolve())
        environment = {**os.environ, "NO_COLOR": "1"}
        timeout = 60

    def start(*arguments):
        return Terminal(Program, Path(tempfile.mkdtemp()), arguments)
    print(f"start to the first prompt: {start_time(start) * 1000:.1f} ms")
    print(f"echo of 10^8 elements, keys included: {summary_time(start) * 1000:.1f} ms")
    for name, taken in interrupt_times(start).items():
        print(f"Ctrl-C in {name}: {taken * 1000:.0f} ms")


if __name__ == "__main__":
    main()
