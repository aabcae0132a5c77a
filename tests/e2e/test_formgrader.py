"""An instructor gives out, collects and grades an assignment by clicks, and a student sees the marks."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.e2e.answers import CONV2D, FLIPPED, WRITTEN
from tests.e2e.jupyter import ROOT, Lab, serving
from tests.e2e.nbgrader_pages import Assignments, Formgrader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("formgrader")]

COMMENT = "Right. For the last half point: when would flipping make a difference?"
STUDENT = """
c = get_config()
c.CourseDirectory.course_id = "dlcourse"
c.CourseDirectory.student_id = "alice"
c.Exchange.root = {exchange!r}
"""
TEACHER = """
from dlcourse.grading.settings import configure
configure(get_config())
c = get_config()
c.CourseDirectory.root = {course!r}
c.Exchange.root = {exchange!r}
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A course, and a student's folder; they share an exchange and nothing else."""
    base = tmp_path_factory.mktemp("exchange")
    course, student, exchange = base / "course", base / "alice", base / "exchange"
    for folder in (course, student, exchange):
        folder.mkdir()
    exchange.chmod(0o777)
    (course / "solutions" / "convolution").mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "convolution" / "convolution.md", course / "solutions" / "convolution")
    for folder, text in ((course, TEACHER), (student, STUDENT)):
        text = text.format(course=str(course), exchange=str(exchange))
        (folder / "nbgrader_config.py").write_text(text, "utf8")
    return course, student


@pytest.fixture(scope="module")
def servers(places):
    """Addresses of the teacher's and of the student's server."""
    course, student = places
    command = [sys.executable, "-m", "jupyterlab"]
    with (
        serving(command, course, course.parent / "home-teacher") as teacher,
        serving(command, student, student.parent / "home-alice") as alice,
    ):
        yield teacher, alice


def test_an_assignment_goes_round_by_clicks(browser, servers, places, shots):
    course, _ = places
    pages = [browser.new_context(viewport={"width": 1280, "height": 860}).new_page() for _ in servers]
    formgrader = Formgrader(pages[0], servers[0], shots)
    lab = Lab(pages[1], servers[1], shots)
    assignments = Assignments(lab)

    derive_for_nbgrader(course)
    formgrader.open()
    assert "Successfully created the student version" in formgrader.press("convolution", "assign")
    formgrader.press("convolution", "release")
    formgrader.picture("formgrader-released")

    assignments.open()
    assignments.fetch()
    lab.picture("student-fetched")
    lab.open("convolution/convolution.ipynb")
    lab.write(lab.cell("def conv2d_naive("), FLIPPED)
    lab.write(lab.cell("def conv2d("), CONV2D)
    lab.write_text("YOUR ANSWER HERE", WRITTEN)
    lab.save()
    assignments.open()
    assignments.submit()
    lab.picture("student-submitted")

    formgrader.open()
    formgrader.press("convolution", "collect")
    formgrader.submissions()
    formgrader.press("alice", "autograde")
    assert "8.3 / 15" in formgrader.row("alice").inner_text()
    formgrader.picture("formgrader-autograded")
    assert ran_in_our_sandbox(course)

    formgrader.answer_sheet()
    text = pages[0].inner_text("body")
    assert "you rotated the kernel by 180 degrees" in text
    assert "Mark scheme" in text or "mark scheme" in text.lower()
    formgrader.mark("Q1-answer", "2.5", COMMENT)
    formgrader.picture("formgrader-comment")

    formgrader.open()
    formgrader.press("convolution", "generate-feedback")
    formgrader.press("convolution", "release-feedback")

    assignments.open()
    page = assignments.feedback()
    shown = page.inner_text()
    lab.side_bar()
    lab.picture("student-feedback")
    page.get_by_text(COMMENT).scroll_into_view_if_needed()
    lab.picture("student-feedback-comment")
    assert COMMENT in shown
    assert "Score: 10.8 / 15.0" in shown  # 8.3 and the 2.5 of a person
    assert "you rotated the kernel by 180 degrees" in shown
    assert "HIDDEN" not in shown and "mark scheme" not in shown.lower()


def derive_for_nbgrader(course: Path) -> None:
    from dlcourse.exercises.source import derive

    derive(course / "solutions", "convolution", course / "solutions")


def ran_in_our_sandbox(course: Path) -> bool:
    """Our execution keeps results in .grading; nbgrader's own would have left no such file."""
    found = list((course / ".grading").rglob("*.json"))
    return any("E01-test" in json.dumps(json.loads(path.read_text("utf8"))) for path in found)
