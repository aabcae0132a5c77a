"""A learner's own folder: copies of exercises and chapters, kept up to date, never at the cost of work."""

import datetime
import os
import re
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

    def sources(self) -> dict[str, Path]:
        """path in the folder -> file of the course."""
        notebooks = sorted(self.root.glob("exercises/*/*.ipynb"))
        chapters = sorted(self.root.glob("book/**/*.md"))
        return {p.relative_to(self.root / "exercises").as_posix(): p for p in notebooks} | {
            p.relative_to(self.root).as_posix(): p for p in chapters
        }

    def update(self) -> list[str]:
        """Copy what is missing or new. Returns a sentence on each file in which there was work."""
        said = []
        for name, source in self.sources().items():
            target, copied = self.folder / name, self.folder / COPIED / name
            if target.exists() and copied.exists() and texts(copied) == texts(source):
                continue  # nothing new: whatever the learner has made of it stays
            if target.exists() and texts(target) not in (texts(source), copied.exists() and texts(copied)):
                said.append(f"{name}: there is a new release. {renew(source, target, copied)}")
            else:
                write_atomically(target, source.read_bytes())
            write_atomically(copied, source.read_bytes())
        return said


def texts(path: Path) -> list[tuple]:
    """What a person writes in the file; opening and running a notebook changes nothing in it."""
    if path.suffix != ".ipynb":
        return [(re.sub(r"\A---\n.*?\n---\n", "", path.read_text("utf8"), flags=re.DOTALL).strip(),)]
    try:
        return [(cell.cell_type, cell.source.rstrip()) for cell in nbformat.read(path, as_version=4).cells]
    except Exception:  # a damaged notebook: nbformat passes on whatever its parsers raise
        return [(path.read_bytes(),)]


def renew(source: Path, target: Path, copied: Path) -> str:
    """Keep ``target`` under another name, put the release in its place with the work in it; say so."""
    kept = free_name(target)
    write_atomically(kept, target.read_bytes())
    said = f"Your file is kept as it was: {kept.name}."
    try:
        notebook, count = with_work(source, kept, copied) if target.suffix == ".ipynb" else (None, 0)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError):
        notebook, count = None, 0
    write_atomically(target, notebook or source.read_bytes())
    return f"{said} {count} cell(s) that you wrote are in the new one too." if count else said


def with_work(source: Path, mine: Path, copied: Path) -> tuple[bytes, int]:
    """The notebook ``source`` with what differs in ``mine`` from ``copied``: answers, and cells added."""
    release, old = nbformat.read(source, as_version=4), nbformat.read(mine, as_version=4)
    base = nbformat.read(copied, as_version=4).cells if copied.exists() else []
    handed_out = {_key(cell): cell.source.rstrip() for cell in base}
    place = {_key(cell): number for number, cell in enumerate(release.cells)}
    added: dict[int, list] = {}
    count, behind = 0, -1
    for cell in old.cells:
        number, text = place.get(_key(cell)), cell.source.rstrip()
        behind = behind if number is None else number
        new = None if number is None else release.cells[number]
        about = cell.metadata.get("nbgrader", {})
        if not text or text == handed_out.get(_key(cell)) or (new and text == new.source.rstrip()):
            continue
        if new and about.get("solution"):
            new.source = cell.source
        elif not about or about.get("solution"):
            cell.metadata.pop("nbgrader", None)  # the release does not ask for it any more
            cell.id = cell_id(f"{source.stem} own", cell.source, count)
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
