"""A learner's own folder: copies of exercises and chapters, kept up to date, never at the cost of work."""

import datetime
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

from dlcourse.exercises.source import cell_id, write_atomically

COPIED = ".copied"  # in the learner's folder: the files as they were handed out


@dataclass(frozen=True)
class Desk:
    """``root`` is the course with exercises/ and book/, ``folder`` the learner's copy."""

    root: Path
    folder: Path

    def sources(self) -> dict[str, bytes]:
        """path in the folder -> what the course has there: exercises, and chapters as notebooks."""
        found = {
            path.relative_to(self.root / "exercises").as_posix(): path.read_bytes()
            for path in sorted(self.root.glob("exercises/*/*.ipynb"))
        }
        return found | chapters(self.root)

    def update(self) -> list[str]:
        """Copy what is missing or new. Returns a sentence on each file in which there was work."""
        said = []
        for name, new in self.sources().items():
            target, copied = self.folder / name, self.folder / COPIED / name
            mine, old = read(target), read(copied)
            if mine is not None and old is not None and texts(old) == texts(new):
                continue  # nothing new: whatever the learner has made of it stays
            if mine is not None and texts(mine) not in (texts(new), old is not None and texts(old)):
                kept = free_name(target)
                write_atomically(kept, mine)
                release, count = with_work(new, mine, old)
                said.append(f"{name}: there is a new release. Your file is kept as it was: {kept.name}.")
                said[-1] += f" {count} cell(s) that you wrote are in the new one too." if count else ""
                write_atomically(target, release)
            else:
                write_atomically(target, new)
            write_atomically(copied, new)
        return said


def chapters(root: Path) -> dict[str, bytes]:
    """The chapters that are notebooks; numbers in their prose are there if the book has been built."""
    files = [path for path in sorted(root.glob("book/**/*.md")) if "\nkernelspec:" in path.read_text("utf8")]
    if not files:
        return {}
    from dlcourse.book.equations import chapter_labels
    from dlcourse.book.plain import Course, plain_chapter
    from dlcourse.book.statements import read_statements

    course = Course(read_statements(root / "book" / "claims.yml"), chapter_labels(files))
    found = {}
    for path in files:
        name = path.relative_to(root).with_suffix(".ipynb")
        notebook = plain_chapter(path, course, root / "_build" / "jupyter_execute" / name)
        for number, cell in enumerate(notebook.cells):
            cell.id = cell_id(str(name), cell.source, number)
        found[name.as_posix()] = (nbformat.writes(notebook) + "\n").encode()
    return found


def read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def parse(data: bytes):
    """The notebook in ``data``, or ``None`` if it is damaged."""
    try:
        return nbformat.reads(data.decode(), as_version=4)
    except Exception:  # nbformat passes on whatever its parsers raise
        return None


def texts(data: bytes) -> list[tuple]:
    """What a person writes in a notebook; opening and running it changes nothing in that."""
    notebook = parse(data)
    return [(data,)] if notebook is None else [(c.cell_type, c.source.rstrip()) for c in notebook.cells]


def with_work(new: bytes, mine: bytes, old: bytes | None) -> tuple[bytes, int]:
    """The notebook ``new`` with what differs in ``mine`` from ``old``: answers, and cells that were added."""
    release, written = parse(new), parse(mine)
    if written is None:
        return new, 0
    base = parse(old) if old else None
    handed_out = {_key(cell): cell.source.rstrip() for cell in base.cells} if base else {}
    place = {_key(cell): number for number, cell in enumerate(release.cells)}
    added: dict[int, list] = {}
    count, behind = 0, -1
    for cell in written.cells:
        number, text = place.get(_key(cell)), cell.source.rstrip()
        behind = behind if number is None else number
        twin = None if number is None else release.cells[number]
        about = cell.metadata.get("nbgrader", {})
        if not text or text == handed_out.get(_key(cell)) or (twin and text == twin.source.rstrip()):
            continue
        if twin and about.get("solution"):
            twin.source = cell.source
        elif not about or about.get("solution"):
            cell.metadata.pop("nbgrader", None)  # the release does not ask for it any more
            cell.id = cell_id("own", cell.source, count)
            added.setdefault(behind, []).append(cell)
        else:
            continue  # a locked cell: tests are those of the release
        count += 1
    cells = added.get(-1, [])
    for number, cell in enumerate(release.cells):
        cells += [cell, *added.get(number, [])]
    release.cells = cells
    return (nbformat.writes(release) + "\n").encode(), count


def _key(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")


def free_name(path: Path) -> Path:
    """``convolution-before-2026-11-24.ipynb``, or with a number behind it if that exists."""
    stem = f"{path.stem}-before-{datetime.date.today().isoformat()}"
    names = [path.with_name(f"{stem}{number}{path.suffix}") for number in ("", *range(-2, -1000, -1))]
    return next(name for name in names if not name.exists())


def open_lab(folder: Path, options: list[str]) -> None:
    """Become JupyterLab on ``folder`` with the course's settings: Ctrl-C reaches it directly."""
    paths = [str(Path(__file__).with_name("lab")), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    os.execve(
        sys.executable,
        [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder}", *options],
        os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(paths)},
    )
