"""How a command ends when something is wrong: one sentence on stderr and an exit code, no traceback."""

import contextlib
from collections.abc import Iterator

import typer


def stop(sentence: str, code: int = 1) -> typer.Exit:
    """Print the sentence on stderr; ``raise`` what this returns."""
    typer.secho(sentence, fg=typer.colors.RED, err=True)
    return typer.Exit(code)


@contextlib.contextmanager
def errors_as_sentences() -> Iterator[None]:
    """The package's errors are sentences already: show them without the traceback."""
    try:
        yield
    except (ValueError, TypeError, FileNotFoundError, FloatingPointError, ModuleNotFoundError) as error:
        raise stop(f"dlcourse: {error}") from error


@contextlib.contextmanager
def needs(extra: str) -> Iterator[None]:
    """For imports: a package that is missing is named together with the extra that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "dlcourse").startswith("dlcourse"):
            raise
        raise stop(f"dlcourse: {error.name} is not installed: pip install 'dlcourse[{extra}]'") from error
