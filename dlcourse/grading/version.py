"""The trusted side of one notebook: cells, points and hidden tests, out of nbgrader's gradebook."""

import ast
import hashlib
import json
import re
from dataclasses import asdict, dataclass

from dlcourse.checks.shortcuts import imported, parse_cell

HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE)
SCHEME = re.compile(r"^[^\n]*BEGIN MARK SCHEME.*?END MARK SCHEME[^\n]*\n?", re.DOTALL | re.MULTILINE)
HEAVY = {
    "torch": ("torch", "torch.optim", "torch._dynamo"),
    "matplotlib": ("matplotlib.pyplot",),
    "scipy": ("scipy.special", "scipy.signal"),
    "sklearn": ("sklearn",),
    "pandas": ("pandas",),
}


@dataclass(frozen=True)
class TrustedCell:
    """One cell with a grade id."""

    name: str
    cell_type: str
    source: str  # with hidden tests; a solution cell holds the empty stub
    checksum: str
    locked: bool
    solution: bool
    points: float | None  # None: not graded

    @property
    def released(self) -> str:
        """The source as learners get it."""
        return SCHEME.sub("", HIDDEN.sub("", self.source)).rstrip("\n")

    @property
    def is_test(self) -> bool:
        return self.points is not None and not self.solution and self.cell_type == "code"

    def metadata(self) -> dict:
        meta = {
            "cell_type": self.cell_type,
            "checksum": self.checksum,
            "grade": self.points is not None,
            "grade_id": self.name,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": False,
        }
        return meta if self.points is None else {**meta, "points": self.points}


@dataclass(frozen=True)
class NotebookVersion:
    """All cells with a grade id, in order. It can be sent as JSON to another machine."""

    assignment: str
    notebook: str
    cells: tuple[TrustedCell, ...]

    @classmethod
    def from_gradebook(cls, db_url: str, assignment: str, notebook: str) -> "NotebookVersion":
        from nbgrader.api import Gradebook  # only here: a worker elsewhere has no gradebook to read

        with Gradebook(db_url) as gradebook:
            found = gradebook.find_notebook(notebook, assignment)
            points = {cell.name: cell.max_score for cell in found.grade_cells}
            solutions = {cell.name for cell in found.solution_cells}
            cells = [
                TrustedCell(
                    c.name,
                    c.cell_type,
                    c.source,
                    c.checksum,
                    c.locked,
                    c.name in solutions,
                    points.get(c.name),
                )
                for c in found.source_cells
            ]
        return cls(assignment, notebook, tuple(cells))

    @property
    def functions(self) -> list[str]:
        """Names that the stubs define: what tests may call in the student's process."""
        names = []
        for cell in self.cells:
            if cell.solution and cell.cell_type == "code":
                tree = ast.parse(cell.source)
                names += [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        return names

    @property
    def preload(self) -> tuple[str, ...]:
        """Modules that a warm process imports for this notebook: what its cells import, if it is worth it."""
        sources = [cell.source for cell in self.cells if cell.cell_type == "code"]
        named = {name.split(".")[0] for source in sources for name in imported(parse_cell(source)).values()}
        return tuple(module for name, modules in HEAVY.items() if name in named for module in modules)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
