"""Did every cell of every chapter run? The notebooks that the build leaves behind tell."""

from pathlib import Path

import nbformat

from dlcourse.book.execution import read_notebook


def unfinished_cells(executed: Path, chapters: list[Path], root: Path) -> list[str]:
    """Chapters without an executed notebook, cells without an execution count, cells with an error."""
    faults = []
    for chapter in chapters:
        source = read_notebook(chapter)
        if source is None:
            continue
        name = chapter.relative_to(root)
        path = executed / name.with_suffix(".ipynb")
        if not path.exists():
            faults.append(f"{name}: the build left no executed notebook {path.name}")
            continue
        notebook = nbformat.read(path, nbformat.NO_CONVERT)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        expected = sum(cell.cell_type == "code" for cell in source.cells)
        if len(code) != expected:
            faults.append(f"{name}: {len(code)} cells were executed, the page has {expected}; build it again")
        faults += [
            f"{name}, code cell {n}: {fault}" for n, cell in enumerate(code, 1) if (fault := _fault(cell))
        ]
    return faults


def _fault(cell) -> str:
    if cell.execution_count is None:
        return "was not executed"
    for output in cell.outputs:
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}"
        if output.output_type == "stream" and output.name == "stderr":
            return "printed on stderr"
    return ""
