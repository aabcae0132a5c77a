"""The grader's end of the warm process: start it once, ask it for a student's process, end that again."""

import atexit
import contextlib
import itertools
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dlcourse.grading.cgroup import Group, hosts
from dlcourse.grading.limits import Limits
from dlcourse.grading.sandbox import (
    FIRST_UID,
    SYSTEM,
    SandboxMissing,
    environment,
    isolation,
    python_folders,
    start_arguments,
)
from dlcourse.grading.scratch import prefix, remove
from dlcourse.grading.seccomp import program

START = 120.0  # seconds that importing may take on a busy machine
UIDS = 50_000
_numbers = itertools.count()


class WorkerError(RuntimeError):
    """The student's process did not start: a fault of this machine, not of the submission."""


@dataclass
class Child:
    """A student's process; closing ends it with all that it started."""

    connection: socket.socket
    group: Group
    home: str | None = None
    reached: list[str] = field(default_factory=list)
    network: list[str] = field(default_factory=list)  # kinds of sockets that it tried to open

    def failure(self) -> str:
        """What the warm process said if it could not make the child, else ''."""
        self.connection.settimeout(1)
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads(self.connection.recv(1 << 16))["failed"])
        return ""

    def close(self) -> None:
        seen: dict = {}
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(20)
            while said := self.connection.recv(1 << 16):  # ends when every process has ended
                seen = json.loads(said)
        self.connection.close()
        self.reached = [*seen.get("reached", []), *self.group.reached()]
        self.network = seen.get("network", [])
        self.group.close()
        if self.home:
            remove(Path(self.home))


class ForkServer:
    """One warm process with ``preload`` imported. Processes forked from this one may use it too."""

    def __init__(self, preload: tuple[str, ...], unsafe: bool = False):
        self.level, problem = isolation()
        if self.level == "none" and not unsafe:
            raise SandboxMissing(problem)
        self.owner = os.getpid()
        # With landlock the folders keep their owners: another user may not be able to read Python at all.
        open_to_all = all(os.stat(p).st_mode & 1 for f in python_folders() for p in Path(f).parents)
        self.other_user = os.geteuid() == 0 and (
            self.level == "bubblewrap" or (self.level == "landlock" and open_to_all)
        )
        self.places = hosts()
        self.folder = tempfile.mkdtemp(prefix=prefix("warm"))
        self.address = str(Path(self.folder, "socket"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(self.address)
            listener.listen(64)
            self._start(listener, preload)

    def _start(self, listener: socket.socket, preload: tuple[str, ...]) -> None:
        filter_ = program(alone=self.level == "landlock") if self.level != "none" else None
        settings = {
            "level": self.level,
            "preload": list(preload),
            "folders": list(python_folders()),
            "system": list(SYSTEM),
            "seccomp": filter_.hex() if filter_ else "",
        }
        outside = self.level == "bubblewrap"
        arguments = [*start_arguments(self.level), "dlcourse.grading.zygote"]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self.process = subprocess.Popen(
            [*arguments, str(listener.fileno()), json.dumps(settings)],
            env={} if outside else environment(self.folder),
            cwd="/" if outside else self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        if self.process.stdout.readline().strip() != b"ready":
            self.process.wait(START)
            self._errors.seek(0)
            said = self._errors.read(4000).decode(errors="replace").strip().splitlines()
            self.close()
            raise WorkerError(f"the warm process did not start: {said[-1] if said else 'it said nothing'}")

    def most_processes(self, limits: Limits) -> int:
        """RLIMIT_NPROC for a student's process. It counts what a user runs, in one namespace of users since
        Linux 5.14; where that is the grader's own, what runs already is added."""
        release = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
        if self.other_user or (self.level == "bubblewrap" and release >= (5, 14)):
            return limits.processes
        return limits.processes + sum(
            int(re.search(r"^Threads:\s+(\d+)", status, re.MULTILINE)[1])
            for status in _statuses()
            if re.search(rf"^Uid:\s+{os.getuid()}\s", status, re.MULTILINE)
        )

    def fork(self, fds: list[int], limits: Limits, files: Path | None) -> Child:
        """A student's process with the connections ``fds`` and copies of ``files``."""
        group = Group.make(limits, self.places)
        isolated = self.level == "bubblewrap"
        number = os.getpid() * 97 + next(_numbers)
        uid = FIRST_UID + number % UIDS if self.other_user else 0
        home = None if isolated else tempfile.mkdtemp(prefix=prefix("student"))
        request = {
            "groups": len(group.fds),
            "files": files is not None,
            "scratch": limits.scratch,
            "uid": uid,
            "watch": None if group.fds or self.level == "none" else [limits.memory, limits.processes],
        }
        request["home"] = home
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folder = None if files is None else os.open(files, os.O_RDONLY | os.O_DIRECTORY)
        try:
            connection.connect(self.address)
            sent = [*group.fds, *([] if folder is None else [folder]), *fds]
            socket.send_fds(connection, [json.dumps(request).encode()], sent)
        except OSError as problem:
            Child(connection, group, home).close()
            raise WorkerError(f"the warm process is gone: {problem}") from problem
        finally:
            if folder is not None:
                os.close(folder)
        return Child(connection, group, home)

    def close(self) -> None:
        if self.owner != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self._errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _statuses() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            yield path.read_text(errors="replace")


_servers: dict[tuple, ForkServer] = {}


def server(preload: tuple[str, ...], unsafe: bool = False) -> ForkServer:
    """The warm process with these imports, started when it is first asked for."""
    key = (preload, unsafe)
    found = _servers.get(key)
    if found is None or (found.owner == os.getpid() and found.process.poll() is not None):
        if not _servers:
            atexit.register(close_servers)
        _servers[key] = found = ForkServer(preload, unsafe)
    return found


def close_servers() -> None:
    """End all warm processes of this grader."""
    while _servers:
        _servers.popitem()[1].close()
