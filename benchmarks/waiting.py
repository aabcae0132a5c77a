"""What users wait for besides training: imports, the command line, data, a kernel. Wall time, in seconds."""

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

IMPORT = "import time; t = time.perf_counter(); import dlcourse; print(time.perf_counter() - t)"
MNIST = (
    "import time; from dlcourse.data import load_mnist; load_mnist(); t = time.perf_counter(); "
    "load_mnist(); print(time.perf_counter() - t)"
)
HELP = "from dlcourse.cli import app; app()"


def inside(code: str) -> float:
    """Run ``code`` in a fresh interpreter; it prints how long it took."""
    return float(
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    )


def whole(code: str, *words: str) -> float:
    """The whole life of an interpreter that runs ``code`` with these arguments."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=True)
    return time.perf_counter() - start


def kernel() -> float:
    """From asking for a kernel until its first cell, ``import dlcourse``, has run."""
    from jupyter_client.manager import start_new_kernel

    start = time.perf_counter()
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        client.execute_interactive("import dlcourse", timeout=60)
        return time.perf_counter() - start
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# name: (limit in seconds, how to measure it)
WAITS: dict[str, tuple[float, Callable[[], float]]] = {
    "import dlcourse": (0.15, lambda: inside(IMPORT)),
    "dlcourse --help": (0.4, lambda: whole(HELP, "--help")),
    "MNIST, after the first time": (0.1, lambda: inside(MNIST)),
    "a chapter's kernel": (3.0, kernel),
}


def measure(rounds: int, bar) -> list[dict]:
    """Median and minimum of every wait; the first call is not counted: it fills the caches."""
    rows = []
    for name, (limit, wait) in WAITS.items():
        bar.set_postfix_str(name)
        times = [wait() for _ in range(rounds + 1)][1:]
        rows.append({"wait": name, "limit": limit, "median": median(times), "min": min(times)})
        bar.update()
    return rows
