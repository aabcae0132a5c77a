"""What the start command refuses, and the file with the passwords."""

import os
import shutil
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dlcourse.hub import __main__ as command
from dlcourse.hub.folders import Folders
from dlcourse.hub.people import People, PeopleError
from dlcourse.hub.walls import walls

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def walls_work(monkeypatch):
    monkeypatch.setattr(command, "isolation", lambda: ("bubblewrap", ""))


@pytest.fixture
def course(tmp_path):
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    return tmp_path


def refused(*words) -> str:
    found = CliRunner().invoke(command.app, [str(word) for word in words])
    assert found.exit_code == 1
    return str(found.exception)


def test_a_folder_without_a_course_is_told(tmp_path):
    assert "is no course" in refused("--course", tmp_path, "--folder", tmp_path / "hub")
    assert not (tmp_path / "hub").exists()


def test_a_port_in_use_is_told(course):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused("--course", course, "--folder", course / "hub", "--port", port - 1)
    assert f"Port {port} cannot be used" in said or f"Port {port - 1} cannot be used" in said


def test_names_that_could_leave_their_folder_are_refused(course):
    for name in ("../ada", "ada+bob", "Ada", "", "a" * 40, "-x"):
        with pytest.raises(PeopleError, match="cannot be a user here"):
            People(course / "people.json").add([name])
    assert not (course / "people.json").exists()


def test_without_bubblewrap_no_hub_starts(course, monkeypatch):
    monkeypatch.setattr(command, "isolation", lambda: ("landlock", "bubblewrap does not work here"))
    assert "bubblewrap does not work here. Without it" in refused("--course", course)


def test_a_password_is_given_once_and_no_file_holds_it(course):
    people = People(course / "people.json")
    first = people.add(["ada", "bob"])
    assert people.add(["ada"]) == {}
    assert people.check("ada", first["ada"]) and not people.check("ada", first["bob"])
    assert not people.check("nobody", "") and not people.check("ada", "")
    assert first["ada"] not in people.path.read_text()
    assert people.path.stat().st_mode & 0o077 == 0
    second = people.add(["ada"], anew=True)
    assert people.check("ada", second["ada"]) and not people.check("ada", first["ada"])
    assert people.read()["ada"]["number"] == 1 and people.read()["bob"]["number"] == 2


def test_the_walls_name_no_folder_of_the_course_or_of_others(course):
    folders = Folders(course / "hub", course / "course")
    folders.prepare()
    folders.people.add(["ada", "bob"])
    folders.prepare_student("ada", folders.uid("ada"))
    words = walls(folders, "ada")
    own = [str(folders.home("ada")), str(folders.box("ada", "inbound"))]
    writable = [words[i + 1] for i, word in enumerate(words) if word == "--bind"]
    assert writable == own
    assert str(folders.hub) not in words and str(folders.course) not in words
    assert not [word for word in words if "bob" in word]
    assert ("setpriv" in words) == (os.geteuid() == 0)
