"""The kill test: a grader is killed at random moments and started again; nothing is lost, memory stays flat.

The class is the demo class; a larger one holds copies of its submissions, with the marks of the originals.
"""

import contextlib
import csv
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from dlcourse.grading.batch import STATE
from dlcourse.grading.course import Course
from dlcourse.grading.demo import ASSIGNMENT, differences, make_demo
from dlcourse.grading.limits import MIB, Limits
from dlcourse.grading.scratch import prefix

LIMITS = Limits(cell=2, call=2)  # those of `demo`
WARM = 20  # submissions after which the memory of a grader is compared with that at the end
CODE = """
import sys
from pathlib import Path
from dlcourse.grading.batch import run
from dlcourse.grading.course import Course
from dlcourse.grading.kills import ASSIGNMENT, LIMITS
run(Course(Path(sys.argv[1]), LIMITS), ASSIGNMENT, jobs=2)
"""


def kill_test(root: Path, times: int, seed: int, submissions: int = 0) -> tuple[dict, list[str]]:
    """Grade once undisturbed, then again with ``times`` kills. Returns the page's figures and what is wrong.

    The moments: after a random number of further results, and a random part of a second.
    """
    draw = random.Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix=prefix("kills")) as place,
        make_demo(root, Path(place, "class")) as folder,
    ):
        expected = _copies(folder, root / "demo" / "expected.csv", submissions)
        count = len(list((folder / "submitted").iterdir()))
        memory = dict(_grade(folder))
        wrong = _wrong(folder, expected)
        for name in (".grading", "autograded", "feedback"):
            shutil.rmtree(folder / name)
        (folder / "gradebook.db").unlink()
        kills = 0
        for left in range(times, 0, -1):
            goal = _finished(folder) + draw.randint(0, max(1, 2 * (count - _finished(folder)) // (left + 1)))
            wait = draw.uniform(0, 1)
            kills += any(done == "killed" for done, _ in _grade(folder, goal, wait))
        for _ in _grade(folder):
            pass
        wrong += _wrong(folder, expected)
    peak = max(memory.values())
    begun = max((size for done, size in memory.items() if done <= WARM), default=peak)
    found = {"kills": kills, "submissions": count, "wrong": len(wrong)}
    return found | {"mib_begun": round(begun), "mib_peak": round(peak)}, wrong


def _copies(folder: Path, expected: Path, wanted: int) -> Path:
    """Hand in copies until ``wanted`` submissions are there; returns the table of what they deserve."""
    lines = list(csv.reader(expected.open(newline="", encoding="utf-8")))
    head, rows = lines[0], lines[1:]
    for number in range(len(rows), wanted):
        name, *rest = lines[1:][number % len(lines[1:])]
        copy = f"{name}.{number // len(lines[1:])}"
        shutil.copytree(folder / "submitted" / name, folder / "submitted" / copy, symlinks=True)
        rows.append([copy, *rest])
    target = folder / "expected.csv"
    with target.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return target


def _finished(folder: Path) -> int:
    return len(list(folder.glob(f".grading/{ASSIGNMENT}/*/{STATE}.json")))


def _grade(folder: Path, goal: int | None = None, wait: float = 0.0) -> Iterator[tuple[int | str, float]]:
    """Run a grader; yields (results, its MiB); killed ``wait`` s after ``goal`` results."""
    with tempfile.TemporaryFile() as said:
        grader = psutil.Popen([sys.executable, "-c", CODE, str(folder)], stdout=said, stderr=said)
        while grader.poll() is None:
            done = _finished(folder)
            if goal is not None and done >= goal:
                time.sleep(wait)
                grader.kill()
                grader.wait()
                yield "killed", 0.0
                return
            with contextlib.suppress(psutil.NoSuchProcess):
                yield done, grader.memory_info().rss / MIB
            time.sleep(0.05)
        if grader.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace")[-2000:])


def _wrong(folder: Path, expected: Path) -> list[str]:
    return differences(expected, Course(folder, LIMITS).rows(ASSIGNMENT))
