"""The demo class through the whole path: each submission gets the mark it deserves, none stops the others."""

import csv
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from dlcourse.grading.batch import run
from dlcourse.grading.course import Course
from dlcourse.grading.demo import differences, make_demo
from dlcourse.grading.limits import Limits
from dlcourse.grading.sandbox import sandbox_problem

ROOT = Path(__file__).parents[2]
EXPECTED = ROOT / "demo" / "expected.csv"


def test_the_demo_class(tmp_path):
    # One test: the class is graded once, also where tests are spread over processes.
    with make_demo(ROOT, tmp_path / "class") as folder:
        before = {p: p.lstat().st_mtime_ns for p in sorted(folder.glob("submitted/**/*"))}
        course = Course(folder, limits=Limits(cell=2, call=2), unsafe=sandbox_problem() is not None)
        rows = run(course, "convolution")
        after = {p: p.lstat().st_mtime_ns for p in sorted(folder.glob("submitted/**/*"))}
        assert after == before, "grading changed what was handed in"
        assert differences(EXPECTED, rows) == []
        assert len(rows) >= 30
        a_wrong_mark_is_noticed(rows, tmp_path / "expected.csv")
        the_gradebook_and_both_tables_agree(course, rows)
        feedback_shows_the_sentence_and_no_secret(course, rows)
        the_mark_scheme_stands_where_a_person_grades(course)
        feedback_can_be_released(course, rows)
        seed = course.root / ".grading-seed"
        assert seed.stat().st_mode & 0o077 == 0 and int(seed.read_text()) > 0


def test_the_class_of_the_bug_hunt(tmp_path):
    with make_demo(ROOT, tmp_path / "class", "transformer") as folder:
        course = Course(folder, limits=Limits(cell=2, call=2), unsafe=sandbox_problem() is not None)
        rows = run(course, "transformer")
        assert differences(ROOT / "demo" / "hunters.csv", rows) == []


def a_wrong_mark_is_noticed(rows, changed):
    lines = EXPECTED.read_text().splitlines()
    for number, line in enumerate(lines[1:], 1):
        student, score, rest = line.split(",", 2)
        changed.write_text(
            "\n".join([*lines[:number], f"{student},{float(score) + 0.5},{rest}", *lines[number + 1 :]])
        )
        assert [p.split(":")[0] for p in differences(changed, rows)] == [student]
    changed.write_text("\n".join(lines[:-1]))
    assert differences(changed, rows) == [f"{lines[-1].split(',')[0]}: not in expected.csv"]


def the_gradebook_and_both_tables_agree(course, rows):
    with Gradebook(course.db_url) as gradebook:
        scores = {row.student: gradebook.find_submission("convolution", row.student).score for row in rows}
    with (course.root / "grades.csv").open(newline="") as file:
        exported = {line["student_id"]: float(line["score"]) for line in csv.DictReader(file)}
    with (course.root / "report-convolution.csv").open(newline="") as file:
        reported = {line["student"]: float(line["score"]) for line in csv.DictReader(file)}
    assert exported == pytest.approx(scores) and reported == pytest.approx(scores)


def feedback_shows_the_sentence_and_no_secret(course, rows):
    for row in rows:
        html = (course.root / "feedback" / row.student / "convolution" / "convolution.html").read_text()
        for secret in ("HIDDEN TESTS", "image_and_kernel", "MARK SCHEME", "608 (half a point"):
            assert secret not in html, (row.student, secret)
    flipped = (course.root / "feedback" / "flipped_kernel" / "convolution" / "convolution.html").read_text()
    assert "rotated the kernel by 180 degrees" in flipped


def feedback_can_be_released(course, rows):
    exchange = course.root / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = course.config.copy()
    config.Exchange.root = str(exchange)
    result = NbGraderAPI(config=config).release_feedback("convolution")
    assert result["success"], result["log"]
    assert len(list(exchange.rglob("*.html"))) == len(rows)


def the_mark_scheme_stands_where_a_person_grades(course):
    notebook = nbformat.read(course.root / "autograded/correct/convolution/convolution.ipynb", as_version=4)
    question = next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "Q1-question"
    )
    assert "MARK SCHEME" in question.source
    assert not any("HIDDEN TESTS" in cell.source for cell in notebook.cells)
