"""Temporary folders that carry the grader's process id, so that those of a killed grader can be removed."""

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from dlcourse.grading.cgroup import hosts

OURS = re.compile(r"dlcourse-(\d+)-")


def prefix(what: str) -> str:
    """For ``tempfile``: what the folder is for, and whose it is."""
    return f"dlcourse-{os.getpid()}-{what}-"


def sweep() -> None:
    """Remove folders and control groups of graders that are gone."""
    for folder in Path(tempfile.gettempdir()).glob("dlcourse-*-*"):
        with contextlib.suppress(FileNotFoundError):  # another grader has just removed its own
            if os.getuid() in (0, folder.lstat().st_uid) and _orphaned(folder):
                remove(folder)
    for place in (hosts() or {}).values():
        for group in place.glob("dlcourse-*-*"):
            if _orphaned(group):
                with contextlib.suppress(OSError):
                    group.rmdir()


def remove(folder: Path) -> None:
    """The folder and all in it, also where a submission took the right to do so away."""
    if os.getuid() != 0:
        for parent, folders, _ in os.walk(folder):
            for path in (Path(parent, name) for name in folders):
                if not path.is_symlink():
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _orphaned(path: Path) -> bool:
    found = OURS.match(path.name)
    if not found or path.is_symlink():
        return False
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
