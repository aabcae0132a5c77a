"""Results that are kept: nothing that has been run is run again, and a mended test costs only itself.

A result belongs to a run (the cells, the files beside them, the limits, the code that runs them) and holds
one score a test; a score belongs to a test (its text, its seed, the modules of the course that it reaches).
"""

import ast
import functools
import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import dlcourse
from dlcourse.exercises.source import write_atomically
from dlcourse.grading.limits import Limits
from dlcourse.grading.score import CellScore
from dlcourse.grading.version import NotebookVersion, TrustedCell

PACKAGE = Path(dlcourse.__file__).parent
RUNNERS = ("worker", "student", "values", "frames", "zygote", "watch", "inner", "seccomp", "score", "execute")


@dataclass
class Stored:
    """What is known of one notebook of one student."""

    run: str
    outputs: dict[int, list[dict]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    scores: dict[str, CellScore] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)  # grade id -> the key of the test that gave its score

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "Stored":
        scores = {name: CellScore(**score) for name, score in data["scores"].items()}
        outputs = {int(index): value for index, value in data["outputs"].items()}
        return cls(data["run"], outputs, data["remarks"], scores, data["tests"])


class Store:
    """The folder ``.grading`` of a course."""

    def __init__(self, root: Path, assignment: str):
        self.folder = root / ".grading" / assignment

    def _path(self, student: str, name: str) -> Path:
        return self.folder / student / f"{name}.json"

    def read(self, student: str, name: str) -> dict | None:
        """What was kept under ``name``; None if nothing usable is there."""
        try:
            return json.loads(self._path(student, name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def write(self, student: str, name: str, data: dict) -> None:
        path = self._path(student, name)
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
            self.folder.parent.chmod(0o700)
        write_atomically(path, json.dumps(data).encode())


def sha(*parts) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def run_key(cells: list, version: NotebookVersion, limits: Limits, files: Path | None, level: str) -> str:
    """What decides how the cells of one notebook run. The tests are not part of it, their places are."""
    trusted = {cell.name: cell for cell in version.cells}
    run = [
        [kind, name if name in trusted and trusted[name].is_test else source] for kind, source, name in cells
    ]
    code = [_of_file(PACKAGE / "grading" / f"{name}.py") for name in RUNNERS]
    code.append(_of_file(PACKAGE / "checks" / "subject.py"))
    return sha(run, version.functions, version.preload, asdict(limits), digest(files), level, code)


def test_key(cell: TrustedCell, version: NotebookVersion, seed: int) -> str:
    """What decides the score of one test, given a run."""
    before = version.cells[: version.cells.index(cell)]
    shared = [c.source for c in before if c.locked and c.cell_type == "code" and c.points is None]
    return sha(cell.source, cell.points, shared, seed, modules((cell.source, *shared)))


def digest(folder: Path | None) -> dict[str, str]:
    """path -> SHA-256 of the files that lie beside the notebooks."""
    files = sorted(p for p in folder.rglob("*") if p.is_file()) if folder else []
    return {str(p.relative_to(folder)): _of_file(p) for p in files if p.suffix != ".ipynb"}


def _of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def modules(sources: tuple[str, ...]) -> str:
    """One hash over every file of the course that code with these sources can reach by import.

    ``check("conv2d")`` loads the module of that name: a text that names one counts as its import.
    """
    waiting, seen = {PACKAGE / "checks" / "__init__.py"}, {}
    for source in sources:
        tree = ast.parse(source)
        waiting |= _imported_files(tree)
        texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        named = [PACKAGE / "checks" / f"{text}.py" for text in texts if text.isidentifier()]
        waiting |= {path for path in named if path.is_file()}
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen[path] = _of_file(path)
            waiting |= _imported_files(ast.parse(path.read_text(encoding="utf-8")))
    return sha(sorted((str(path.relative_to(PACKAGE)), value) for path, value in seen.items()))


def _imported_files(tree: ast.AST) -> set[Path]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {found for name in names if name.startswith("dlcourse.") and (found := _file_of(name))}


@functools.cache
def _file_of(name: str) -> Path | None:
    place = PACKAGE.joinpath(*name.split(".")[1:])
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None
