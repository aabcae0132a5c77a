"""The doctor: every kind of line, and the exit code."""

from importlib import metadata

import pytest
from typer.testing import CliRunner

from dlcourse.cli import app, doctor
from dlcourse.cli.checks import Check, course, machine, packages, pytorch, script

PIP = f"{script('python')} -m pip install"
INSTALLED = {"numpy": "2.4.6", "torch": "2.13.0+cpu", "jupyterlab": "4.6.1"}
REQUIREMENTS = [
    "numpy>=2.0",
    'torch>=2.6; extra == "torch"',
    'jupyterlab<4.6,>=4.5; extra == "lab"',
    'names>=0.3; extra == "data"',
    'nothing>=1; extra == "other" and sys_platform == "plan9"',
    'dlcourse[torch,lab]; extra == "all"',
]


def lines_of(requirements=REQUIREMENTS, installed=INSTALLED):
    return list(packages.check_packages(requirements, ["torch", "lab", "data", "other"], installed.get))


def test_packages_within_and_outside_their_ranges():
    assert lines_of() == [
        Check("ok", "core: numpy 2.4.6"),
        Check("ok", "torch: torch 2.13.0+cpu"),
        Check("mend", "lab: jupyterlab 4.6.1, expected <4.6,>=4.5", f"{PIP} 'jupyterlab<4.6,>=4.5'"),
        Check("note", "data: names not installed. If you need it:", f"{PIP} 'dlcourse[data]'"),
    ]


def test_a_missing_or_old_package_of_the_core_must_be_mended():
    (core, *_) = lines_of(installed={})
    assert core == Check("mend", "core: numpy missing, expected >=2.0", f"{PIP} 'numpy>=2.0'")
    (core, *_) = lines_of(installed={"numpy": "1.26.4"})
    assert core == Check("mend", "core: numpy 1.26.4, expected >=2.0", f"{PIP} 'numpy>=2.0'")


@pytest.mark.parametrize("version", [(3, 11), (3, 13)])
def test_pythons_that_serve(version):
    assert list(packages.check_python(version)) == [Check("ok", f"Python 3.{version[1]}")]


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_pythons_that_do_not_serve(version, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (check,) = packages.check_python(version, find={"python3.11": "/usr/bin/python3.11"}.get)
    assert check.text == f"Python 3.{version[1]}: the course needs 3.11 to 3.13"
    assert check.fix.startswith("python3.11 -m venv .venv && ")
    (tmp_path / "Makefile").write_text("")
    (check,) = packages.check_python(version, find={}.get)
    assert check.state == "mend" and "none is on this machine" in check.text
    assert check.fix == "rm -r .venv; make PYTHON=python3.12 venv"


LOCK = """# made by a tool
--index-url https://example.org/simple
numpy==2.4.6 \\
    --hash=sha256:00
torch==2.13.0   # no hash
colorama==0.4.6 ; sys_platform == "plan9"
"""


def test_a_lock_that_is_kept():
    (check,) = packages.check_lock(LOCK, "requirements.lock", strict=True, installed=INSTALLED.get)
    assert check == Check("ok", "lock: all 2 packages as in requirements.lock")


def test_differences_from_the_lock():
    text = LOCK + "jupyterlab==4.5.11\nnbval==0.11.0\n"
    (note,) = packages.check_lock(text, "a.lock", strict=False, installed=INSTALLED.get)
    assert note.state == "note"
    assert note.text == "lock: jupyterlab 4.6.1, locked 4.5.11; nbval missing, locked 0.11.0"
    assert note.fix == f"{PIP} -r a.lock"
    (mend,) = packages.check_lock(text, "a.lock", strict=True, installed=INSTALLED.get)
    assert mend == Check("mend", note.text, note.fix)
    many = "".join(f"p{i}==1\n" for i in range(9))
    (note,) = packages.check_lock(many, "a.lock", strict=False, installed=INSTALLED.get)
    assert note.text.endswith("p4 missing, locked 1; and 4 more")


@pytest.mark.parametrize(("free", "state"), [(2**29, "mend"), (2**32, "ok")])
def test_memory(free, state):
    (check,) = machine.check_memory(free)
    assert check.state == state
    assert f"{free / 2**30:.1f} GiB free" in check.text


def test_torch_is_optional():
    (check,) = pytorch.check_torch({}.get)
    assert check.state == "note"
    assert "numpy_nn works without torch" in check.text
    (check,) = pytorch.check_torch(driver=lambda: False)
    assert check.state == "ok"


@pytest.mark.parametrize(
    ("built_for", "usable", "driver", "said"),
    [
        (None, False, False, None),
        ("13.0", True, True, None),
        ("13.0", False, False, "a build for CUDA 13.0 and this machine has no NVIDIA driver: it computes on"),
        ("13.0", False, True, "is too old for it or may not be used"),
        (None, False, True, "a build without CUDA and this machine has an NVIDIA driver: the GPU stays idle"),
    ],
)
def test_builds_of_torch_that_do_not_fit_the_machine(built_for, usable, driver, said):
    checks = list(pytorch.check_build("2.13.0+x", built_for, usable, driver))
    assert [said in check.text and check.state for check in checks] == ([] if said is None else ["note"])
    assert all(check.fix == f"{PIP} --force-reinstall torch==2.13.0" for check in checks)


@pytest.mark.parametrize(
    ("level", "why", "state", "fix"),
    [
        ("bubblewrap", "", "ok", ""),
        ("landlock", "bubblewrap does not work here: setting up uid map", "note", ""),
        (
            "none",
            "bubblewrap is not installed: pip install 'dlcourse[grade]'; libseccomp is missing",
            "mend",
            1,
        ),
        ("none", "there is no sandbox for darwin: bubblewrap exists on Linux only", "mend", ""),
    ],
)
def test_sandboxes(level, why, state, fix):
    check = course.sandbox(level, why)
    assert (check.state, check.fix) == (state, f"{PIP} 'dlcourse[grade]'" if fix else "")
    assert why.split(":")[0] in check.text and "pip install" not in check.text


def test_a_full_disk(tmp_path):
    assert [c.state for c in machine.check_disk(tmp_path)] == ["ok"]
    (full,) = machine.check_disk(tmp_path, free=2**28)
    assert full == Check("mend", f"disk: 0.2 GiB free in {tmp_path}, expected 0.5 GiB")
    (tmp_path / "Makefile").write_text("")
    (full,) = machine.check_disk(tmp_path, free=0)
    assert full.fix == "make clean"


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
    assert texts["dlcourse is not installed. In the course's folder:"] == "mend"
    (line,) = (text for text in texts if text.startswith("lock: numpy "))
    assert line.endswith(", locked 0.1")
    assert texts[line] == "note"


@pytest.mark.parametrize(
    ("states", "code", "last"),
    [(["ok", "note"], 0, "Everything is ready."), (["ok", "mend", "mend"], 1, "To mend: 2.")],
)
def test_exit_code(monkeypatch, states, code, last):
    monkeypatch.setattr(
        doctor,
        "all_checks",
        lambda lock, strict: [Check(s, f"text {s}", "mend it" * (s == "mend")) for s in states],
    )
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == code
    expected = [f"{s:<5} text {s}" + "\n          mend it" * (s == "mend") for s in states]
    assert result.stdout == "\n".join([*expected, last, ""])
