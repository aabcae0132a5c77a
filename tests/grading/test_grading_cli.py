"""What the commands say when grading cannot begin, and grading without a sandbox."""

import os
import shutil
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from dlcourse.checks import call
from dlcourse.grading import forkserver, protection, sandbox
from dlcourse.grading.__main__ import app
from dlcourse.grading.kernel import landlock_version
from dlcourse.grading.limits import Limits
from dlcourse.grading.student import Student, WorkerError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def small_course(tmp_path):
    target = tmp_path / "solutions" / "convolution"
    target.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "convolution" / "convolution.md", target)
    handed_in = tmp_path / "submitted" / "ada lovelace" / "convolution"
    handed_in.mkdir(parents=True)
    shutil.copy(ROOT / "exercises" / "convolution" / "convolution.ipynb", handed_in)
    (tmp_path / "submitted" / "bob").mkdir()
    return tmp_path


@pytest.fixture
def no_sandbox(monkeypatch):
    for module in (forkserver, sandbox):
        monkeypatch.setattr(module, "isolation", lambda: ("none", "bubblewrap does not work here"))
    forkserver.close_servers()
    yield
    forkserver.close_servers()


def grade(root: Path, *options: str):
    return CliRunner().invoke(app, ["run", "--root", str(root), *options])


def test_an_empty_course_is_told(tmp_path):
    found = grade(tmp_path)
    assert found.exit_code == 1 and "no submission lies in" in str(found.exception)


def test_an_unknown_assignment_is_told(small_course):
    found = grade(small_course, "attention")
    assert found.exit_code == 1 and "submitted/<student>/attention/" in str(found.exception)


def test_without_a_sandbox_nothing_is_graded_and_the_risk_is_told(small_course, no_sandbox):
    found = grade(small_course)
    assert found.exit_code == 1
    assert "Nothing was graded: bubblewrap does not work here" in str(found.exception)
    assert "--unsafe" in str(found.exception)
    assert not (small_course / "gradebook.db").exists()


def test_what_protects_is_said(monkeypatch):
    monkeypatch.setattr(protection, "hosts", lambda: {"unified": Path("/sys/fs/cgroup")})
    best, second, none = (" ".join(protection.protections(x)) for x in ("bubblewrap", "landlock", "none"))
    assert "read-only" in best and "version 2" in best and "Landlock" in second
    assert "not limited: the space" in second and none.startswith(
        "nothing: a submission runs with your rights"
    )
    monkeypatch.setattr(protection, "hosts", lambda: None)
    assert "watched ten times a second" in " ".join(protection.protections("bubblewrap"))


def test_unsafe_grades_all_the_same(small_course, no_sandbox):
    found = grade(small_course, "--unsafe")
    assert found.exit_code == 0, found.output
    assert "ada lovelace" in found.output and "0 / 15" in found.output
    assert "ada lovelace" in (small_course / "grades.csv").read_text()
    assert (small_course / "feedback" / "ada lovelace" / "convolution" / "convolution.html").exists()


def test_unsafe_runs_in_a_folder_of_its_own(tmp_path, no_sandbox, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "hidden")
    (tmp_path / "data.csv").write_text("1,2")
    cell = (
        "import os\nprint(sorted(f for f in os.listdir('.') if f[0] != '.'), os.environ.get('GRADER_SECRET'))"
    )
    with Student([cell, "def f(x): return 2 * x", None], [2], ["f"], Limits(), tmp_path, unsafe=True) as run:
        assert run.outputs[0][0]["text"] == "['data.csv'] None\n"
        assert run.points[2].call("f", call(4.0)).value == 8.0


@pytest.mark.skipif(landlock_version() < 6, reason="this kernel's landlock stops neither network nor signals")
def test_landlock_keeps_a_submission_in_its_folder(tmp_path, monkeypatch):
    for module in (forkserver, sandbox):
        monkeypatch.setattr(module, "isolation", lambda: ("landlock", "bubblewrap does not work here"))
    monkeypatch.setenv("GRADER_SECRET", "hidden")
    forkserver.close_servers()
    (tmp_path / "data.csv").write_text("1,2")
    cells = [
        "import os, signal, socket\nprint(open('data.csv').read(), os.environ.get('GRADER_SECRET'))",
        f"open({str(tmp_path / 'data.csv')!r})",
        f"os.listdir({str(ROOT / 'solutions')!r})",
        f"os.kill({os.getpid()}, signal.SIGTERM)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        f"os.chmod({str(tmp_path / 'data.csv')!r}, 0o777)",
        "socket.socket(socket.AF_UNIX)",
        "open('own.txt', 'w').write('x')\nprint(os.path.exists('own.txt'))",
        "import time\nif os.fork() == 0:\n    os.setsid()\n    os.fork() or time.sleep(600)\n    os._exit(0)",
        "def f(x): return 2 * x",
    ]
    with Student([*cells, None], [10], ["f"], Limits(), tmp_path) as run:
        assert run.outputs[0][0]["text"] == "1,2 None\n"
        assert [run.outputs[i][0]["ename"] for i in range(1, 7)] == ["PermissionError"] * 6
        assert run.outputs[7][0]["text"] == "True\n"
        assert run.points[10].call("f", call(4.0)).value == 8.0
        warm = psutil.Process(forkserver.server((), False).process.pid)
        assert len(warm.children(recursive=True)) >= 3
    assert warm.children(recursive=True) == []
    forkserver.close_servers()


def test_a_process_that_does_not_start_is_a_fault_of_the_machine(monkeypatch):
    forkserver.close_servers()
    monkeypatch.setattr(
        forkserver, "start_arguments", lambda level: ["/bin/sh", "-c", "echo no such thing >&2"]
    )
    with (
        pytest.raises(WorkerError, match="no such thing"),
        Student(["1"], [], [], Limits(start=5), unsafe=True),
    ):
        pass
