"""Which change makes which outputs stale."""

import pytest

from dlcourse.book.fingerprint import CELLS, PAGES, forget_what_is_stale


@pytest.fixture
def project(tmp_path):
    for name in (
        "dlcourse/layer.py",
        "dlcourse/data/digits.npz",
        "dlcourse/book/build.py",
        "dlcourse/book/notebook.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    (tmp_path / "requirements.lock").write_text("numpy==2.4.6")
    forget_what_is_stale(tmp_path, tmp_path / "_build")
    for kept in (".jupyter_cache", ".doctrees"):
        (tmp_path / "_build" / kept).mkdir(exist_ok=True)
    return tmp_path


@pytest.mark.parametrize(
    "name, stale",
    [
        ("dlcourse/layer.py", [CELLS]),
        ("dlcourse/data/digits.npz", [CELLS]),
        ("dlcourse/new.py", [CELLS]),
        ("requirements.lock", [CELLS]),
        ("dlcourse/book/notebook.py", [CELLS]),
        ("dlcourse/book/execution.py", [CELLS]),
        ("dlcourse/book/build.py", [PAGES]),
        ("README.md", []),
        ("dlcourse/grading/sandbox.py", []),
        ("dlcourse/grading/measured.json", [CELLS]),
        ("dlcourse/__pycache__/layer.pyc", []),
    ],
)
def test_a_change_forgets_what_depends_on_it_and_only_once(project, name, stale):
    path = project / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("two")
    build = project / "_build"
    assert forget_what_is_stale(project, build) == stale
    assert (build / ".jupyter_cache").exists() == (CELLS not in stale)
    assert (build / ".doctrees").exists() == (not stale)
    assert forget_what_is_stale(project, build) == []
