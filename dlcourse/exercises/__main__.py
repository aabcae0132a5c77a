"""``python -m dlcourse.exercises``: ``build`` makes exercises/ from solutions/, ``lab`` opens a copy."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from dlcourse.checks import names
from dlcourse.exercises.desk import Desk, open_lab
from dlcourse.exercises.leaks import leaks, secret_lines
from dlcourse.exercises.matrix import FILE, matrix
from dlcourse.exercises.mutants import known_survivors, mutated_exercises, survey
from dlcourse.exercises.release import release
from dlcourse.exercises.source import SourceError, assignments, derive, write_atomically

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Exercises: from solutions/ to the released notebooks in exercises/; are their tests just?"""


def differences(root: Path, assignment: str, files: dict[str, bytes]) -> list[str]:
    """How ``exercises/<assignment>/`` differs from ``files``."""
    folder = root / "exercises" / assignment
    present = {p.name for p in folder.iterdir() if p.is_file()} if folder.is_dir() else set()
    found = [f"{folder.name}/{name} is missing" for name in sorted(files.keys() - present)]
    found += [f"{folder.name}/{name} comes from no source" for name in sorted(present - files.keys())]
    found += [
        f"{folder.name}/{name} is not what solutions/{folder.name} gives"
        for name in sorted(files.keys() & present)
        if (folder / name).read_bytes() != files[name]
    ]
    return found


@app.command()
def build(
    assignment: Annotated[str, typer.Argument(help="one assignment; all without it")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="write nothing, fail if exercises/ is stale")
    ] = False,
    root: Annotated[Path, typer.Option(help="folder with solutions/ and exercises/")] = Path(),
) -> None:
    """Derive the notebooks nbgrader reads and release exercises/; nothing changes if nothing changed."""
    root = root.resolve()
    solutions = root / "solutions"
    problems = []
    try:
        names = [assignment] if assignment else assignments(solutions)
        if not names:
            raise SourceError(f"no text notebook lies in {solutions}/<assignment>/")
        for name in names:
            files = release(solutions, name)
            for file, data in files.items():
                source = (solutions / name / file).with_suffix(".md")
                problems += [f"{name}/{file} leaks: {leak}" for leak in leaks(secret_lines(source), data)]
            stale = differences(root, name, files)
            if check:
                problems += stale
                print(f"{name}: {len(files)} notebook(s), " + ("stale" if stale else "up to date"))
            elif not problems:
                derive(solutions, name, solutions)
                _write(root / "exercises" / name, files)
                print(f"{name}: {len(files)} notebook(s), " + ("written" if stale else "unchanged"))
    except SourceError as problem:
        problems.append(str(problem))
    if problems:
        if check:
            problems.append("run `make exercises` and commit what it writes")
        sys.exit("\n".join(problems))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    context: typer.Context,
    root: Annotated[Path, typer.Option(help="folder with exercises/ and book/")] = Path(),
    folder: Annotated[Path, typer.Option(help="your own copy")] = Path("work"),
) -> None:
    """Bring your copy of exercises and chapters up to date; open JupyterLab, which gets all other options."""
    desk = Desk(root.resolve(), folder.resolve())
    if not desk.sources():
        sys.exit(f"{desk.root} holds no exercises/ and no book/: run this in the course's folder")
    for sentence in desk.update():
        print(sentence)
    print(f"Your copy: {desk.folder}. What you write there stays, whatever the course releases.", flush=True)
    open_lab(desk.folder, context.args)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for old in folder.glob("*"):
        if old.is_file() and old.name not in files:
            old.unlink()
    for name, data in files.items():
        if not (folder / name).exists() or (folder / name).read_bytes() != data:
            write_atomically(folder / name, data)


@app.command("matrix")
def matrix_command(
    write: Annotated[bool, typer.Option("--write", help="write the table of the instructor's pages")] = False,
    root: Annotated[Path, typer.Option(help="folder with solutions/ and tests/")] = Path(),
) -> None:
    """Try every right and every wrong solution in tests/checks with several seeds."""
    root = root.resolve()
    try:
        with tqdm(total=len(names()), unit="exercise", disable=None) as bar:
            result, faults = matrix(root, lambda name: bar.update())
    except SourceError as problem:
        sys.exit(str(problem))
    if faults:
        sys.exit("\n".join(faults))
    if write:
        text = json.dumps(result, indent=1, ensure_ascii=False)
        write_atomically(root / FILE, f"{text}\n".encode())
    right, wrong = (sum(row[kind] for row in result.values()) for kind in ("correct", "wrong"))
    print(f"{len(result)} functions: {right} right solutions get all marks, {wrong} wrong ones hear why not.")


@app.command("mutants")
def mutants_command(
    exercises: Annotated[list[str] | None, typer.Argument(help="some of them; without names all")] = None,
    root: Annotated[Path, typer.Option(help="folder with solutions/ and tests/")] = Path(),
) -> None:
    """Change the published solutions in every small way: tests notice, or survivors.csv says why not."""
    root, unknown = root.resolve(), set(exercises or ()) - set(mutated_exercises())
    if unknown:
        sys.exit(f"no mutants of {', '.join(sorted(unknown))}; there are: {', '.join(mutated_exercises())}")
    known, total, news = known_survivors(root), Counter(), []
    for name in exercises or mutated_exercises():
        found = survey(root / "solutions", name)
        for mutant in found.survived:
            key = (name, mutant.line, mutant.became, mutant.count)
            total[known[key].kind if key in known else "new"] += 1
            news += [] if key in known else [f"{name}: {mutant.line}  ->  {mutant.became}  ({mutant.count})"]
        total["caught"] += found.caught
        print(f"{name}: {found.caught} caught, {len(found.survived)} survived")
    changing = total.total() - total["same"]
    print(f"{total['caught']} of {changing} mutants that compute something wrong are caught.")
    print(f"{total['same']} others compute the same.")
    if news:
        sys.exit("\n".join(["Not in tests/checks/survivors.csv:", *news]))


if __name__ == "__main__":
    app()
