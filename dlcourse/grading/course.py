"""Grade what lies in ``submitted/``: one student after the other, whatever the others handed in."""

import csv
import glob
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy.exc import SAWarning

from dlcourse.exercises.release import last_line
from dlcourse.exercises.source import derive, write_atomically
from dlcourse.grading.limits import Limits
from dlcourse.grading.sandbox import SandboxMissing, sandbox_problem
from dlcourse.grading.settings import course_config
from dlcourse.grading.staging import stage


class GradingError(RuntimeError):
    """Grading cannot begin, and why."""


@dataclass
class Row:
    """One student's result."""

    student: str
    score: float = 0.0
    max_score: float = 0.0
    auto_score: float = 0.0
    needs_manual: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    sentences: dict[str, str] = field(default_factory=dict)
    failure: str = ""


@dataclass
class Course:
    """A folder with solutions/ and submitted/, and how its submissions are run."""

    root: Path
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    unsafe: bool = False

    def __post_init__(self):
        self.root = self.root.resolve()
        self.config = course_config(self.root)
        self.config.BlackBoxExecute.limits = asdict(self.limits)
        self.config.BlackBoxExecute.seed = self.seed
        self.config.BlackBoxExecute.unsafe = self.unsafe
        logging.getLogger("traitlets").setLevel(logging.ERROR)
        # nbgrader builds its rows in an order that SQLAlchemy 2.1 remarks on, thrice a submission.
        warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")

    @property
    def db_url(self) -> str:
        return self.config.CourseDirectory.db_url

    def assignments(self) -> list[str]:
        """Assignments of which something was handed in."""
        known = {path.parent.name for path in (self.root / "solutions").glob("*/*.md")}
        return sorted(known & {path.name for path in self.root.glob("submitted/*/*")})

    def students(self, assignment: str) -> list[str]:
        """Students who handed in a folder for ``assignment``."""
        return sorted(path.parent.name for path in self.root.glob(f"submitted/*/{glob.escape(assignment)}"))

    def register(self, assignment: str) -> list[str]:
        """Tell the gradebook about the assignment; return the names of its notebooks."""
        derived = derive(self.root / "solutions", assignment, self.root / "solutions")
        with tempfile.TemporaryDirectory(prefix="dlcourse-release-") as folder:
            config = self.config.copy()
            config.CourseDirectory.release_directory = folder
            result = NbGraderAPI(config=config).generate_assignment(assignment)
        if not result["success"]:
            raise GradingError(
                f"nbgrader does not take the assignment {assignment!r}: {last_line(result)}. If cells were "
                "added or removed after submissions were graded, begin a new gradebook.db."
            )
        return [path.stem for path in derived]

    def grade(self, assignment: str, student: str, notebooks: list[str]) -> Row:
        """Autograde one student and write the feedback. Never raises for what was handed in."""
        row = Row(student)
        with tempfile.TemporaryDirectory(prefix="dlcourse-staging-") as folder:
            handed_in = self.root / "submitted" / student / assignment
            staged = stage(handed_in, Path(folder) / student / assignment, notebooks, self.limits)
            config = self.config.copy()
            config.CourseDirectory.submitted_directory = folder
            config.IntakeExporter.remarks = staged.remarks
            config.IntakeExporter.review = staged.review
            for step in ("autograde", "generate_feedback"):
                result = getattr(NbGraderAPI(config=config), step)(assignment, glob.escape(student))
                if "KeyboardInterrupt" in (result.get("error") or ""):
                    raise KeyboardInterrupt  # nbgrader's API swallows it
                if not result["success"]:
                    row.failure = f"{step}: {last_line(result)}"
                    return row
        self._read(row, assignment)
        return row

    def _read(self, row: Row, assignment: str) -> None:
        with Gradebook(self.db_url) as gradebook:
            submission = gradebook.find_submission(assignment, row.student)
            row.score, row.max_score = submission.score, submission.max_score
            for notebook in submission.notebooks:
                row.auto_score += sum(g.auto_score or 0.0 for g in notebook.grades)
                row.needs_manual += [g.name for g in notebook.grades if g.needs_manual_grade]
        for path in sorted((self.root / "autograded" / row.student / assignment).glob("*.ipynb")):
            notes = nbformat.read(path, as_version=4).metadata.get("dlcourse", {})
            row.remarks += notes.get("remarks", [])
            row.sentences |= notes.get("sentences", {})

    def write_csv(self, assignment: str, rows: list[Row]) -> list[Path]:
        """nbgrader's own export of the gradebook, and a report with remarks; both whole or not at all."""
        grades, report = self.root / "grades.csv", self.root / f"report-{assignment}.csv"
        temporary = grades.with_name(f".grades.csv.{os.getpid()}")
        with Gradebook(self.db_url) as gradebook:
            plugin = CsvExportPlugin(config=self.config)
            plugin.to = str(temporary)
            plugin.export(gradebook)
        os.replace(temporary, grades)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(
            ["student", "score", "max_score", "auto_score", "needs_manual", "remarks", "tests", "failure"]
        )
        for row in rows:
            tests = " | ".join(f"{name}: {sentence}" for name, sentence in sorted(row.sentences.items()))
            cells = [
                f"{row.score:g}",
                f"{row.max_score:g}",
                f"{row.auto_score:g}",
                " ".join(row.needs_manual),
            ]
            writer.writerow(
                [_cell(c) for c in [row.student, *cells, " | ".join(row.remarks), tests, row.failure]]
            )
        write_atomically(report, text.getvalue().encode())
        return [grades, report]


def _cell(text: str) -> str:
    # A spreadsheet would run a cell that begins like a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def run(course: Course, assignment: str, step: Callable[[Row], None] = lambda row: None) -> list[Row]:
    """Grade all students of one assignment; ``step`` hears of each result as it comes.

    Raises ``GradingError`` or ``SandboxMissing`` before anything was run.
    """
    if not course.unsafe and (problem := sandbox_problem()):
        raise SandboxMissing(problem)
    students = course.students(assignment)
    if not students:
        raise GradingError(f"no submission lies in {course.root / 'submitted'}/<student>/{assignment}/")
    notebooks = course.register(assignment)
    rows = []
    for student in students:
        rows.append(course.grade(assignment, student, notebooks))
        step(rows[-1])
    course.write_csv(assignment, rows)
    return rows
