"""The cells of the matrix: which Python, versions, PyTorch or not, wheel or editable, which folder."""

import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PLAIN, ODD = "course", "Käse & Kuchen 深度学习"


@dataclass(frozen=True)
class Cell:
    """``versions``: "lock", "newest" and "oldest" (what the ranges of pyproject.toml allow), or "core" (no
    extra at all); ``how``: "wheel" or "editable"; ``folder``: where it all lies."""

    python: str
    versions: str
    torch: bool
    how: str
    folder: str

    def __str__(self) -> str:
        torch = "with torch" if self.torch else "no torch"
        return f"Python {self.python}, {self.versions}, {torch}, {self.how}, in '{self.folder}'"


CELLS = (
    Cell("3.11", "lock", True, "editable", PLAIN),  # what `make venv` makes
    Cell("3.11", "core", False, "wheel", ODD),
    Cell("3.11", "oldest", False, "wheel", PLAIN),
    Cell("3.11", "newest", True, "wheel", ODD),
    Cell("3.12", "newest", False, "editable", ODD),
    Cell("3.12", "lock", True, "wheel", PLAIN),
    Cell("3.13", "core", False, "editable", PLAIN),
    Cell("3.13", "lock", False, "editable", ODD),
    Cell("3.13", "newest", False, "wheel", PLAIN),
    Cell("3.13", "oldest", True, "editable", PLAIN),
)


def find_python(version: str) -> str | None:
    """A Python of this version that really starts: on the PATH, or one that pyenv keeps."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    for python in (shutil.which(f"python{version}"), *map(str, reversed(kept))):
        if python:
            said = subprocess.run([python, "-V"], capture_output=True, text=True)
            if said.returncode == 0 and said.stdout.startswith(f"Python {version}."):
                return python
    return None


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def extras(torch: bool) -> str:
    """All extras but ``all``, in brackets; without PyTorch if ``torch`` is false."""
    names = [name for name in project()["optional-dependencies"] if name != "all"]
    return "[" + ",".join(name for name in names if torch or name != "torch") + "]"


def lock(torch: bool) -> str:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if torch or not line.startswith("torch==")) + "\n"


def oldest() -> str:
    """Constraints that hold every direct requirement at the oldest release line that its range allows."""
    groups = [project()["dependencies"], *project()["optional-dependencies"].values()]
    lines = set()
    for requirement in (Requirement(text) for group in groups for text in group):
        for bound in requirement.specifier:
            if bound.operator == ">=":
                lines.add(f"{requirement.name}=={bound.version}.*")
    return "\n".join(sorted(lines)) + "\n"


def copy_course(folder: Path) -> None:
    """The files of the course (tracked, or new and not ignored), as a clone would have them."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def clean_environment() -> dict[str, str]:
    """Without what this shell says of Python and its modules."""
    dropped = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "DLCOURSE_CACHE", "DLCOURSE_DATA")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
