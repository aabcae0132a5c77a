"""Wheel and source archive hold the package, all of it, and nothing of what learners must not see.

The wheel is then used in an empty folder by an environment that has only what ``pip install dlcourse``
brings: no PyTorch, no Jupyter, no Matplotlib.
"""

import email
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BUILD = "from setuptools.build_meta import *; build_wheel({0!r}); build_sdist({0!r})"
KEPT_OUT = (
    "_build",
    ".git",
    ".venv*",
    "*.egg-info",
    "__pycache__",
    ".*_cache",
    "build",
    "dist",
    "gradebook.db",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the wheel and the archive, made of the whole repository."""
    folder = tmp_path_factory.mktemp("dist")
    shutil.copytree(ROOT, folder / "clone", ignore=shutil.ignore_patterns(*KEPT_OUT))
    command = [sys.executable, "-c", BUILD.format(str(folder))]
    done = subprocess.run(command, cwd=folder / "clone", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder


def source_files() -> set[str]:
    files = (path for path in (ROOT / "dlcourse").rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}


def wheel_files(built: Path) -> dict[str, bytes]:
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


def about(built: Path):
    (name,) = [name for name in wheel_files(built) if name.endswith(".dist-info/METADATA")]
    return email.message_from_bytes(wheel_files(built)[name])


def test_the_wheel_is_the_package_with_all_its_data(built):
    inside = {name for name in wheel_files(built) if ".dist-info/" not in name}
    assert inside == source_files()
    assert {name.rpartition(".")[2] for name in inside} >= {"py", "md", "gz", "json", "npz"}


def test_the_archive_is_what_the_wheel_is_made_of(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    written = {name for name in names if name.startswith("dlcourse.egg-info/")} | {"PKG-INFO", "setup.cfg"}
    assert names - written == source_files() | {"LICENSE", "README.md", "MANIFEST.in", "pyproject.toml"}


def test_metadata(built):
    found = about(built)
    assert (found["Name"], found["Version"], found["License-Expression"]) == (
        "dlcourse",
        PROJECT["version"],
        "MIT",
    )
    pythons = [c.rpartition(" ")[2] for c in found.get_all("Classifier") if "Python :: 3." in c]
    assert [
        python for python in pythons if python in Requirement(f"x{found['Requires-Python']}").specifier
    ] == pythons
    assert pythons == ["3.11", "3.12", "3.13"]
    assert found["License-File"] == "LICENSE" and "deep" in found["Keywords"]
    (name,) = [name for name in wheel_files(built) if name.endswith("entry_points.txt")]
    assert b"[console_scripts]\ndlcourse = dlcourse.cli:app\n" in wheel_files(built)[name]


def closure(requirements: list[str]) -> set[str]:
    """The distributions that ``pip install`` of these brings, as they are installed here."""
    found, waiting = set(), [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in found and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += [Requirement(text) for text in metadata.requires(name) or []]
    return found


@pytest.fixture(scope="module")
def bare(built, tmp_path_factory):
    """``run(*arguments)`` of ``dlcourse`` out of the wheel, in an empty folder, with the core only."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    for name in closure(PROJECT["dependencies"]):
        for top in {file.parts[0] for file in metadata.files(name) if file.parts[0] != ".."}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(sysconfig.get_path("purelib"), top))
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        wheel.extractall(site)
    (folder / "empty").mkdir()
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "DLCOURSE_CACHE": str(folder),
        "OMP_NUM_THREADS": "1",
    }

    def run(*arguments, code="from dlcourse.cli import app; app()"):
        command = [folder / "env/bin/python", "-c", code, *arguments]
        return subprocess.run(
            command, cwd=folder / "empty", env=env, capture_output=True, text=True, timeout=120
        )

    run.folder = folder / "empty"
    return run


def test_the_core_is_enough_for_numpy_nn(bare):
    names = sorted(f"dlcourse.numpy_nn.{p.stem}" for p in (ROOT / "dlcourse/numpy_nn").glob("[a-z]*.py"))
    done = bare(
        code=f"import {', '.join(names)}; import sys; print('torch' in sys.modules, 'scipy' in sys.modules)"
    )
    assert done.stdout == "False False\n", done.stderr
    done = bare("doctor")
    assert done.returncode == 0 and done.stdout.endswith("Everything is ready.\n"), done.stdout + done.stderr
    assert "note  torch: torch not installed." in done.stdout
    assert "pip install 'dlcourse[torch]'" in done.stdout


def test_exercises_models_and_training_work_out_of_the_wheel(bare):
    (bare.folder / "my.py").write_text("def conv2d_naive(x, w):\n    return x\n")
    done = bare("check", "conv2d_naive", "my.py")
    assert done.returncode == 1 and "conv2d_naive" in done.stderr and "Traceback" not in done.stderr
    assert bare("summary", "cnn").stdout.split()[-2:] == ["163,850", "3,159,168"]
    code = """
import numpy as np
from dlcourse import checkpoint, data, models, numpy_nn
from dlcourse.training import fit
dataset = data.load_english(length=16)
model = models.gru_language_model(numpy_nn, vocab_size=len(dataset.classes), embedding_dim=4, units=8)
x, y = dataset.train
history = fit(model, (x[:64], y[:64]), epochs=1, checkpoint="gru.npz")
print(len(history.step_loss), sorted(data.datasheets())[:2])
"""
    done = bare(code=code)
    assert done.stdout == "2 ['dates', 'english']\n", done.stdout + done.stderr
    assert (bare.folder / "gru.npz").is_file()


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["train", "cnn", "--backend", "torch"], "torch"),
        (["conformance"], "torch"),
        (["grade", "convolution"], "grade"),
    ],
)
def test_what_is_missing_is_named_with_the_extra_that_brings_it(bare, arguments, extra):
    done = bare(*arguments)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and f"pip install 'dlcourse[{extra}]'" in done.stderr, done.stderr
