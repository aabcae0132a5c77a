"""The gradebook's URL: SQLite beside the course, or a PostgreSQL server that several people use."""

import sqlalchemy
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from dlcourse.grading.settings import engine

EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:////FOLDER/gradebook.db"


class GradebookError(RuntimeError):
    """There is no gradebook at a URL, and why."""


def usable(url: str) -> str:
    """``url`` in the form that nbgrader gets, after a connection was tried. Raises ``GradebookError``."""
    try:
        parsed = sqlalchemy.make_url(url)
    except ArgumentError as problem:
        raise GradebookError(f"{url!r} is no URL of a gradebook; write {EXAMPLE}") from problem
    shown = parsed.render_as_string()  # without the password
    if parsed.drivername == "postgresql":  # whose driver depends on the version of SQLAlchemy
        parsed = parsed.set(drivername="postgresql+psycopg")
    url = parsed.render_as_string(hide_password=False)
    try:
        with engine(url).connect():
            return url
    except NoSuchModuleError as problem:
        raise GradebookError(f"{shown}: no such kind of database; write {EXAMPLE}") from problem
    except ModuleNotFoundError as problem:
        what = "pip install 'dlcourse[postgres]'" if "psycopg" in problem.name else "install it"
        raise GradebookError(f"the driver {problem.name} for {shown} is missing: {what}") from problem
    except OperationalError as problem:
        said = str(problem.orig).strip().splitlines()
        raise GradebookError(f"the gradebook {shown} cannot be opened: {said[0]}") from problem
