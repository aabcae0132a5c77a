"""What the keeper sees of a student's processes: attempts to reach a network, their memory, their number.

No submission can forge it: a call of ``socket`` waits in the kernel until the keeper, another process, has
refused it. Memory and number are watched only where no control group limits them.
"""

import contextlib
import os
import select
import signal
import socket
import time

from dlcourse.grading import kernel

PERIOD = 0.1  # seconds
FAMILIES = {2: "IPv4", 10: "IPv6", 16: "netlink", 17: "packets", 40: "vsock"}
MOST = 5000  # processes that are looked at


class Watch:
    """``proc`` is /proc as it was before the student's process got its own; ``limits`` are the bytes and the
    processes to be watched, or None."""

    def __init__(self, proc: int, limits: tuple[int, int] | None):
        self.proc, self.limits = proc, limits
        self.families: set[str] = set()
        self.reached: list[str] = []

    def until_closed(self, connection: socket.socket, listener: int | None, student: int) -> None:
        """Look on until the grader closes its end or is gone; ``student`` is the first of its processes."""
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        if listener is not None:
            poll.register(listener, select.POLLIN)
        look_at = time.monotonic()
        while True:
            watching = self.limits is not None and not self.reached
            for fd, event in poll.poll(1000 * PERIOD):
                if fd == connection.fileno():
                    return
                if not event & select.POLLIN:  # all processes under the filter have ended
                    poll.unregister(fd)
                elif (family := kernel.refuse_heard_call(fd)) is not None:
                    self.families.add(FAMILIES.get(family, "another kind"))
            if watching and time.monotonic() >= look_at:
                self._look()
                look_at = time.monotonic() + PERIOD
            _reap_all_but(student)

    def end_all(self) -> None:
        """Kill what the student's process has left, until nothing is there (orphans come to this process)."""
        while True:
            for pid in self._descendants():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return

    def _look(self) -> None:
        memory, processes = self.limits
        found = self._descendants()
        # What processes have in common counts once in the second sum, which takes the kernel longer to find.
        if all(
            sum(self._bytes(f"{pid}/{file}", keys) for pid in found) > memory
            for file, keys in (
                ("status", ("RssAnon", "RssShmem")),
                ("smaps_rollup", ("Pss_Anon", "Pss_Shmem")),
            )
        ):
            self.reached.append("memory")
        if len(found) > processes:
            self.reached.append("processes")
        if self.reached:
            self.end_all()

    def _descendants(self) -> list[str]:
        found, waiting = [], ["self"]
        while waiting and len(found) < MOST:
            pid = waiting.pop()
            with contextlib.suppress(OSError):
                for task in self._list(f"{pid}/task"):
                    children = self._read(f"{pid}/task/{task}/children").split()
                    found += children
                    waiting += children
        return found

    def _bytes(self, name: str, keys: tuple[str, ...]) -> int:
        """The sum of some lines, in kB, of a file that describes a process."""
        with contextlib.suppress(OSError):
            lines = dict(line.split(":", 1) for line in self._read(name).splitlines() if ":" in line)
            return sum(int(lines.get(key, "0").split()[0]) << 10 for key in keys)
        return 0

    def _list(self, name: str) -> list[str]:
        fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc)
        try:
            return os.listdir(fd)
        finally:
            os.close(fd)

    def _read(self, name: str) -> str:
        with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=self.proc), errors="replace") as file:
            return file.read()


def _reap_all_but(student: int) -> None:
    """Orphans that have ended still count as processes of their user until somebody asks for them."""
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == student:
                return
            os.waitpid(ended.si_pid, 0)
