"""Read a text notebook and make of it, always, the same .ipynb: no random cell ids, no traces of the tool."""

import hashlib
import os
from pathlib import Path

import jupytext
import nbformat

KEPT_METADATA = ("nbgrader", "tags")


class SourceError(ValueError):
    """A text notebook that cannot be used, and why."""


def assignments(solutions: Path) -> list[str]:
    """Names of the folders of ``solutions`` that hold text notebooks."""
    return sorted({path.parent.name for path in solutions.glob("*/*.md")})


def cell_id(name: str, key: str, count: int = 1) -> str:
    """The id of the ``count``-th cell with ``key`` (grade id, or text) in the notebook ``name``."""
    return hashlib.sha256(f"{name}\0{key}\0{count}".encode()).hexdigest()[:12]


def read_source(path: Path) -> nbformat.NotebookNode:
    """The notebook of one MyST file. Cell ids are hashed from the file's name and the cell's grade id."""
    try:
        notebook = jupytext.read(path, fmt="md:myst")
    except Exception as problem:  # jupytext passes on whatever its parsers raise
        raise SourceError(f"{path}: this is no MyST notebook ({problem})") from problem
    name = f"{path.parent.name}/{path.stem}"
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        key = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.source
        seen[key] = seen.get(key, 0) + 1
        cell.id = cell_id(name, key, seen[key])
        cell.metadata = nbformat.NotebookNode(
            {k: cell.metadata[k] for k in KEPT_METADATA if k in cell.metadata}
        )
    repeated = [key for key, n in seen.items() if n > 1 and key in _grade_ids(notebook)]
    if repeated:
        raise SourceError(f"{path}: grade_id used more than once: {', '.join(repeated)}")
    notebook.metadata = nbformat.NotebookNode(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _grade_ids(notebook) -> set[str]:
    return {cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata}


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside ``path`` and rename: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def derive(solutions: Path, assignment: str, target: Path) -> list[Path]:
    """Write ``target/<assignment>/*.ipynb`` from the text notebooks; return the written files."""
    sources = sorted((solutions / assignment).glob("*.md"))
    if not sources:
        known = ", ".join(assignments(solutions)) or "none"
        raise SourceError(f"no assignment {assignment!r} in {solutions}; there are: {known}")
    written = []
    for path in sources:
        out = target / assignment / f"{path.stem}.ipynb"
        data = (nbformat.writes(read_source(path)) + "\n").encode()
        if not out.exists() or out.read_bytes() != data:
            write_atomically(out, data)
        written.append(out)
    return written
