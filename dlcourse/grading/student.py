"""The grader's end of a student's process: run the cells, then call functions as they were at a test cell."""

import contextlib
import re
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from dlcourse.checks.shortcuts import uses
from dlcourse.checks.subject import Call, Outcome, Raised
from dlcourse.grading.forkserver import Child, WorkerError, server
from dlcourse.grading.frames import Closed, FrameError, Late, receive, send
from dlcourse.grading.limits import MIB, Limits
from dlcourse.grading.values import decode_outcome, encode_call

ATTEMPTS = 3
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


class RemoteError(Exception):
    """A function of the student's process raised, or its process ended."""


@dataclass
class TestPoint:
    """The student's functions as they were in front of one test cell."""

    sock: socket.socket
    limits: Limits
    sources: list[str]
    end: Callable[[], None] = lambda: None  # kills the process that waits here
    callables: tuple[str, ...] = ()
    other: dict[str, str] = field(default_factory=dict)  # names that are bound to no function: their type
    known: tuple[str, ...] = ()
    dead: Raised | None = None

    def open(self) -> None:
        try:
            header, _ = receive(self.sock, self.limits.call + self.limits.grace)
        except FrameError:
            self.dead = Raised("Died", "before the test")
            return
        names = header.get("callables"), header.get("defined"), header.get("known")
        if not (isinstance(names[0], list) and isinstance(names[1], dict) and isinstance(names[2], list)):
            self.dead = Raised("Died", "before the test")
            return
        self.callables = tuple(n for n in names[0] if isinstance(n, str))
        self.other = {str(k): str(v)[:40] for k, v in names[1].items() if k not in self.callables}
        self.known = tuple(n for n in names[2] if isinstance(n, str) and n.isidentifier() and len(n) < 60)

    def call(self, name: str, given: Call, count_lines: bool = False) -> Outcome:
        if self.dead is None:
            arrays: dict = {}
            header = {"function": name, "count_lines": count_lines, **encode_call(given, arrays)}
            try:
                self.sock.settimeout(self.limits.call)
                send(self.sock, header, arrays)
                outcome = decode_outcome(*receive(self.sock, self.limits.call + self.limits.grace))
            except Late:
                self.dead = Raised("TimeLimit", f"{self.limits.call:g} s")
            except Closed:
                self.dead = Raised("Died", "os._exit, a crash, or too much memory")
            except FrameError:
                self.dead = Raised("Died", "it sent something that is no answer")
            else:
                if outcome.error is not None and outcome.error.kind == "TimeLimit":
                    self.dead = outcome.error  # one endless loop is enough
                    self.end()
                return self._without_foreign_line(outcome)
            self.end()
        return Outcome(error=self.dead)

    def _without_foreign_line(self, outcome: Outcome) -> Outcome:
        # A line that is not in the notebook was made up, perhaps to carry an input of a test out.
        error = outcome.error
        if error is None or any(error.line in source for source in self.sources):
            return outcome
        return replace(outcome, error=replace(error, line=""))


class RemoteFunction:
    """A student's function, for test cells: call it, or ask for the outcome as ``dlcourse.checks`` does."""

    def __init__(self, point: TestPoint, name: str):
        self._point, self.__name__ = point, name

    def outcome(self, given: Call, count_lines: bool = False) -> Outcome:
        return self._point.call(self.__name__, given, count_lines)

    def uses(self) -> set[str]:
        return uses(self._point.sources, self.__name__)

    def __call__(self, *args, **kwargs):
        outcome = self.outcome(Call(args, kwargs))
        if outcome.error is not None:
            raise RemoteError(f"{self.__name__} raised {outcome.error.kind}")
        return outcome.value


class Student:
    """One notebook in a process of its own. ``cells`` are sources in order; None is not run; at the
    positions ``tests`` the state is kept for calls of the functions ``names``."""

    def __init__(
        self,
        cells: list[str | None],
        tests: list[int],
        names: list[str],
        limits: Limits,
        files: Path | None = None,
        unsafe: bool = False,
        preload: tuple[str, ...] = (),
    ):
        self.preload = preload
        self.cells, self.tests, self.names = list(cells), tests, names
        self.limits, self.files, self.unsafe = limits, files, unsafe
        self.outputs: dict[int, list[dict]] = {}
        self.remarks: list[str] = []
        self.points: dict[int, TestPoint] = {}
        self._child: Child | None = None
        self._sockets: list[socket.socket] = []
        self._room = limits.outputs
        self._deadline = time.monotonic() + limits.total

    def __enter__(self) -> "Student":
        try:
            self._run()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _start(self) -> socket.socket:
        pairs = [socket.socketpair() for _ in range(1 + len(self.tests))]
        theirs = [b for _, b in pairs]
        self._sockets = [a for a, _ in pairs]
        try:
            warm = server(self.preload, self.unsafe)
            self._child = warm.fork([s.fileno() for s in theirs], self.limits, self.files)
        finally:
            for sock in theirs:
                sock.close()
        control, *tests = self._sockets
        self.points = {
            index: TestPoint(
                sock, self.limits, [c for c in self.cells[:index] if c], self._ender(control, index)
            )
            for index, sock in zip(self.tests, tests, strict=True)
        }
        limits = asdict(self.limits) | {
            "processes": warm.most_processes(self.limits),
            "alone": warm.level == "landlock",
        }
        job = {"cells": self.cells, "tests": self.tests, "names": self.names, "limits": limits}
        try:
            control.settimeout(self.limits.start)
            send(control, job)
            receive(control, self.limits.start)
        except FrameError as problem:
            said = self._child.failure()
            raise WorkerError(f"the student's process did not start: {said or problem}") from problem
        return control

    @staticmethod
    def _ender(control: socket.socket, index: int) -> Callable[[], None]:
        def end() -> None:
            with contextlib.suppress(FrameError, ValueError):
                control.settimeout(1)
                send(control, {"end": index})

        return end

    def _run(self) -> None:
        for _ in range(ATTEMPTS):
            problem = self._attempt(self._start())
            self.remarks = list(dict.fromkeys(self.remarks))  # the same cell may stop in every attempt
            if problem is None:
                for point in self.points.values():
                    point.open()
                return
            self.remarks.append(problem)
            self.close()
        self.remarks.append(f"The notebook was given up after {ATTEMPTS} attempts.")
        for point in self.points.values():
            point.dead = Raised("Died", "with the whole notebook")

    def _attempt(self, control: socket.socket) -> str | None:
        """Run all cells. A cell that kills or hangs the process is skipped next time; returns the remark."""
        current, begun = None, None
        while True:
            left = min(self.limits.cell + self.limits.grace, self._deadline - time.monotonic())
            try:
                message, _ = receive(control, left)
            except FrameError as problem:
                if time.monotonic() >= self._deadline:
                    self.cells = [None] * len(self.cells)
                    return f"The notebook ran longer than {self.limits.total:g} s; the rest was not run."
                if current is None:
                    current = begun if begun is not None else 0
                how = (
                    f"ran longer than {self.limits.cell:g} s"
                    if isinstance(problem, Late)
                    else "ended the process"
                )
                self.outputs[current] = [_stopped(how)]
                self.cells[current] = None
                return f"Cell {current + 1} {how} and was left out."
            if message.get("done"):
                return None
            if isinstance(message.get("begin"), int) and 0 <= message["begin"] < len(self.cells):
                current = begun = message["begin"]
            elif message.get("cell") == current and current is not None:
                self.outputs[current] = self._bounded(clean_outputs(message.get("outputs")))
                if message.get("late"):
                    self.remarks.append(
                        f"Cell {current + 1} ran longer than {self.limits.cell:g} s and was stopped."
                    )
                current = None

    def _bounded(self, outputs: list[dict]) -> list[dict]:
        """The outputs, while the notebook has not used up what all of its cells may show together."""
        self._room -= sum(len(str(output)) for output in outputs)
        return outputs if self._room >= 0 else []

    def close(self) -> None:
        """End the process and all that it started."""
        if self._child is not None:
            self._child.close()
            words = {
                "memory": f"It reached the limit of {self.limits.memory // MIB} MiB of memory.",
                "processes": f"It reached the limit of {self.limits.processes} processes.",
            }
            said = [words[what] for what in self._child.reached]
            if self._child.network:
                kinds = ", ".join(self._child.network)
                said.append(f"It tried to open a network socket ({kinds}); there is no network here.")
            self.remarks += [remark for remark in said if remark not in self.remarks]
            self._child = None
        for sock in self._sockets:
            sock.close()
        self._sockets = []


def _stopped(how: str) -> dict:
    return {"output_type": "error", "ename": "Stopped", "evalue": how, "traceback": [f"This cell {how}."]}


def clean_outputs(outputs) -> list[dict]:
    """Outputs that came from the student's process, with nothing in them but text and PNG pictures."""
    try:
        return _clean(outputs)
    except RecursionError:  # lists in lists, as deep as JSON allows, in place of a text
        return []


def _clean(outputs) -> list[dict]:
    clean = []
    for item in outputs if isinstance(outputs, list) else []:
        kind = item.get("output_type") if isinstance(item, dict) else None
        if kind == "stream" and item.get("name") in ("stdout", "stderr"):
            clean.append({"output_type": kind, "name": item["name"], "text": str(item.get("text", ""))})
        elif kind == "error":
            lines = item.get("traceback")
            lines = [str(line) for line in lines] if isinstance(lines, list) else []
            clean.append(
                {
                    "output_type": kind,
                    "ename": str(item.get("ename")),
                    "evalue": str(item.get("evalue")),
                    "traceback": lines,
                }
            )
        elif kind == "display_data" and isinstance(item.get("data"), dict):
            data = {k: str(item["data"][k]) for k in ("text/plain", "image/png") if k in item["data"]}
            if not BASE64.fullmatch(data.get("image/png", "")):
                del data["image/png"]  # it would be written into a page as it is
            clean.append({"output_type": kind, "data": data, "metadata": {}})
    return clean[:100]
