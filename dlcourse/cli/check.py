"""``dlcourse check``: the test of an exercise, for a function in a file."""

from pathlib import Path
from typing import Annotated

import typer

from dlcourse.cli.saying import errors_as_sentences, stop


def check(
    name: Annotated[str, typer.Argument(help="The function that the exercise asks for, conv2d for example.")],
    file: Annotated[Path, typer.Argument(help="Your notebook (.ipynb) or Python file (.py).")],
) -> None:
    """Run your file and check one function, as the test cell in the notebook does."""
    with errors_as_sentences():
        from dlcourse.checks import CheckFailed, check_in, exercise

        exercise(name)  # an unknown name before a long run
        namespace: dict = {"__name__": "__main__"}
        for number, source in enumerate(read_cells(file), 1):
            problem = run_cell(source, f"{file.name}, cell {number}", namespace)
            if problem:
                typer.echo(f"Note: cell {number} of {file.name} was left at {problem}", err=True)
        try:
            check_in(namespace, name)
        except CheckFailed as failed:
            raise stop(str(failed)) from None


def read_cells(file: Path) -> list[str]:
    """The code of a file: one piece of a ``.py``, the code cells of an ``.ipynb`` without its tests."""
    import json

    if not file.is_file():
        raise FileNotFoundError(f"{file} does not exist, expected your notebook or Python file")
    if file.suffix == ".py":
        return [file.read_text(encoding="utf-8")]
    if file.suffix != ".ipynb":
        raise ValueError(f"{file.name}: expected a notebook (.ipynb) or a Python file (.py)")
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        found = []
        for cell in (c for c in cells if c["cell_type"] == "code"):
            is_test = cell.get("metadata", {}).get("nbgrader", {}).get("grade")
            source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            found.append("" if is_test else source)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{file.name} is no notebook: save it again in JupyterLab") from problem
    return found


def run_cell(source: str, name: str, namespace: dict) -> str | None:
    """Run one cell; magics and shell lines are left out. Returns what it raised, in a few words."""
    import linecache

    lines = ["pass" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n")]
    linecache.cache[name] = (len(source), None, [line + "\n" for line in lines], name)
    try:
        exec(compile("\n".join(lines), name, "exec"), namespace)
    except (Exception, SystemExit) as problem:
        return f"{type(problem).__name__}: {problem}".rstrip(": ")
    return None
