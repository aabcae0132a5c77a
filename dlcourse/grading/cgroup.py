"""Memory and processes of a whole submission, where the grader may make control groups (version 1 or 2)."""

import contextlib
import functools
import itertools
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from dlcourse.grading.limits import Limits

_numbers = itertools.count()


def own_groups(mounts: str, membership: str) -> dict[str, Path]:
    """controller -> this process' folder, from the texts of /proc/self/mountinfo and /proc/self/cgroup.

    Version 2 has one folder for all; it is found under the name "unified".
    """
    places: dict[str, tuple[str, str]] = {}
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        root, point = left.split()[3:5]
        kind, _, options = right.split(maxsplit=2)
        if kind == "cgroup2":
            places["unified"] = (root, point)
        elif kind == "cgroup":
            places |= dict.fromkeys(options.split(","), (root, point))
    found = {}
    for line in membership.splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(",") if names else ["unified"]:
            if name in places:
                root, point = places[name]
                inside = path[len(root) :] if root != "/" and path.startswith(root) else path
                found[name] = Path(point + inside)
    return found


@functools.cache
def hosts() -> dict[str, Path] | None:
    """controller -> the folder below which groups can be made; None where they cannot.

    Call it before job processes are started: with version 2 this process moves into a group of its own.
    """
    try:
        found = own_groups(Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text())
        if "memory" in found and "pids" in found:
            return _usable({name: found[name] for name in ("memory", "pids")})
        return _usable({"unified": _unified(found["unified"])}) if "unified" in found else None
    except OSError:
        return None


def _unified(own: Path) -> Path:
    """The group below which groups with limits can be made; ``OSError`` where nothing is delegated.

    Beside our own group if its parent hands memory and pids down and is ours, as in a systemd user session:
    nothing has to be moved. Else below our own group, which may then hold no process itself.
    """
    beside = own.parent
    with contextlib.suppress(FileNotFoundError):
        handed_down = set((beside / "cgroup.subtree_control").read_text().split())
        if {"memory", "pids"} <= handed_down and os.access(beside / "cgroup.procs", os.W_OK):
            return beside
    grader = own / "dlcourse-grader"
    grader.mkdir(exist_ok=True)
    (grader / "cgroup.procs").write_text(str(os.getpid()))
    (own / "cgroup.subtree_control").write_text("+memory +pids")
    return own


def _usable(folders: dict[str, Path]) -> dict[str, Path]:
    for folder in folders.values():
        trial = folder / f"dlcourse-{os.getpid()}-trial"
        trial.mkdir()
        trial.rmdir()
    return folders


@dataclass
class Group:
    """One submission's group. ``fds`` are its cgroup.procs, opened: a process joins by writing 0 to each."""

    folders: dict[str, Path] = field(default_factory=dict)
    fds: list[int] = field(default_factory=list)

    @classmethod
    def make(cls, limits: Limits, places: dict[str, Path] | None) -> "Group":
        group = cls()
        name = f"dlcourse-{os.getpid()}-{next(_numbers)}"
        for controller, place in (places or {}).items():
            folder = place / name
            folder.mkdir()
            group.folders[controller] = folder
            if controller in ("memory", "unified"):
                v2 = controller == "unified"
                (folder / ("memory.max" if v2 else "memory.limit_in_bytes")).write_text(str(limits.memory))
                swap = folder / ("memory.swap.max" if v2 else "memory.memsw.limit_in_bytes")
                if swap.exists():
                    swap.write_text("0" if v2 else str(limits.memory))
            if controller in ("pids", "unified"):
                (folder / "pids.max").write_text(str(limits.processes + 2))
            group.fds.append(os.open(folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC))
        return group

    def reached(self) -> list[str]:
        """Which limits were hit: "memory", "processes"."""
        hits = []
        for names, key, what in (
            (("memory.events", "memory.oom_control"), "oom_kill", "memory"),
            (("pids.events",), "max", "processes"),
        ):
            lines = [
                line.split()
                for folder in self.folders.values()
                for name in names
                if (folder / name).exists()
                for line in (folder / name).read_text().splitlines()
            ]
            if any(line[0] == key and int(line[1]) > 0 for line in lines):
                hits.append(what)
        return hits

    def close(self) -> None:
        """Remove the group; its processes have ended, or end in this moment."""
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        for folder in self.folders.values():
            for _ in range(50):
                with contextlib.suppress(OSError):
                    folder.rmdir()
                if not folder.exists():
                    break
                time.sleep(0.02)
        self.folders = {}
