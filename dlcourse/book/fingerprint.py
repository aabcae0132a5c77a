"""When must everything run again? When code, data or package versions changed that the cells use.

Jupyter's cache knows the cells only: it would show yesterday's output of today's ``dlcourse``. So the
build keeps two hashes: what the cells import (then the cells run again) and what the pages are made
with (then the pages are written again).
"""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from dlcourse.book.places import BUILD, CACHE, DOCTREES, ROOT

CELLS = "cells"
PAGES = "pages"
UNUSED_BY_CELLS = ("exercises", "grading")  # no page imports these; it may read what they measured
BEHIND_CELLS = ("budget", "execution", "notebook", "places")  # of the book's own files: they run the cells


def digest(files: Iterable[Path], root: Path) -> str:
    """SHA-256 over names and contents, independent of the order of ``files``."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def sources(root: Path = ROOT) -> dict[str, list[Path]]:
    """The files behind the cells and behind the pages."""
    package = root / "dlcourse"
    kinds = {CELLS: [root / "requirements.lock", root / "pyproject.toml"], PAGES: []}
    for path in package.rglob("*"):
        folder = path.relative_to(package).parts[0]
        if "__pycache__" in path.parts or (folder in UNUSED_BY_CELLS and path.suffix != ".json"):
            continue
        page_maker = folder == "book" and path.stem not in BEHIND_CELLS
        kinds[PAGES if page_maker else CELLS].append(path)
    return {kind: [path for path in files if path.is_file()] for kind, files in kinds.items()}


def forget_what_is_stale(root: Path = ROOT, build: Path = BUILD) -> list[str]:
    """Remove outputs that changed sources made stale; returns ``cells`` and/or ``pages``."""
    stale = [kind for kind, files in sources(root).items() if _stored(build, kind) != digest(files, root)]
    if CELLS in stale:
        shutil.rmtree(build / CACHE.name, ignore_errors=True)
    if stale:  # a page keeps the outputs it was read with, so pages go with the cells
        shutil.rmtree(build / DOCTREES.name, ignore_errors=True)
    _store(build, {kind: digest(files, root) for kind, files in sources(root).items()})
    return stale


def _stored(build: Path, kind: str) -> str:
    path = build / f"{kind}.sha256"
    return path.read_text() if path.exists() else ""


def _store(build: Path, digests: dict[str, str]) -> None:
    build.mkdir(parents=True, exist_ok=True)
    for kind, value in digests.items():
        temporary = build / f"{kind}.sha256.new"
        temporary.write_text(value)
        temporary.replace(build / f"{kind}.sha256")
