"""The doctor: every kind of line, and the exit code."""

from importlib import metadata

import pytest
from typer.testing import CliRunner

from dlcourse.cli import app, checks, doctor
from dlcourse.cli.checks import Check

INSTALLED = {"numpy": "2.4.6", "torch": "2.13.0+cpu", "jupyterlab": "4.6.1"}
REQUIREMENTS = [
    "numpy>=2.0",
    'torch>=2.6; extra == "torch"',
    'jupyterlab<4.6,>=4.5; extra == "lab"',
    'names>=0.3; extra == "data"',
    'nothing>=1; extra == "other" and sys_platform == "plan9"',
    'dlcourse[torch,lab]; extra == "all"',
]


def packages(requirements=REQUIREMENTS, installed=INSTALLED):
    return list(checks.check_packages(requirements, ["torch", "lab", "data", "other"], installed.get))


def test_packages_within_and_outside_their_ranges():
    assert packages() == [
        Check("ok", "core: numpy 2.4.6"),
        Check("ok", "torch: torch 2.13.0+cpu"),
        Check("mend", "lab: jupyterlab 4.6.1, expected <4.6,>=4.5. pip install 'jupyterlab<4.6,>=4.5'"),
        Check("note", "data: names not installed. If you need it: pip install 'dlcourse[data]'"),
    ]


def test_a_missing_package_of_the_core_must_be_mended():
    (core, *_) = packages(installed={})
    assert core == Check("mend", "core: numpy missing, expected >=2.0. pip install 'numpy>=2.0'")


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10), "mend"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "mend")]
)
def test_python_versions(version, state):
    (check,) = checks.check_python(version)
    assert check.state == state
    assert "3.11 to 3.13" in check.text or state == "ok"


LOCK = """# made by a tool
--index-url https://example.org/simple
numpy==2.4.6 \\
    --hash=sha256:00
torch==2.13.0   # no hash
colorama==0.4.6 ; sys_platform == "plan9"
"""


def test_a_lock_that_is_kept():
    (check,) = checks.check_lock(LOCK, "requirements.lock", strict=True, installed=INSTALLED.get)
    assert check == Check("ok", "lock: all 2 packages as in requirements.lock")


def test_differences_from_the_lock():
    text = LOCK + "jupyterlab==4.5.11\nnbval==0.11.0\n"
    (note,) = checks.check_lock(text, "a.lock", strict=False, installed=INSTALLED.get)
    assert note.state == "note"
    assert note.text == (
        "lock: jupyterlab 4.6.1, locked 4.5.11; nbval missing, locked 0.11.0. pip install -r a.lock"
    )
    (mend,) = checks.check_lock(text, "a.lock", strict=True, installed=INSTALLED.get)
    assert mend == Check("mend", note.text)
    many = "".join(f"p{i}==1\n" for i in range(9))
    (note,) = checks.check_lock(many, "a.lock", strict=False, installed=INSTALLED.get)
    assert "p4 missing, locked 1; and 4 more." in note.text


def test_jupyterlab_that_is_missing_or_too_new():
    (check,) = checks.check_lab({}.get)
    assert check.state == "note"
    first, *_ = checks.check_lab(INSTALLED.get)
    assert first.state == "mend"
    assert "pip install 'jupyterlab>=4.5,<4.6'" in first.text


def test_extensions_missing_disabled_and_present():
    found = {"jupyterlab-myst": {"version": "2.7.0"}, "jupyterlab-jupytext": {"version": "1.4.6"}}
    lines = list(checks.check_lab_extensions(found, ["jupyterlab-jupytext:plugin"]))
    assert [line.state for line in lines] == ["ok", "mend", "mend"]
    assert "is disabled. jupyter labextension enable jupyterlab-jupytext" in lines[1].text
    assert "@jupyter/nbgrader" in lines[2].text
    assert "is missing. pip install" in lines[2].text


def test_server_extensions():
    enabled = dict.fromkeys(checks.SERVER_EXTENSIONS, True)
    assert [c.state for c in checks.check_server_extensions(enabled)] == ["ok"]
    enabled["nbgrader.server_extensions.formgrader"] = False
    (check,) = checks.check_server_extensions(enabled)
    assert check.state == "mend"
    assert "jupyter server extension enable nbgrader.server_extensions.formgrader" in check.text


@pytest.mark.parametrize(("free", "state"), [(2**29, "mend"), (2**32, "ok")])
def test_memory(free, state):
    (check,) = checks.check_memory(free)
    assert check.state == state
    assert f"{free / 2**30:.1f} GiB free" in check.text


def test_torch_is_optional():
    (check,) = checks.check_torch({}.get)
    assert check.state == "note"
    assert "numpy_nn works without torch" in check.text
    (check,) = checks.check_torch()
    assert check.state == "ok"


def test_this_environment_gets_one_line_a_check(tmp_path):
    lines = list(doctor.all_checks(tmp_path / "none.lock", strict=True))
    assert {line.text.split(":")[0].split()[0] for line in lines} >= {"Python", "core", "torch", "memory"}
    assert next(line.text for line in lines if "does not exist" in line.text).startswith("lock: ")


def test_a_lock_file_is_compared_and_a_missing_installation_is_said(tmp_path, monkeypatch):
    lock = tmp_path / "my.lock"
    lock.write_text("numpy==0.1\n")

    def nothing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", nothing)
    texts = {check.text: check.state for check in doctor.all_checks(lock, strict=False)}
    assert texts["dlcourse is not installed. In the course's folder: pip install -e '.[lab,torch]'"] == "mend"
    (line,) = (text for text in texts if text.startswith("lock: numpy "))
    assert line.endswith(f", locked 0.1. pip install -r {lock}")
    assert texts[line] == "note"


@pytest.mark.parametrize(
    ("states", "code", "last"),
    [(["ok", "note"], 0, "Everything is ready."), (["ok", "mend", "mend"], 1, "To mend: 2.")],
)
def test_exit_code(monkeypatch, states, code, last):
    monkeypatch.setattr(doctor, "all_checks", lambda lock, strict: [Check(s, f"text {s}") for s in states])
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == code
    assert result.stdout.splitlines() == [*(f"{s:<5} text {s}" for s in states), last]
