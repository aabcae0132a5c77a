"""``dlcourse progress``: which exercises are solved."""

import typer

from dlcourse.cli.saying import errors_as_sentences


def progress() -> None:
    """Show the best share of the visible checks for each exercise, from your own small file."""
    with errors_as_sentences():
        from dlcourse.checks import titles
        from dlcourse.checks.progress import progress_file, shares

        best = shares()
        for name, label in titles().items():
            share = best.get(name)
            state = "-" if share is None else "solved" if share == 1 else f"{100 * share:.0f} %"
            typer.echo(f"{label:<4} {name:<24} {state}")
        solved = sum(best.get(name) == 1 for name in titles())
        typer.echo(f"{solved} of {len(titles())} solved. Kept in {progress_file()}; delete it to begin anew.")
