"""Run the notebooks that are not in Jupyter's cache, several at a time, and say which cell failed.

Jupyter Book executes one notebook after the other. Filled beforehand, its cache makes the build itself
execute nothing.
"""

import logging
import re
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from dlcourse.book.places import BookError

QUIET = ["--IPKernelApp.log_level=ERROR"]  # else each kernel warns that its sockets are not encrypted
MYST = {"name": "myst_nb_md", "type": "plugin"}


@dataclass(frozen=True)
class Failure:
    """A cell that failed: where it stands in the chapter and what it said."""

    page: Path
    cell: int
    line: int
    error: str
    code: str

    def __str__(self) -> str:
        where = f"{self.page}, cell {self.cell}" + (f" (line {self.line})" if self.line else "")
        return f"{where}: {self.error}\n    > {self.code}"


def has_cells(path: Path) -> bool:
    """Is the page at ``path`` a notebook?"""
    from myst_nb.core.read import is_myst_markdown_notebook

    return is_myst_markdown_notebook(path.read_text("utf8"))


def read_notebook(path: Path):
    """The MyST notebook at ``path``, or ``None`` if the page has no cells to run."""
    from myst_nb.core.read import read_myst_markdown_notebook

    if not has_cells(path):
        return None
    return read_myst_markdown_notebook(path.read_text("utf8"), add_source_map=True, path=path)


def fill_cache(
    pages: Iterable[Path],
    cache_path: Path,
    workers: int = 2,
    timeout: int = 600,
    told: Callable[[Path, float | None], None] = lambda page, seconds: None,
) -> list[Failure]:
    """Execute every notebook of ``pages`` that the cache lacks; the failures are returned, not cached.

    ``told(page, seconds)`` is called when a page is done; seconds is ``None`` for one found in the cache.
    """
    from jupyter_cache import get_cache

    cache = get_cache(str(cache_path))
    waiting, failures = [], []
    for page in pages:
        notebook = read_notebook(page)
        if notebook is None:
            continue
        try:
            cache.match_cache_notebook(notebook)
            told(page, None)
        except KeyError:
            waiting.append((page, notebook))

    logging.getLogger("traitlets").setLevel(logging.ERROR)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        runs = {pool.submit(_execute, notebook, timeout): page for page, notebook in waiting}
        try:
            for run in as_completed(runs):
                page = runs[run]
                try:
                    notebook, seconds, error, cost = run.result()
                except RuntimeError as died:  # the kernel did not start, or it died
                    raise BookError(f"{page}: {died}") from None
                told(page, seconds)
                failure = find_failure(page, notebook, error)
                if failure:
                    failures.append(failure)
                else:
                    _keep(cache, page, notebook, seconds, cost)
        except BaseException:  # Ctrl-C too: the pages that have not begun are not waited for
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sorted(failures, key=lambda failure: failure.page)


def _execute(notebook, timeout: int):
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    from dlcourse.book.budget import measuring_client

    begin, error = time.perf_counter(), None
    with tempfile.TemporaryDirectory() as folder:  # a chapter that reads files beside it fails here
        client = measuring_client(
            notebook,
            timeout=timeout,
            record_timing=False,  # it would change what the cache is searched by
            extra_arguments=QUIET,
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError) as problem:
            error = problem
    return notebook, time.perf_counter() - begin, error, client.cost


def _keep(cache, page: Path, notebook, seconds: float, cost) -> None:
    from jupyter_cache.base import CacheBundleIn

    record = cache.add_nb_to_project(str(page), read_data=MYST)
    data = {"execution_seconds": seconds, "cost": asdict(cost)}
    bundle = CacheBundleIn(notebook, record.uri, data=data)
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def write_executed(page: Path, cache_path: Path, target: Path) -> bool:
    """The chapter ``page`` with its outputs from the cache, as a notebook; ``False`` if it is not there."""
    import nbformat
    from jupyter_cache import get_cache

    try:
        _, notebook = get_cache(str(cache_path)).merge_match_into_notebook(read_notebook(page))
    except KeyError:
        return False
    temporary = target.with_suffix(".new")
    nbformat.write(notebook, temporary)
    temporary.replace(target)
    return True


def find_failure(page: Path, notebook, error: Exception | None = None) -> Failure | None:
    """The first cell with an error or with anything on stderr, else ``None``."""
    from nbclient.exceptions import CellTimeoutError

    lines = notebook.metadata.get("source_map", [])
    for index, cell in enumerate(notebook.cells):
        said, code = _fault(cell, isinstance(error, CellTimeoutError))
        if said:
            return Failure(page, index + 1, lines[index] if index < len(lines) else 0, said, code)
    return None


def _fault(cell, timed_out: bool) -> tuple[str, str]:
    """What is wrong with a cell and its line that shows it; empty where nothing is."""
    if cell.cell_type != "code":
        return "", ""
    first = cell.source.split("\n")[0]
    for output in cell.outputs:
        if output.output_type == "error" and not timed_out:
            return f"{output.ename}: {output.evalue}", _failing_line(cell.source, output.traceback)
        if output.output_type == "stream" and output.name == "stderr":
            return f"printed on stderr, which no page shows: {output.text.strip().splitlines()[-1]}", first
    if timed_out and (
        cell.execution_count is None or (cell.outputs and cell.outputs[-1].output_type == "error")
    ):
        return "ran longer than the time limit for a cell", first
    return "", ""


def _failing_line(source: str, traceback: list[str]) -> str:
    """The line of the cell at which IPython's traceback points ("----> 3 y = f(x)")."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))
    match = re.search(r"Cell In\[\d+\].*?\n-+> +(\d+) (.*)", plain, re.S)
    lines = source.splitlines()
    number = int(match[1]) if match else 1
    return lines[number - 1].strip() if number <= len(lines) else lines[0]
