"""One assignment goes round: release, fetch, hand in, collect, grade, feedback, each by its own user."""

import runpy
from pathlib import Path

import psutil
import pytest

from tests.hub.client import User

ROOT = Path(__file__).parents[2]
COURSE = {"course_id": "dlcourse", "assignment_id": "convolution"}
LOOK = """
import os, subprocess
for path in {paths}:
    print(path, os.path.exists(path))
shown = subprocess.run(["ps", "-e", "-o", "args"], capture_output=True, text=True).stdout
print("hubs", shown.count("jupyterhub -f"), "servers", shown.count("-m jupyterhub.singleuser") > 0)
try:
    open("/exchange/dlcourse/outbound/new", "w")
except OSError as problem:
    print(problem.strerror)
"""


def strangers_are_refused(hub):
    assert sorted(hub.passwords) == ["alice", "bob", "teacher"]
    for name, password in (
        ("alice", hub.passwords["bob"]),
        ("mallory", hub.passwords["alice"]),
        ("alice", ""),
    ):
        with pytest.raises(PermissionError):
            User(hub.url, name, password)


def only_this_machine_can_reach_it(hub):
    ours = psutil.Process(int((hub.folder / "jupyterhub.pid").read_text()))
    listening = [
        connection.laddr.ip
        for process in [ours, *ours.children(recursive=True)]
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) > 3 and set(listening) == {"127.0.0.1"}


def an_assignment_goes_round(hub, people):
    teacher, alice, bob = (people[name] for name in ("teacher", "alice", "bob"))
    assert teacher.json("POST", "formgrader/api/assignment/convolution/release")["success"]

    students = runpy.run_path(str(ROOT / "demo" / "students.py"))
    for student, how in ((alice, "correct"), (bob, "blank")):
        listed = student.json("POST", "assignments/fetch", data=COURSE)
        assert listed["value"][0]["status"] == "fetched", listed
        path = "api/contents/convolution/convolution.ipynb"
        file = student.json("GET", path, params={"type": "file", "format": "text"})
        answer = hub.folder.parent / how
        answer.mkdir()
        students[how](file["content"], answer)
        file |= {"content": (answer / "convolution.ipynb").read_text(encoding="utf-8")}
        student.json("PUT", path, json={key: file[key] for key in ("content", "type", "format")})
        handed_in = student.json("POST", "assignments/submit", data=COURSE)
        assert handed_in["success"], handed_in

    assert teacher.json("POST", "formgrader/api/assignment/convolution/collect")["success"]
    said = teacher.run("!dlcourse grade convolution")
    assert [line for line in said.splitlines() if "alice" in line and " 12 / " in line], said
    assert [line for line in said.splitlines() if "bob" in line and " 0 / " in line], said

    assert teacher.json("POST", "formgrader/api/assignment/convolution/release_feedback")["success"]
    for student, word in ((alice, "12.0"), (bob, "it is not written yet")):
        assert student.json("POST", "assignments/fetch_feedback", data=COURSE)["success"]
        folder = student.json("GET", "api/contents/convolution/feedback")["content"][0]["path"]
        page = student.json("GET", f"api/contents/{folder}/convolution.html", params={"format": "text"})
        assert word in page["content"]


def students_see_their_own_things_only(hub, people):
    hidden = [hub.course, hub.course / "solutions", hub.folder, hub.folder / "people.json"]
    hidden += [hub.folder / "home" / "bob", "/home/bob", "/exchange/dlcourse/boxes", "/root/.ssh"]
    said = people["alice"].run(LOOK.format(paths=[str(path) for path in hidden]))
    assert said.count("False") == len(hidden), said
    assert "hubs 0 servers True\n" in said and "Read-only file system" in said
    assert people["alice"].api("GET", "formgrader").status_code == 404
    people["alice"].server = people["bob"].server
    assert people["alice"].api("GET", "api/contents").status_code == 403


def test_a_class_on_one_machine(hub):
    """One test, because one hub is started for it; where bubblewrap does not work, it must refuse."""
    if hub is None:
        return
    strangers_are_refused(hub)
    people = {name: hub.user(name) for name in hub.passwords}
    for person in people.values():
        person.start()
    only_this_machine_can_reach_it(hub)
    an_assignment_goes_round(hub, people)
    students_see_their_own_things_only(hub, people)
