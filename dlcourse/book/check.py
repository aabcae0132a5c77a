"""``python -m dlcourse.book check``: what must hold for the built book, part by part."""

import os
import subprocess
import sys
from collections.abc import Iterator

from dlcourse.book.budget import over_budget
from dlcourse.book.cells import unfinished_cells
from dlcourse.book.equations import loose_ends
from dlcourse.book.experiments import misplaced_experiments
from dlcourse.book.pages import faults_of_site
from dlcourse.book.places import CACHE, EXECUTED, HTML, ROOT, BookError, chapter_files
from dlcourse.book.prose import loose_numbers
from dlcourse.book.statements import misplaced_statements


def check(workers: int) -> Iterator[str]:
    """Yield a line for each part that holds; ``BookError`` lists every fault that was found."""
    if not (HTML / "index.html").exists():
        raise BookError("nothing is built yet. Run: python -m dlcourse.book build")
    chapters = chapter_files()
    parts = {
        "every code cell was executed, none failed": lambda: unfinished_cells(EXECUTED, chapters, ROOT),
        "links, figures' alt texts, no request to another server": lambda: faults_of_site(HTML),
        "formulas and code name each other": lambda: loose_ends(chapters),
        "numbers in the prose come from cells": lambda: loose_numbers(chapters),
        "each statement stands on its page": lambda: misplaced_statements(chapters),
        "each experiment runs on a page, or says why not": lambda: misplaced_experiments(chapters),
        "each page kept its budget of time and memory": lambda: over_budget(chapters, CACHE, ROOT),
        "run again, every cell gives the same (nbval)": lambda: repeat_outputs(workers),
    }
    faults = []
    for name, part in parts.items():
        found = part()
        faults += found
        yield f"{'ok  ' if not found else 'FAIL'} {name}"
    if faults:
        raise BookError(f"{len(faults)} fault(s)\n" + "\n".join(faults))


def repeat_outputs(workers: int) -> list[str]:
    """Strict nbval on the notebooks that the build executed, in fresh kernels."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "--nbval-current-env",
        "--nbval-cell-timeout=600",
        "-q",
    ]
    command += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg"), "-p", "no:cacheprovider", "-rf"]
    # loadscope keeps the cells of a notebook in one worker; else each would start in the middle.
    command += ["-n", str(workers), "--dist", "loadscope", "--no-header", "--tb=no", str(EXECUTED)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)
    if run.returncode == 0:
        return []
    failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    again = " ".join(["python", *command[1:]]).replace("--tb=no", "--tb=short").replace(f"{ROOT}/", "")
    return [*failed, f"to see the difference: {again}"]
