"""``python -m dlcourse.grading run``: grade what was handed in; ``demo``: grade the demo class."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from dlcourse.exercises.source import SourceError
from dlcourse.grading.attacks import load_attacks, run_suite, summary
from dlcourse.grading.batch import run
from dlcourse.grading.course import Course, GradingError, Row
from dlcourse.grading.demo import CLASSES, differences, make_demo
from dlcourse.grading.kills import WARM, kill_test
from dlcourse.grading.limits import Limits
from dlcourse.grading.results import write_results
from dlcourse.grading.sandbox import SandboxMissing, sandbox_problem

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
Root = Annotated[Path, typer.Option(help="the course: solutions/, submitted/, gradebook.db")]
UNSAFE = (
    "--unsafe runs the submissions without a sandbox: their code can then read the solutions, change results "
    "and use the network with your rights. Do that only with submissions that you trust."
)


@app.callback()
def main() -> None:
    """Grade submissions with nbgrader, each in a sandbox of its own."""


def table(assignment: str, rows: list[Row]) -> None:
    view = Table(title=assignment, title_justify="left", show_lines=False)
    for name, justify in (("student", "left"), ("score", "right"), ("by hand", "left"), ("remarks", "left")):
        view.add_column(name, justify=justify)
    for row in rows:
        remarks = f"NOT GRADED: {row.failure}" if row.failure else " ".join(row.remarks)
        view.add_row(row.student, f"{row.score:g} / {row.max_score:g}", " ".join(row.needs_manual), remarks)
    Console(width=None if sys.stdout.isatty() else 140).print(view, markup=False)


def grade_all(course: Course, assignment: str, **how) -> list[Row]:
    """Grade with a progress bar; ``how`` goes to ``batch.run``."""
    total = len(how.get("students") or course.students(assignment))
    with tqdm(total=total, desc=assignment, unit="submission", smoothing=0.1) as bar:

        def step(row: Row) -> None:
            bar.set_postfix_str(row.student)
            bar.update()

        return run(course, assignment, step, **how)


@app.command("run")
def run_command(
    assignment: Annotated[
        str, typer.Argument(help="one assignment; without it all that were handed in")
    ] = "",
    root: Root = Path(),
    unsafe: Annotated[bool, typer.Option(help=UNSAFE)] = False,
    seed: Annotated[int, typer.Option(help="seed of the hidden inputs; 0: the secret one of the course")] = 0,
) -> None:
    """Grade submitted/<student>/<assignment>/ and write gradebook.db, feedback/, grades.csv, report-*.csv."""
    try:
        course = Course(root, unsafe=unsafe, seed=seed)
        names = [assignment] if assignment else course.assignments()
        if not names:
            raise GradingError(
                f"no submission lies in {course.root / 'submitted'}/<student>/<assignment>/. Your own, for "
                "example: mkdir -p submitted/me && cp -r work/convolution submitted/me/"
            )
        failed = 0
        for name in names:
            rows = grade_all(course, name)
            table(name, rows)
            failed += sum(bool(row.failure) for row in rows)
        print(
            "Marks: grades.csv, report-*.html and .csv, canvas-*.csv, moodle-*.csv. "
            "Feedback: feedback/<student>/. By hand: nbgrader's Formgrader."
        )
    except SandboxMissing as problem:
        sys.exit(f"Nothing was graded: {problem}.\n{UNSAFE}")
    except (GradingError, SourceError) as problem:
        sys.exit(str(problem))
    if failed:
        sys.exit(f"{failed} submission(s) could not be graded, see the table.")


@app.command()
def demo(
    root: Root = Path(),
    keep: Annotated[Path | None, typer.Option(help="a new folder in which everything stays")] = None,
) -> None:
    """Grade the bundled demo classes, each in a folder of its own; compare each mark with that in demo/."""
    problem = sandbox_problem()
    if problem:
        print(f"The demo classes run without a sandbox: {problem}.")
    wrong, count = [], 0
    for assignment, (_, expected) in CLASSES.items():
        with make_demo(root.resolve(), keep and keep / assignment, assignment) as folder:
            course = Course(folder, limits=Limits(cell=2, call=2), unsafe=problem is not None)
            rows = grade_all(course, assignment)
            table(f"demo class, {assignment}", rows)
            wrong += differences(root.resolve() / "demo" / expected, rows)
            count += len(rows)
    if wrong:
        sys.exit("\n".join(["Marks that differ from those in demo/:", *wrong]))
    print(f"All {count} marks are those that demo/ expects.")


@app.command()
def attacks(
    names: Annotated[list[str] | None, typer.Argument(help="some of them; without names all")] = None,
    root: Root = Path(),
    one_by_one: Annotated[bool, typer.Option(help="each attacker in a class of its own (slow)")] = False,
    write: Annotated[bool, typer.Option(help="write the results to the instructor's page")] = False,
) -> None:
    """Grade the hostile submissions of tests/grading/attacks and look at everything they could have done."""
    if problem := sandbox_problem():
        sys.exit(f"No attack is tried without a sandbox: {problem}.")
    folder = root.resolve() / "tests" / "grading" / "attacks"
    found = load_attacks(folder, names)
    if not found:
        sys.exit(f"{folder} holds no attack" + (f" named {' or '.join(names)}" if names else ""))
    groups = [[attack] for attack in found] if one_by_one else [found]
    suites = [run_suite(root.resolve(), group) for group in tqdm(groups, disable=not one_by_one)]
    result = summary(found, suites)
    if write:
        write_results(root.resolve(), "attacks", result)
    print(f"{result['attacks']} attacks, {result['honest']} honest students, {result['failed']} failures.")
    print(f"Peak memory of the grader: {result['peak_mib']} MiB.")
    if faults := [fault for suite in suites for fault in suite.failed]:
        sys.exit("\n".join(faults))


@app.command()
def kills(
    root: Root = Path(),
    times: Annotated[int, typer.Option(min=1, help="graders that are killed")] = 10,
    seed: Annotated[int, typer.Option(help="seed of the moments")] = 0,
    submissions: Annotated[int, typer.Option(min=0, help="with copies of the demo class: so many")] = 0,
    write: Annotated[bool, typer.Option("--write", help="write the result to the instructor's page")] = False,
) -> None:
    """Kill the grader of the demo class at random moments (SIGKILL), go on each time, compare the marks."""
    if problem := sandbox_problem():
        sys.exit(f"The kill test needs the sandbox: {problem}.")
    found, wrong = kill_test(root.resolve(), times, seed, submissions)
    if wrong:
        sys.exit("\n".join(wrong))
    if write:
        write_results(root.resolve(), "kills", found)
    print(f"Killed {found['kills']} times; all {found['submissions']} marks are those of demo/expected.csv.")
    print(f"Its memory: {found['mib_begun']} MiB after {WARM} results, at most {found['mib_peak']}.")


if __name__ == "__main__":
    app()
