"""A gradebook that is no file: which URL nbgrader gets, and what is said when that cannot work."""

import builtins
import socket
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import nbgrader.dbutil
from nbgrader.apps import NbGraderAPI
from typer.testing import CliRunner

from dlcourse.cli import app
from dlcourse.grading import gradebook
from dlcourse.grading.course import Course
from dlcourse.grading.settings import engine, migration_head

URL = "postgresql://ada:secret@127.0.0.1:{}/marks"


def refused(folder, url: str) -> str:
    found = CliRunner().invoke(app, ["grade", "convolution", "--root", str(folder), "--db", url])
    assert found.exit_code == 1 and isinstance(found.exception, SystemExit), found.output
    assert "secret" not in found.output
    return found.output


def test_nbgrader_gets_the_url_that_was_tried(tmp_path, monkeypatch):
    tried = []

    class Engine:
        def __init__(self, url):
            tried.append(url)

        def connect(self):
            return open(tmp_path / "connection", "w")

    monkeypatch.setattr(gradebook, "engine", Engine)
    course = Course(tmp_path, db=URL.format(5432))
    wanted = "postgresql+psycopg://ada:secret@127.0.0.1:5432/marks"
    assert tried == [wanted] == [NbGraderAPI(config=course.config).coursedir.db_url]


def test_a_missing_driver_is_named_with_what_to_install(tmp_path, monkeypatch):
    load = builtins.__import__

    def without_psycopg(name, *rest, **named):
        if name.split(".")[0] == "psycopg":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return load(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    said = refused(tmp_path, URL.format(5432))
    assert "the driver psycopg for postgresql://ada:***@127.0.0.1:5432/marks is missing" in said
    assert "pip install 'dlcourse[postgres]'" in said


def test_a_server_that_does_not_answer_and_urls_that_are_none_are_told(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound, and nobody listens
        assert "cannot be opened: connection failed" in refused(tmp_path, URL.format(free.getsockname()[1]))
    assert "is no URL of a gradebook; write postgresql://" in refused(tmp_path, "gradebook.db")
    assert "no such kind of database" in refused(tmp_path, "mongo://ada:secret@127.0.0.1/marks")


def test_forked_jobs_share_no_connection():
    ours = engine("sqlite://")
    assert engine("sqlite://") is ours
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        assert pool.submit(_same, id(ours)).result() is False


def _same(known: int) -> bool:
    return id(engine("sqlite://")) == known


def test_a_new_gradebook_has_the_version_that_alembic_names():
    with nbgrader.dbutil._temp_alembic_ini("sqlite://") as settings:
        told = subprocess.run(
            [sys.executable, "-m", "alembic.config", "-c", settings, "heads"], capture_output=True, text=True
        )
    assert told.stdout.split()[0] == migration_head()
