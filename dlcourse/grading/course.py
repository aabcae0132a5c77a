"""A course's folder, and nbgrader's steps for one student in it."""

import contextlib
import csv
import glob
import io
import logging
import os
import shutil
import tempfile
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import token_hex

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning

from dlcourse.exercises.release import last_line
from dlcourse.exercises.source import derive, write_atomically
from dlcourse.grading.gradebook import GradebookError, usable
from dlcourse.grading.limits import Limits
from dlcourse.grading.scratch import prefix
from dlcourse.grading.settings import course_config, secret_seed
from dlcourse.grading.staging import Staged
from dlcourse.grading.version import NotebookVersion


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
    tests: dict[str, tuple[float, float]] = field(default_factory=dict)  # points of a test, and its most
    failure: str = ""


@dataclass
class Course:
    """A folder with solutions/ and submitted/, and how its submissions are run."""

    root: Path
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    unsafe: bool = False
    db: str = ""  # URL of the gradebook if it is not that of the configuration

    def __post_init__(self):
        self.root = self.root.resolve()
        self.config = course_config(self.root)
        if self.db:
            self.config.CourseDirectory.db_url = self.db
        if not self.db_url.startswith("sqlite:///"):
            try:
                self.config.CourseDirectory.db_url = usable(self.db_url)
            except GradebookError as problem:
                raise GradingError(str(problem)) from problem
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
        with tempfile.TemporaryDirectory(prefix=prefix("release")) as folder:
            config = self.config.copy()
            config.CourseDirectory.release_directory = folder
            result = NbGraderAPI(config=config).generate_assignment(assignment)
        if not result["success"]:
            raise GradingError(
                f"nbgrader does not take the assignment {assignment!r}: {last_line(result)}. If cells were "
                "added or removed after submissions were graded, begin a new gradebook.db."
            )
        return [path.stem for path in derived]

    def versions(self, assignment: str, notebooks: list[str]) -> tuple[NotebookVersion, ...]:
        return tuple(NotebookVersion.from_gradebook(self.db_url, assignment, name) for name in notebooks)

    @property
    def hidden_seed(self) -> int:
        return self.seed or secret_seed(self.root)

    def nbgrader(self, step: str, assignment: str, student: str, **configured) -> str:
        """One of nbgrader's steps for one student; returns its last line if it failed, else ''."""
        config = self.config.copy()
        for name, value in configured.items():
            section, _, option = name.partition("__")
            config[section][option] = value
        with _quiet():
            result = getattr(NbGraderAPI(config=config), step)(assignment, glob.escape(student))
        if "KeyboardInterrupt" in (result.get("error") or ""):
            raise KeyboardInterrupt  # nbgrader's API swallows it
        return "" if result["success"] else f"{step}: {last_line(result)}"

    def autograde(self, assignment: str, student: str, staging: Path, staged: Staged) -> str:
        """Write results that are ready into the gradebook and autograded/. Returns the failure or ''."""
        return self.nbgrader(
            "autograde",
            assignment,
            student,
            CourseDirectory__submitted_directory=str(staging),
            IntakeExporter__remarks=staged.remarks,
            IntakeExporter__review=staged.review,
            BlackBoxExecute__ready=True,
        )

    def feedback(self, assignment: str, student: str) -> str:
        """Write the feedback page. Only reads the gradebook. Returns the failure or ''."""
        failure = self.nbgrader("generate_feedback", assignment, student)
        if not failure:
            make_releasable(self.root / "feedback" / student / assignment)
        return failure

    def read(self, row: Row, assignment: str) -> None:
        """Fill ``row`` from the gradebook and the autograded notebooks."""
        with Gradebook(self.db_url) as gradebook:
            submission = gradebook.find_submission(assignment, row.student)
            row.score, row.max_score = submission.score, submission.max_score
            for notebook in submission.notebooks:
                row.auto_score += sum(g.auto_score or 0.0 for g in notebook.grades)
                row.tests |= {
                    g.name: (g.auto_score, g.max_score) for g in notebook.grades if g.auto_score is not None
                }
                row.needs_manual += [g.name for g in notebook.grades if g.needs_manual_grade]
        names: list[str] = []
        for path in sorted((self.root / "autograded" / row.student / assignment).glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            names += [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
            notes = notebook.metadata.get("dlcourse", {})
            row.remarks += notes.get("remarks", [])
            row.sentences |= notes.get("sentences", {})
        row.needs_manual.sort(key=lambda name: names.index(name) if name in names else len(names))

    def notebooks(self, assignment: str) -> list[str]:
        """Names of the notebooks that the gradebook knows."""
        with Gradebook(self.db_url) as gradebook:
            return sorted(found.name for found in gradebook.find_assignment(assignment).notebooks)

    def due(self, assignment: str) -> str:
        """The time until which a submission is in time, '' if there is none."""
        with Gradebook(self.db_url) as gradebook:
            return str(gradebook.find_assignment(assignment).duedate or "")

    def set_due(self, assignment: str, time: str) -> None:
        """Submissions after ``time`` are late. Raises ``GradingError`` for what is no time."""
        try:
            parse_utc(time)
        except (ValueError, OverflowError) as problem:
            raise GradingError(f"{time!r} is no time; write it like 2026-10-01 23:59 +0800") from problem
        with Gradebook(self.db_url) as gradebook:
            gradebook.update_or_create_assignment(assignment, duedate=time)

    def known(self, assignment: str) -> bool:
        """Whether the gradebook knows the assignment."""
        url = self.db_url
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            return False
        with Gradebook(url) as gradebook:
            return assignment in [found.name for found in gradebook.assignments]

    def has(self, assignment: str, student: str) -> bool:
        """Whether the gradebook and both folders hold a result of this student."""
        if not self.known(assignment):
            return False
        folders = [self.root / kind / student / assignment for kind in ("autograded", "feedback")]
        if not all(folder.is_dir() for folder in folders):
            return False
        with Gradebook(self.db_url) as gradebook:
            try:
                gradebook.find_submission(assignment, student)
            except MissingEntry:
                return False
        return True

    def rows(self, assignment: str) -> list[Row]:
        """Rows of all students of whom the gradebook has a result."""
        rows = [Row(s) for s in self.students(assignment) if self.has(assignment, s)]
        for row in rows:
            self.read(row, assignment)
        return rows

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


def make_releasable(folder: Path) -> None:
    """Put what `nbgrader release_feedback` reads beside a page, where the exchange's `submit` did not.

    One submission without it stops the release for the class. Nobody can fetch a page by a secret drawn here.
    """
    for name, text in (
        ("timestamp.txt", "1970-01-01 00:00:00 UTC"),
        ("submission_secret.txt", token_hex(32)),
    ):
        path = folder / name
        try:
            path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            if path.is_dir():
                shutil.rmtree(path)
            write_atomically(path, text.encode())


def _cell(text: str) -> str:
    # A spreadsheet would run a cell that begins like a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


@contextlib.contextmanager
def _quiet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your element with mimetype")
        yield
