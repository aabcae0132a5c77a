"""One job: a submission as bytes, its notebooks' versions and a seed in; results as plain data out.

It needs nothing of the course's folder, so that it can run in any process on any machine.
"""

import hashlib
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import dlcourse
from dlcourse.grading.execute import execute
from dlcourse.grading.intake import intake
from dlcourse.grading.limits import Limits
from dlcourse.grading.sandbox import sandbox_problem
from dlcourse.grading.scratch import prefix
from dlcourse.grading.store import Stored
from dlcourse.grading.version import NotebookVersion

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Job:
    """Everything that decides the result of one submission."""

    student: str
    files: dict[str, bytes]
    versions: tuple[NotebookVersion, ...]
    seed: int
    limits: Limits
    unsafe: bool = False
    known: dict[str, dict] = field(default_factory=dict)  # notebook -> an earlier result


def cells_of(notebook) -> list[tuple[str, str, str | None]]:
    """What is executed of a notebook after intake."""
    return [(c.cell_type, c.source, c.metadata.get("nbgrader", {}).get("grade_id")) for c in notebook.cells]


def read_folder(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def run_job(job: Job) -> dict[str, dict]:
    """Run the notebooks of one submission; notebook -> result.

    One at a time in a process: what a test prints is caught by replacing ``sys.stdout``.
    """
    with _one_at_a_time, tempfile.TemporaryDirectory(prefix=prefix("job")) as place:
        folder = Path(place, "submission")
        for name, data in job.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        results = {}
        for version in job.versions:
            notebook = intake(folder / f"{version.notebook}.ipynb", version).notebook
            known = job.known.get(version.notebook)
            stored = execute(
                cells_of(notebook),
                version,
                job.seed,
                job.limits,
                folder,
                job.unsafe,
                Stored.from_json(known) if known else None,
            )
            results[version.notebook] = stored.to_json()
        return results


def machine() -> tuple[str, str | None]:
    """What a machine that shall run jobs tells: a hash of its code, and what its sandbox lacks."""
    package = Path(dlcourse.__file__).parent
    code = hashlib.sha256()
    for part in ("grading", "checks"):
        for path in sorted((package / part).rglob("*.py")):
            code.update(f"{path.relative_to(package)}\0".encode() + path.read_bytes())
    return code.hexdigest(), sandbox_problem()
