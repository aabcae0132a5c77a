"""Stopped and continued: nothing runs twice, nothing is lost, a person's marks stay."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from dlcourse.cli import app
from dlcourse.grading import execute
from dlcourse.grading.batch import Batch, run
from dlcourse.grading.course import Course
from dlcourse.grading.demo import make_demo
from dlcourse.grading.sandbox import sandbox_problem
from dlcourse.grading.store import modules

ROOT = Path(__file__).parents[2]
UNSAFE = sandbox_problem() is not None
KEPT = ("blank", "correct", "flipped_kernel", "stride_ignored")
MARKS = {"blank": 0, "correct": 12, "flipped_kernel": 8.3, "stride_ignored": 9.73}


@pytest.fixture
def small_class(tmp_path):
    with make_demo(ROOT, tmp_path / "class") as folder:
        for path in (folder / "submitted").iterdir():
            if path.name not in KEPT:
                shutil.rmtree(path)
        yield folder


@pytest.fixture
def scored(monkeypatch):
    """The names of all tests that are scored."""
    names = []
    score = execute.Scorer.score

    def noted(self, cell, point):
        names.append(cell.name)
        return score(self, cell, point)

    monkeypatch.setattr(execute.Scorer, "score", noted)
    return names


def marks(rows):
    return {row.student: row.score for row in rows}


def test_only_what_changed_is_run_again(small_class, scored):
    course = Course(small_class, unsafe=UNSAFE)
    assert marks(run(course, "convolution")) == pytest.approx(MARKS)
    assert len(scored) == 16
    scored.clear()
    assert marks(run(course, "convolution")) == pytest.approx(MARKS) and scored == []

    with Gradebook(course.db_url) as gradebook:  # a person marks the written answer
        grade = gradebook.find_grade("Q1-answer", "convolution", "convolution", "correct")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    page = small_class / "feedback" / "correct" / "convolution" / "convolution.html"
    before = page.read_text()
    assert marks(run(course, "convolution"))["correct"] == 14.5 and scored == []
    assert page.read_text() != before, "feedback shows the mark that was given"

    source = small_class / "solutions" / "convolution" / "convolution.md"
    source.write_text(source.read_text().replace("a kernel of one column", "a narrow kernel"))
    outlook = Batch(course, "convolution").outlook(list(KEPT))
    assert outlook == dict.fromkeys(KEPT, "run: E01-hidden")
    assert scored == [] and marks(run(course, "convolution"))["correct"] == 14.5
    assert scored == ["E01-hidden"] * 4

    scored.clear()
    answer = small_class / "submitted" / "blank" / "convolution" / "convolution.ipynb"
    shutil.copy(small_class / "submitted" / "correct" / "convolution" / "convolution.ipynb", answer)
    assert marks(run(course, "convolution"))["blank"] == 12 and len(scored) == 4
    shutil.rmtree(small_class / "feedback" / "blank")
    found = CliRunner().invoke(
        app, ["grade", "convolution", "--only-failed", "--root", str(small_class), "--dry-run"]
    )
    assert found.output.startswith("blank: run") and "correct" not in found.output


def test_a_check_that_another_test_uses_does_not_count():
    one, other = modules(('check("conv2d_naive")',)), modules(('check("conv2d")',))
    assert one != other and one == modules(('check("conv2d_naive")  # again',))


def test_killed_and_started_again(small_class):
    code = "from dlcourse.cli import app; app()"
    command = [sys.executable, "-c", code, "grade", "convolution", "--root", str(small_class), "--jobs", "2"]
    command += ["--unsafe"] * UNSAFE
    kills = 0
    for results in (1, 2):
        grader = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while (
            grader.poll() is None and len(list(small_class.glob(".grading/*/*/convolution.json"))) < results
        ):
            time.sleep(0.02)
        kills += grader.poll() is None
        grader.kill()
        grader.wait()
    assert kills == 2
    left = Path(tempfile.gettempdir()) / f"dlcourse-{grader.pid}-x-left"
    left.mkdir()
    rows = run(Course(small_class, unsafe=UNSAFE), "convolution", jobs=2)
    assert not left.exists(), "folders of killed graders are removed"
    assert marks(rows) == pytest.approx(MARKS) and not any(row.failure for row in rows)
