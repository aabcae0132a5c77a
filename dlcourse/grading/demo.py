"""The demo classes: folders with submissions made from a released notebook, and the marks they deserve."""

import contextlib
import csv
import runpy
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dlcourse.grading.course import Row
from dlcourse.grading.scratch import prefix

ASSIGNMENT = "convolution"
CLASSES = {ASSIGNMENT: ("students.py", "expected.csv"), "transformer": ("hunters.py", "hunters.csv")}


@contextlib.contextmanager
def make_demo(root: Path, keep: Path | None = None, assignment: str = ASSIGNMENT) -> Iterator[Path]:
    """A course folder with the solutions of ``root`` and the submissions that a file of demo/ writes."""
    with contextlib.ExitStack() as stack:
        if keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix("demo"))))
        else:
            folder = keep.resolve()
            folder.mkdir(parents=True)
        target = folder / "solutions" / assignment
        target.mkdir(parents=True)
        for source in (root / "solutions" / assignment).glob("*.md"):
            shutil.copy(source, target)
        shutil.copy(root / "nbgrader_config.py", folder)
        released = root / "exercises" / assignment / f"{assignment}.ipynb"
        students = runpy.run_path(str(root / "demo" / CLASSES[assignment][0]))["STUDENTS"]
        for name, write in students.items():
            place = folder / "submitted" / name / assignment
            place.mkdir(parents=True)
            write(released.read_text(encoding="utf-8"), place)
        yield folder


def differences(expected: Path, rows: list[Row]) -> list[str]:
    """A sentence for each student whose score, cells to grade by hand, or remark is not as expected.

    ``remark`` in the file is a part of what must be said to the student: in a remark or by a test.
    """
    with expected.open(newline="", encoding="utf-8") as file:
        wanted = {line["student"]: line for line in csv.DictReader(file)}
    found = {row.student: row for row in rows}
    problems = [f"{name}: not graded" for name in sorted(wanted.keys() - found.keys())]
    problems += [f"{name}: not in {expected.name}" for name in sorted(found.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & found.keys()):
        line, row = wanted[name], found[name]
        said = " ".join([*row.remarks, *row.sentences.values(), row.failure])
        if abs(row.score - float(line["score"])) > 1e-9:
            problems.append(f"{name}: {row.score:g} points, expected {line['score']} ({said})")
        if " ".join(row.needs_manual) != line["by_hand"]:
            problems.append(f"{name}: by hand {row.needs_manual}, expected {line['by_hand']!r}")
        if line["remark"] not in said:
            problems.append(f"{name}: nobody said {line['remark']!r}, but: {said}")
    return problems
