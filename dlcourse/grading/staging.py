"""A clean copy of what a student handed in: regular files only. What is handed in is never changed."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.utils import parse_utc

from dlcourse.grading.intake import Refused, read_regular_file
from dlcourse.grading.limits import Limits

MOST_FILES = 500  # and folders
DEEPEST = 10
LONGEST = 1000  # bytes of a path
NOTHING = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@dataclass
class Staged:
    """What was noticed while copying, and whether a person should look at it."""

    remarks: list[str] = field(default_factory=list)
    review: bool = False


def stage(handed_in: Path, target: Path, notebooks: list[str], limits: Limits) -> Staged:
    """Copy ``handed_in`` to ``target`` so that it holds each of ``notebooks``.

    A notebook that is missing or no regular file is replaced by one without cells; a missing one by the only
    other notebook, if there is exactly one.
    """
    target.mkdir(parents=True)
    staged = Staged()
    remarks = staged.remarks
    if handed_in.is_symlink() or not handed_in.is_dir():
        remarks.append("The folder of the submission is no folder of its own; nothing in it was used.")
        staged.review = True
        files = []
    else:
        files = list(_files(handed_in, remarks))
    wanted = {f"{name}.ipynb" for name in notebooks}
    pages = {f"{name}.html" for name in notebooks}
    others = [f for f in files if f.suffix == ".ipynb" and str(f) not in wanted]
    room = limits.files
    for name in sorted({f.parts[0] for f in files if len(f.parts) > 1} & wanted):
        remarks.append(f"{name} is a folder; it was left out.")
        staged.review = True
    for relative in files:
        if relative.parts[0] in wanted and len(relative.parts) > 1:
            continue
        if relative.suffix == ".ipynb" and str(relative) not in wanted:
            continue
        if str(relative) in pages:
            remarks.append(f"{relative} has the name of the feedback page; it was left out.")
            continue
        limit = limits.notebook if str(relative) in wanted else room
        try:
            data = _read(handed_in, relative, limit)
        except Refused as problem:
            remarks.append(f"{_shown(relative)} {problem}; it was left out.")
            staged.review |= str(relative) in wanted
            continue
        if str(relative) == "timestamp.txt" and not _is_time(data):
            remarks.append("timestamp.txt holds no time; it was left out.")
            continue
        room -= 0 if str(relative) in wanted else len(data)
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        (target / relative).write_bytes(data)
    missing = sorted(name for name in wanted if not (target / name).exists())
    for name in missing:
        refused = (handed_in / name).is_symlink() or (handed_in / name).exists()
        if len(missing) == len(others) == 1 and not refused:
            remarks.append(f"{name} was missing; {_shown(others[0])} was graded in its place.")
            try:
                (target / name).write_bytes(_read(handed_in, others[0], limits.notebook))
                continue
            except Refused as problem:
                remarks.append(f"{_shown(others[0])} {problem}; it was left out.")
        elif not refused:
            remarks.append(f"{name} was not handed in.")
        (target / name).write_bytes(NOTHING)
    return staged


def _read(folder: Path, relative: Path, limit: int) -> bytes:
    """A file below ``folder``. No folder on the way may be a link: it could be one since it was listed."""
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for part in relative.parts[:-1]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        return read_regular_file(Path(relative.name), limit, at)
    except OSError as problem:
        raise Refused(f"cannot be opened ({problem.strerror})") from problem
    finally:
        os.close(at)


def _is_time(data: bytes) -> bool:
    # nbgrader stops at a submission whose time it cannot read.
    try:
        parse_utc(data.decode().strip())
    except (ValueError, OverflowError):  # UnicodeDecodeError and dateutil's ParserError are ValueErrors
        return False
    return True


def _files(folder: Path, remarks: list[str]):
    """Relative paths of everything that is no folder, a bounded number of them; links are not followed."""
    count = 0
    for parent, folders, names in os.walk(folder, followlinks=False):
        for name in [n for n in folders if (Path(parent) / n).is_symlink()]:
            remarks.append(f"{_shown(Path(name))} is a symbolic link; it was left out.")
        folders[:] = sorted(f for f in folders if f not in (".ipynb_checkpoints", "__pycache__"))
        count += len(folders)
        if folders and len(Path(parent).relative_to(folder).parts) >= DEEPEST:
            remarks.append(f"Folders deeper than {DEEPEST} were left out.")
            folders.clear()
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                remarks.append(f"There are more than {MOST_FILES} files; the rest was left out.")
                return
            relative = (Path(parent) / name).relative_to(folder)
            if len(os.fsencode(relative)) > LONGEST:  # a copy elsewhere might not have room for it
                remarks.append(f"{_shown(Path(name))} has too long a path; it was left out.")
            else:
                yield relative


def _shown(path: Path) -> str:
    """A student's file name in a remark: printable and short."""
    return ascii("".join(c for c in str(path) if c.isprintable())[:60]).strip("'\"")
