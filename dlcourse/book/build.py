"""``python -m dlcourse.book build``: execute what is new, write the pages, say where they are."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dlcourse.book.execution import fill_cache, has_cells
from dlcourse.book.fingerprint import forget_what_is_stale
from dlcourse.book.places import CACHE, DOCTREES, HTML, ROOT, BookError, chapter_files, prepare_environment

# jsonschema would prepare 38 grammars for addresses, of which no notebook has one: a second of each build.
WITHOUT_GRAMMARS = "import sys; sys.modules['rfc3987_syntax'] = None; "
TIMEOUT = 600  # seconds for one cell, as in _config.yml: 30 s on a free core, more on a busy one


def build(workers: int, console: Console) -> Path:
    """Build the whole book strictly; returns the first page. ``BookError`` if a cell or a page fails."""
    sys.modules["rfc3987_syntax"] = None
    prepare_environment()
    pages = chapter_files()
    for kind in forget_what_is_stale():
        console.print(f"The sources of the {kind} changed: they are made again.", highlight=False)
    execute(pages, workers, console)
    write_pages(console)
    return HTML / "index.html"


def execute(pages: list[Path], workers: int, console: Console) -> None:
    """Fill the cache with progress; all failures are told together."""
    notebooks = [page for page in pages if has_cells(page)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("executing the notebooks", total=len(notebooks))

        def told(page: Path, seconds: float | None) -> None:
            if seconds is not None:
                console.print(f"  {page.relative_to(ROOT)}: executed in {seconds:.1f} s", highlight=False)
            progress.advance(task)

        failures = fill_cache(notebooks, CACHE, workers, TIMEOUT, told)
    if failures:
        told = "\n".join(str(failure).replace(f"{ROOT}/", "") for failure in failures)
        raise BookError(f"{len(failures)} notebook(s) failed\n{told}")


def write_pages(console: Console) -> None:
    """Jupyter Book with every warning an error. Its output is shown only if it fails."""
    command = [
        sys.executable,
        "-c",
        WITHOUT_GRAMMARS + "from jupyter_book.cli.main import main; main()",
        "build",
        ".",
        "-W",
        "-n",
        "--keep-going",
        "-q",
    ]
    with console.status("writing the pages"):
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if run.returncode == 0:
        return
    # A page that warned counts as up to date for Sphinx: without this the next build would say nothing.
    shutil.rmtree(DOCTREES, ignore_errors=True)
    raise BookError("the pages could not be written\n" + what_sphinx_said(run.stderr))


def what_sphinx_said(stderr: str, most: int = 20) -> str:
    """Its warnings and errors in few lines, or the end of the text if there is no such line."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", stderr).replace(f"{ROOT}/", "").splitlines()
    told = [line for line in lines if re.search(r"\b(WARNING|ERROR|CRITICAL|\w+Error)\b", line)]
    told = [line for line in told if "IPKernelApp" not in line] or lines[-most:]
    return "\n".join(told[:most] + ([f"... and {len(told) - most} more"] if len(told) > most else []))
