"""Grade a class: jobs run in any process, one process writes the gradebook, and all of it can be cut off.

Per student: stage (a clean copy), job (run what is not known), autograde (gradebook), feedback. Each step
leaves whole files or none, so that the next run goes on where this one was killed.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from dlcourse.grading.course import Course, GradingError, Row
from dlcourse.grading.forkserver import server
from dlcourse.grading.job import Job, read_folder, run_job
from dlcourse.grading.kernel import PR_SET_PDEATHSIG, prctl
from dlcourse.grading.report import write_lms, write_report
from dlcourse.grading.sandbox import SandboxMissing, sandbox_problem
from dlcourse.grading.scratch import prefix, sweep
from dlcourse.grading.staging import Staged, stage
from dlcourse.grading.store import Store, sha, test_key

STATE = "state"  # the name under which a student's finished row is kept


@dataclass
class Plan:
    """One student's submission on its way."""

    student: str
    place: Path
    staged: Staged
    key: str
    job: Job


class Batch:
    """Grades one assignment of a course."""

    def __init__(self, course: Course, assignment: str, jobs: int = 1, executor: Executor | None = None):
        self.course, self.assignment, self.jobs = course, assignment, jobs
        self.store = Store(course.root, assignment)
        self.executor = executor
        self.skipped = 0

    def run(self, students: list[str], step: Callable[[Row], None] = lambda row: None) -> list[Row]:
        """Grade ``students``; ``step`` hears of each when it is finished. Returns rows in that order."""
        self._prepare(self.course)
        rows: dict[str, Row] = {}
        for row in self._rows(students):
            rows[row.student] = row
            step(row)
        return [rows[name] for name in students]

    def _prepare(self, registry: Course) -> None:
        self.names = registry.register(self.assignment)
        self.versions = registry.versions(self.assignment, self.names)
        self.due = registry.due(self.assignment)

    def outlook(self, students: list[str]) -> dict[str, str]:
        """What ``run`` would do with each student; the course's folder stays as it is."""
        with tempfile.TemporaryDirectory(prefix=prefix("outlook")) as place:
            url = f"sqlite:///{place}/gradebook.db"
            self._prepare(Course(self.course.root, self.course.limits, db=url))
            self.due = self.course.due(self.assignment) if self.course.known(self.assignment) else ""
            found = {}
            for student in students:
                plan = self._plan(student, Path(place))
                state = self.store.read(student, STATE)
                done = state and state["key"] == plan.key and self.course.has(self.assignment, student)
                found[student] = "unchanged" if done else self._to_do(plan)
                shutil.rmtree(plan.place)
            return found

    def _to_do(self, plan: Plan) -> str:
        changed = []
        for version in self.versions:
            kept = plan.job.known.get(version.notebook, {}).get("tests", {})
            tests = [cell for cell in version.cells if cell.is_test]
            changed += [c.name for c in tests if kept.get(c.name) != test_key(c, version, plan.job.seed)]
        return f"run: {' '.join(changed) or 'handed in anew'}"

    def _rows(self, students: list[str]) -> Iterator[Row]:
        waiting = iter(students)
        with tempfile.TemporaryDirectory(prefix=prefix("staging")) as place, self._pool() as pool:
            # Pages are made from the course's folder: never on another machine.
            pages = pool if self.executor is None else _Here()
            running: dict[Future, tuple[Plan, str]] = {}
            try:
                while True:
                    while len(running) < 2 * self.jobs and (student := next(waiting, None)) is not None:
                        plan = self._plan(student, Path(place))
                        if done := self._finished(plan):
                            shutil.rmtree(plan.place)
                            yield done
                        else:
                            running[pool.submit(run_job, plan.job)] = (plan, "job")
                    if not running:
                        return
                    ready, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in ready:
                        plan, what = running.pop(future)
                        problem = _problem(future)
                        if what == "job" and not problem:
                            problem = self._write(plan, future.result())
                            shutil.rmtree(plan.place)
                            if not problem:
                                page = pages.submit(_feedback, self.course, self.assignment, plan.student)
                                running[page] = (plan, "feedback")
                                continue
                        yield self._row(plan, problem or (future.result() if what == "feedback" else ""))
            except BaseException:
                for future in running:
                    future.cancel()
                raise

    @contextlib.contextmanager
    def _pool(self) -> Iterator[Executor]:
        if self.executor is not None:
            yield self.executor
            return
        for preload in {version.preload for version in self.versions}:
            server(preload, self.course.unsafe)  # before the jobs are forked, which share it
        if self.jobs == 1:
            yield _Here()
            return
        with ProcessPoolExecutor(self.jobs, get_context("fork"), _begin_job) as pool:
            yield pool

    def _plan(self, student: str, place: Path) -> Plan:
        course = self.course
        handed_in = course.root / "submitted" / student / self.assignment
        folder = place / student / self.assignment
        staged = stage(handed_in, folder, self.names, course.limits)
        files = read_folder(folder)
        known = {name: kept for name in self.names if (kept := self.store.read(student, name))}
        job = Job(student, files, self.versions, course.hidden_seed, course.limits, course.unsafe, known)
        return Plan(student, place / student, staged, self._key(job, staged), job)

    def _key(self, job: Job, staged: Staged) -> str:
        """What decides a student's row: what was handed in, and every cell and test of the assignment."""
        tests = [
            (cell.name, test_key(cell, version, job.seed))
            for version in self.versions
            for cell in version.cells
            if cell.is_test
        ]
        versions = [version.sha256 for version in self.versions]
        files = {name: sha(data.hex()) for name, data in job.files.items()}
        limits = asdict(job.limits)
        return sha(files, asdict(staged), versions, tests, limits, self.due, job.unsafe)

    def _finished(self, plan: Plan) -> Row | None:
        """The row of a student for whom nothing has changed, read anew: a person may have given marks."""
        state = self.store.read(plan.student, STATE)
        if not state or state["key"] != plan.key or not self.course.has(self.assignment, plan.student):
            return None
        row = Row(plan.student)
        self.course.read(row, self.assignment)
        if state["marks"] != _marks(row):
            row.failure = self.course.feedback(self.assignment, plan.student)
            self._keep(plan, row)
        self.skipped += 1
        return row

    def _write(self, plan: Plan, results: dict[str, dict]) -> str:
        for name, result in results.items():
            self.store.write(plan.student, name, result)
        return self.course.autograde(self.assignment, plan.student, plan.place.parent, plan.staged)

    def _row(self, plan: Plan, failure: str) -> Row:
        row = Row(plan.student, failure=failure)
        if not failure:
            self.course.read(row, self.assignment)
            self._keep(plan, row)
        return row

    def _keep(self, plan: Plan, row: Row) -> None:
        self.store.write(plan.student, STATE, {"key": plan.key, "marks": _marks(row)})


def _marks(row: Row) -> list:
    return [row.score, row.max_score, row.needs_manual]


def _feedback(course: Course, assignment: str, student: str) -> str:
    return course.feedback(assignment, student)


def _problem(future: Future) -> str:
    """Why a job gave no result; one submission's trouble stays its own."""
    try:
        problem = future.exception()
    except CancelledError as cancelled:
        raise GradingError(
            "the cluster gave up its jobs: its scheduler has ended or is out of reach; start again to go on"
        ) from cancelled
    if isinstance(problem, BrokenExecutor):
        raise GradingError(
            "a job process was killed, perhaps for want of memory; start again to go on"
        ) from problem
    if problem is not None and not isinstance(problem, Exception):
        raise problem
    return "" if problem is None else f"{type(problem).__name__}: {problem}"


class _Here(Executor):
    """One job: in this process."""

    def submit(self, function, *args) -> Future:
        future: Future = Future()
        try:
            future.set_result(function(*args))
        except Exception as problem:
            future.set_exception(problem)
        return future


def _begin_job() -> None:
    prctl(PR_SET_PDEATHSIG, 9)  # a job does not outlive the grader
    if os.getppid() == 1:
        os._exit(1)


def run(
    course: Course,
    assignment: str,
    step: Callable[[Row], None] = lambda row: None,
    jobs: int = 1,
    students: list[str] | None = None,
    executor: Executor | None = None,
) -> list[Row]:
    """Grade students of one assignment, all unless some are named.

    ``executor`` runs ``jobs`` submissions at a time on machines that were looked at (see ``cluster``);
    without it they run in processes of this machine.

    Raises ``GradingError`` or ``SandboxMissing`` before anything was run.
    """
    if executor is None and not course.unsafe and (problem := sandbox_problem()):
        raise SandboxMissing(problem)
    present = course.students(assignment)
    if not present:
        raise GradingError(f"no submission lies in {course.root / 'submitted'}/<student>/{assignment}/")
    if unknown := sorted(set(students or []) - set(present)):
        raise GradingError(f"{', '.join(unknown)} handed in nothing for {assignment!r}")
    sweep()
    batch = Batch(course, assignment, jobs, executor)
    rows = batch.run(present if students is None else students, step)
    everyone = rows if students is None else course.rows(assignment)
    course.write_csv(assignment, everyone)
    write_report(course, assignment, everyone)
    write_lms(course, assignment, everyone)
    return rows
