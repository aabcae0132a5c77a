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
        bool, typer.Option(help="A difference from the lock must be mended (graders, CI).")
    ] = False,
) -> None:
    """Check versions, torch device, JupyterLab and memory. Exit code 1 if something must be mended."""
    states = []
    for check in all_checks(lock, strict):
        typer.echo(typer.style(f"{check.state:<5}", fg=COLOURS[check.state]) + " " + check.text)
        states.append(check.state)
    to_mend = states.count("mend")
    typer.echo("Everything is ready." if not to_mend else f"To mend: {to_mend}.")
    raise typer.Exit(1 if to_mend else 0)


def all_checks(lock: Path, strict: bool) -> Iterator:
    """All checks of this machine, as they are made."""
    from importlib import metadata

    from dlcourse.cli import checks

    yield from checks.check_python()
    try:
        about = metadata.metadata("dlcourse")
    except metadata.PackageNotFoundError:
        yield checks.Check(
            "mend", "dlcourse is not installed. In the course's folder: pip install -e '.[lab,torch]'"
        )
    else:
        extras = [extra for extra in about.get_all("Provides-Extra", []) if extra != "all"]
        yield from checks.check_packages(about.get_all("Requires-Dist", []), extras)
    if lock.is_file():
        yield from checks.check_lock(lock.read_text(encoding="utf-8"), str(lock), strict)
    elif strict:
        yield checks.Check("mend", f"lock: {lock} does not exist, name it with --lock")
    yield from checks.check_torch()
    yield from checks.check_lab()
    yield from checks.check_memory()
