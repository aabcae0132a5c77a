"""The course's nbgrader configuration, used by nbgrader_config.py and by our own commands."""

import functools
import os
import secrets
import sys
from pathlib import Path

import nbgrader.api
import nbgrader.dbutil
import sqlalchemy
from traitlets.config import Config, PyFileConfigLoader

from dlcourse.exercises.source import write_atomically
from dlcourse.grading.page import FormgraderPage


@functools.cache
def _engine(process: int, url: str, **options):
    return sqlalchemy.create_engine(url, **options)


def engine(url: str, **options) -> sqlalchemy.Engine:
    """One engine a process: jobs that were forked must not share a connection to a database server."""
    return _engine(os.getpid(), url, **options)


# nbgrader makes a new engine for each access to the gradebook, and SQLAlchemy compiles each statement again.
nbgrader.api.create_engine = engine

# It also looks for each of its tables then: 22 questions, where one shows that the gradebook is there.
_create_all = nbgrader.api.Base.metadata.create_all


def _create_tables(bind) -> None:
    if not sqlalchemy.inspect(bind).get_table_names():
        _create_all(bind=bind)


nbgrader.api.Base.metadata.create_all = _create_tables


def migration_head() -> str:
    """The version of a new gradebook's tables; nbgrader starts the program ``alembic`` to ask for it."""
    from alembic.script import ScriptDirectory  # wanted once in the life of a gradebook

    return ScriptDirectory(nbgrader.dbutil.ALEMBIC_DIR).get_current_head()


nbgrader.api.get_alembic_version = migration_head

HOOKS = "dlcourse.grading.hooks"
SEED_FILE = ".grading-seed"


def secret_seed(root: Path) -> int:
    """The seed of this course's hidden inputs: drawn once, kept beside the gradebook."""
    path = root / SEED_FILE
    if not path.exists():
        write_atomically(path, f"{secrets.randbits(63)}\n".encode())
        path.chmod(0o600)
    return int(path.read_text())


def configure(c: Config) -> Config:
    """Add the settings of this course to an nbgrader configuration."""
    _scripts_on_path()
    c.CourseDirectory.course_id = "dlcourse"
    c.CourseDirectory.source_directory = "solutions"
    c.CourseDirectory.release_directory = "exercises"
    # The text notebooks hold the solutions: nbgrader would copy them into the release as further files.
    c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.md"]
    # A mark scheme stands in the locked question, where Formgrader shows it above the answer.
    c.ClearMarkScheme.enforce_metadata = False
    c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}

    c.Autograde.exporter_class = f"{HOOKS}.IntakeExporter"
    c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
    c.Autograde.autograde_preprocessors = [
        f"{HOOKS}.BlackBoxExecute",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        f"{HOOKS}.FlagForReview",
        f"{HOOKS}.StripHiddenTests",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.GenerateFeedback.preprocessors = [
        f"{HOOKS}.StripMarkSchemes",
        "nbgrader.preprocessors.GetGrades",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.GenerateFeedback.exporter_class = "dlcourse.grading.page.FeedbackPage"
    if formgrader := sys.modules.get("nbgrader.server_extensions.formgrader.formgrader"):
        formgrader.HTMLExporter = FormgraderPage  # we are in Jupyter's server; it has no option for this
    c.HTMLExporter.sanitize_html = True
    # nbgrader's own templates leave markdown as it is.
    c.HTMLExporter.filters = {"markdown2html": "dlcourse.grading.safe_html.markdown2html"}
    return c


def _scripts_on_path() -> None:
    # nbgrader starts `alembic` by name, which fails where the environment is used without being activated.
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])


def course_config(root: Path) -> Config:
    """The configuration of the course in ``root``: its nbgrader_config.py, or else our settings alone."""
    if (root / "nbgrader_config.py").exists():
        c = PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
    else:
        c = configure(Config())
    c.CourseDirectory.root = str(root)
    if "db_url" not in c.CourseDirectory:
        c.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}"
    return c
