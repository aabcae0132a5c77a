"""Memory, disk, and the folders in which the course keeps data sets and progress."""

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dlcourse.cli.checks import Check

ENOUGH_MEMORY = 1.0  # GiB; the whole test suite stays below it
ENOUGH_DISK = 0.5  # GiB; the book with its cache takes 0.2


def check_memory(available: float | None = None) -> Iterator[Check]:
    """``available``: free bytes, read from the system unless given."""
    if available is None:
        import psutil

        available = psutil.virtual_memory().available
    free = available / 2**30
    if free < ENOUGH_MEMORY:
        yield Check(
            "mend", f"memory: {free:.1f} GiB free, expected {ENOUGH_MEMORY} GiB; close other programs"
        )
    else:
        yield Check("ok", f"memory: {free:.1f} GiB free")


def check_disk(folder: Path, free: int | None = None) -> Iterator[Check]:
    """``free``: bytes on the disk of ``folder``, read from the system unless given."""
    gib = (shutil.disk_usage(folder).free if free is None else free) / 2**30
    if gib >= ENOUGH_DISK:
        yield Check("ok", f"disk: {gib:.1f} GiB free")
        return
    fix = "make clean" if (folder / "Makefile").is_file() else ""
    yield Check("mend", f"disk: {gib:.1f} GiB free in {folder}, expected {ENOUGH_DISK} GiB", fix)


def check_folders() -> Iterator[Check]:
    """Can the course write its data sets (a cache) and what you have solved?"""
    from dlcourse.checks.progress import progress_file
    from dlcourse.data.cache import cache_dir

    folders = (
        ("data folder", cache_dir(), "DLCOURSE_CACHE", "every data set is made again each time"),
        ("progress folder", progress_file().parent, "DLCOURSE_DATA", "what you solve is not kept"),
    )
    for name, folder, variable, loss in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            fix = f"export {variable}={shlex.quote(str(Path(tempfile.gettempdir(), 'dlcourse')))}"
            yield Check(
                "mend",
                f"{name}: {folder} cannot be written ({error.strerror}): {loss}. Another place, for this "
                "terminal (choose one that stays):",
                fix,
            )
        else:
            yield Check("ok", f"{name}: {folder}")
