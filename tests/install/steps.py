"""What is done in a cell: install, import, the doctor, an exercise, the tests. All of it is logged."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from cells import ROOT, Cell, clean_environment, copy_course, extras, find_python, lock, oldest

WORK = ROOT / "_build" / "install"
LIMIT = 1800  # seconds for one command
TESTS = (
    "tests/numpy_nn/test_conv.py",
    "tests/numpy_nn/test_lstm.py",
    "tests/numpy_nn/test_multihead.py",
    "tests/test_metrics.py",
    "tests/test_data_text.py",
    "tests/test_data_datasheets.py",
    "tests/grading/test_grading_intake.py",
    "tests/checks/test_cli_check.py",
)
TORCH_TESTS = ("tests/test_checkpoint.py", "tests/test_torch_transformer.py", "tests/test_training_resume.py")
SOLVED = """import numpy as np
def conv2d_naive(x, w):
    (H, W), (P, Q) = x.shape, w.shape
    return np.array([[(x[i:i+P, j:j+Q] * w).sum() for j in range(W-Q+1)] for i in range(H-P+1)], x.dtype)
"""
FIT = """
import sys, dlcourse, numpy as np
from dlcourse import models, numpy_nn
from dlcourse.training import fit
assert 'torch' not in sys.modules
rng = np.random.default_rng(0)
model = models.mlp(numpy_nn, inputs=6, hidden=(8,), classes=2)
history = fit(model, (rng.standard_normal((64, 6)), np.arange(64) % 2), epochs=3)
print(dlcourse.__file__, history.loss)
"""


class Failure(Exception):
    """Which step failed, and the line that says why."""


class NotRun(Exception):
    """What this machine lacks for a cell."""


class Run:
    """One cell: its folder, its log, and the steps."""

    def __init__(self, number: int, cell: Cell, pip: list[str], cuda: bool, uv: bool):
        self.cell, self.pip_options, self.cuda, self.uv = cell, pip, cuda, uv
        self.folder = WORK / f"{number:02d}" / cell.folder
        self.log = WORK / f"{number:02d}.log"
        self.course = self.folder / "clone"
        self.empty = self.folder / "empty"
        self.bin = self.folder / "env" / "bin"

    def call(self, what: str, *command, cwd: Path | None = None) -> str:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {' '.join(map(str, command))}\n")
            log.flush()
            done = subprocess.run(
                list(map(str, command)),
                cwd=cwd or self.empty,
                env=clean_environment() | {"PATH": f"{self.bin}:{os.environ['PATH']}"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LIMIT,
            )
            log.write(done.stdout)
        if done.returncode:
            lines = [line for line in done.stdout.splitlines() if line.strip()] or ["nothing was printed"]
            told = [line for line in lines if line.lower().startswith(("error", "mend", "failed", "e  "))]
            raise Failure(f"{what}: {(told or lines)[-1].strip()[:160]}")
        return done.stdout

    def pip(self, what: str, *arguments) -> str:
        python = self.bin / "python"
        if self.uv:
            return self.call(what, "uv", "pip", "install", "--python", python, *self.pip_options, *arguments)
        quiet = (
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-warn-script-location",
        )
        return self.call(what, python, *quiet, *self.pip_options, *arguments)

    def install(self) -> None:
        cell = self.cell
        python = find_python(cell.python)
        if python is None:
            raise NotRun(f"this machine has no Python {cell.python}")
        self.empty.mkdir(parents=True)
        copy_course(self.course)
        self.call("venv", python, "-m", "venv", self.folder / "env")
        if cell.torch and not self.cuda:
            self.refuse_cuda()
        target, editable = str(self.course), ["-e"]
        if cell.how == "wheel":
            self.call("wheel", self.bin / "pip", "wheel", "-q", "--no-deps", "-w", self.folder, self.course)
            (wheel,) = self.folder.glob("*.whl")
            target, editable = str(wheel), []
        if cell.versions == "core":
            self.pip("install", *editable, target)
        elif cell.versions == "lock":
            (self.folder / "lock.txt").write_text(lock(cell.torch), encoding="utf-8")
            self.pip("install", "-r", self.folder / "lock.txt")
            self.pip("install", "--no-deps", *editable, target)
        else:
            (self.folder / "bounds.txt").write_text(oldest() if cell.versions == "oldest" else "")
            self.pip("install", "-c", self.folder / "bounds.txt", *editable, target + extras(cell.torch))

    def refuse_cuda(self) -> None:
        """The plan names NVIDIA's packages where several GB would be taken for a GPU."""
        plan = self.folder / "plan.json"
        wanted = "torch==2.13.0" if self.cell.versions == "lock" else "torch>=2.6"
        if self.uv:
            names = self.pip("plan", "--dry-run", wanted).split()
        else:
            self.pip("plan", "--dry-run", "--report", plan, wanted)
            planned = json.loads(plan.read_text(encoding="utf-8"))["install"]
            names = [package["metadata"]["name"] for package in planned]
        if any(name.startswith("nvidia") for name in names):
            raise NotRun("a CUDA build of PyTorch (several GB) would be taken; --cuda allows it")

    def use(self) -> str:
        """The package from an empty folder, the doctor, the tests; returns what the tests said."""
        cell = self.cell
        where = self.call("import", self.bin / "python", "-c", FIT).split("dlcourse/__init__.py")[0]
        if (str(self.course) in where) != (cell.how == "editable"):
            raise Failure(f"import: the package was read from {where}")
        doctor = [self.bin / "dlcourse", "doctor"]
        if cell.versions == "lock" and cell.torch:
            doctor += ["--strict", "--lock", self.folder / "lock.txt"]
        self.call("doctor", *doctor, cwd=self.course if cell.how == "editable" else self.empty)
        (self.empty / "my.py").write_text(SOLVED, encoding="utf-8")
        self.call("check", self.bin / "dlcourse", "check", "conv2d_naive", "my.py")
        self.call("summary", self.bin / "dlcourse", "summary", "cnn")
        if cell.versions == "core":
            return "no pytest in this cell: import, fit, doctor, check, summary"
        if cell.how == "wheel":  # the tests must not find the package of the clone
            shutil.rmtree(self.course / "dlcourse")
        tests = TESTS + (TORCH_TESTS if cell.torch else ())
        said = self.call(
            "tests",
            self.bin / "python",
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *tests,
            cwd=self.course,
        )
        return said.strip().splitlines()[-1].split(" in ")[0].strip("= ")
