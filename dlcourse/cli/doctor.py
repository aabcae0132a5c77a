"""``dlcourse doctor``: is this machine ready for the course?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

COLOURS = {"ok": typer.colors.GREEN, "note": typer.colors.YELLOW, "mend": typer.colors.RED}


def doctor(
    lock: Annotated[Path, typer.Option(help="Lock file to compare with, if it exists.")] = Path(
        "requirements.lock"
    ),
    strict: Annotated[
        bool, typer.Option("--strict", help="A difference from the lock must be mended (graders, CI).")
    ] = False,
) -> None:
    """Look for what is broken: versions, PyTorch, JupyterLab, kernel, notebooks, sandbox, disk. Below each
    finding stands the command that mends it. Exit code 1 if something must be mended."""
    states = []
    for check in all_checks(lock, strict):
        typer.echo(typer.style(f"{check.state:<5}", fg=COLOURS[check.state]) + " " + check.text)
        if check.fix:
            typer.echo(f"{'':6}    {check.fix}")
        states.append(check.state)
    to_mend = states.count("mend")
    typer.echo("Everything is ready." if not to_mend else f"To mend: {to_mend}.")
    raise typer.Exit(1 if to_mend else 0)


def all_checks(lock: Path, strict: bool) -> Iterator:
    """All checks of this machine and of the folder in which we are, as they are made."""
    from importlib import metadata

    from dlcourse.cli.checks import Check, course, lab, machine, packages, pip_install, pytorch

    yield from packages.check_python()
    try:
        about = metadata.metadata("dlcourse")
    except metadata.PackageNotFoundError:
        fix = pip_install("-e", ".[lab,torch]")
        yield Check("mend", "dlcourse is not installed. In the course's folder:", fix)
    else:
        extras = [extra for extra in about.get_all("Provides-Extra", []) if extra != "all"]
        yield from packages.check_packages(about.get_all("Requires-Dist", []), extras)
    if lock.is_file():
        yield from packages.check_lock(lock.read_text(encoding="utf-8"), str(lock), strict)
    elif strict:
        yield Check("mend", f"lock: {lock} does not exist, name it with --lock")
    yield from pytorch.check_torch()
    yield from lab.check_lab()
    yield from course.check_source(Path.cwd())
    yield from course.check_notebooks(Path.cwd())
    yield from course.check_grading(Path.cwd())
    yield from machine.check_memory()
    yield from machine.check_disk(Path.cwd())
    yield from machine.check_folders()
