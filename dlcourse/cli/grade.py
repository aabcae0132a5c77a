"""``dlcourse grade``: grade what was handed in. Can be stopped at any moment; the next run goes on."""

from pathlib import Path
from typing import Annotated

import typer

from dlcourse.cli.saying import needs, stop


def grade(
    assignment: Annotated[str, typer.Argument(help="the folder's name in submitted/<student>/")],
    jobs: Annotated[int, typer.Option(min=1, help="submissions at the same time")] = 1,
    student: Annotated[list[str] | None, typer.Option(help="only this student; may be repeated")] = None,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="only those of whom there is no result")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be done, do nothing")] = False,
    root: Annotated[Path, typer.Option(help="the course: solutions/, submitted/, gradebook.db")] = Path(),
    db: Annotated[str, typer.Option(help="URL of the gradebook, if it is not gradebook.db")] = "",
    executor: Annotated[
        str, typer.Option(help="local: processes of this machine; dask: the workers of a Dask cluster")
    ] = "local",
    scheduler: Annotated[str, typer.Option(help="the cluster, like tcp://10.0.0.5:8786")] = "",
    due: Annotated[str, typer.Option(help="set the time until which hand-ins are in time")] = "",
    unsafe: Annotated[
        bool,
        typer.Option("--unsafe", help="no sandbox: submissions can read the solutions and change results"),
    ] = False,
) -> None:
    """Grade submissions: marks into the gradebook, feedback pages, CSV files and a report."""
    with needs("grade"):
        from dlcourse.exercises.source import SourceError
        from dlcourse.grading.__main__ import grade_all, table
        from dlcourse.grading.batch import Batch
        from dlcourse.grading.cluster import workers
        from dlcourse.grading.course import Course, GradingError
        from dlcourse.grading.protection import protections
        from dlcourse.grading.sandbox import SandboxMissing, isolation

    try:
        course = Course(root, unsafe=unsafe, db=db)
        chosen = list(student or []) or None
        if only_failed:
            chosen = [s for s in chosen or course.students(assignment) if not course.has(assignment, s)]
            if not chosen:
                print("There is a result of every submission.")
                return
        if dry_run:
            for name, what in (
                Batch(course, assignment).outlook(chosen or course.students(assignment)).items()
            ):
                print(f"{name}: {what}")
            print("Protection of this machine:")
            for line in protections("none" if unsafe else isolation()[0]):
                print(f"- {line}")
            return
        if due:
            course.set_due(assignment, due)
        with workers(executor, scheduler, jobs, unsafe) as (pool, jobs):
            rows = grade_all(course, assignment, jobs=jobs, students=chosen, executor=pool)
    except SandboxMissing as problem:
        raise stop(
            f"Nothing was graded: {problem}. With --unsafe submissions run with your rights: they can read "
            "the solutions, change results and use the network."
        ) from problem
    except (GradingError, SourceError) as problem:
        raise stop(str(problem)) from problem
    table(assignment, rows)
    if failed := [row.student for row in rows if row.failure]:
        raise stop(f"Not graded: {', '.join(failed)}. Try again with --only-failed.")
