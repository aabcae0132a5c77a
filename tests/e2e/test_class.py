"""A class by clicks: JupyterHub as ``make hub`` starts it, a teacher and two students in their browsers."""

import pytest

from tests.e2e.answers import CONV2D, FLIPPED, NAIVE, WRITTEN
from tests.e2e.jupyter import Lab
from tests.e2e.nbgrader_pages import Assignments, Formgrader
from tests.hub.conftest import hub  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("hub")]

COMMENT = "Right. Say also when flipping would make a difference."
WRONG_SENTENCE = "you rotated the kernel by 180 degrees"


class Person:
    """Somebody in a browser of their own, logged in at the hub."""

    def __init__(self, browser, hub, name: str, shots):  # noqa: F811
        self.page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
        self.lab = Lab(self.page, f"{hub.url}/user/{name}", shots)
        self.assignments = Assignments(self.lab)
        self.formgrader = Formgrader(self.page, self.lab.address, shots)
        self.page.goto(hub.url)
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", hub.passwords[name])
        self.page.click("input[type=submit], button[type=submit]")
        self.page.wait_for_url(f"**/user/{name}/**")

    def solve(self, naive: str) -> None:
        self.assignments.open()
        self.assignments.fetch()
        lab = self.lab
        lab.open("convolution/convolution.ipynb")
        lab.write(lab.cell("def conv2d_naive("), naive)
        lab.write(lab.cell("def conv2d("), CONV2D)
        lab.write_text("YOUR ANSWER HERE", WRITTEN)
        lab.validate()
        self.said = lab.dialog("Ok")
        self.assignments.open()
        self.assignments.submit()


def test_a_teacher_and_two_students_go_round_by_clicks(browser, hub, shots):  # noqa: F811
    teacher, alice, bob = (Person(browser, hub, name, shots) for name in ("teacher", "alice", "bob"))
    teacher.formgrader.open()
    teacher.formgrader.press("convolution", "release")

    alice.solve(NAIVE)
    assert "Success! Your notebook passes all the tests." in alice.said
    bob.solve(FLIPPED)
    assert WRONG_SENTENCE in " ".join(bob.said.split())
    bob.lab.picture("hub-submitted")

    teacher.formgrader.open()
    teacher.formgrader.press("convolution", "collect")
    teacher.formgrader.submissions()
    for name, points in (("alice", "12 / 15"), ("bob", "8.3 / 15")):
        teacher.formgrader.press(name, "autograde")
        assert points in teacher.formgrader.row(name).inner_text()
    teacher.formgrader.picture("hub-autograded")
    teacher.formgrader.answer_sheet(of=FLIPPED.splitlines()[-2].strip())
    teacher.formgrader.mark("Q1-answer", "2", COMMENT)
    teacher.formgrader.open()
    teacher.formgrader.press("convolution", "generate-feedback")
    teacher.formgrader.press("convolution", "release-feedback")

    shown = {}
    for name, person in (("alice", alice), ("bob", bob)):
        person.assignments.open()
        shown[name] = person.assignments.feedback().inner_text()
        person.lab.side_bar()
        person.lab.picture(f"hub-feedback-{name}")
    assert "Score: 12.0 / 15.0" in shown["alice"] and "Score: 10.3 / 15.0" in shown["bob"]
    assert COMMENT in shown["bob"] and COMMENT not in shown["alice"]
    assert WRONG_SENTENCE in shown["bob"] and WRONG_SENTENCE not in shown["alice"]

    alice.page.goto(f"{hub.url}/user/bob/lab")  # the door of another student is shut
    assert alice.page.locator(".jp-LabShell").count() == 0
    alice.page.goto(f"{alice.lab.address}/formgrader")
    assert "404" in alice.page.inner_text("body")
