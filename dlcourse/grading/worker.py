"""The student's process: runs the cells of one notebook, then answers calls of its functions.

It reads one message (cells, limits, names of the functions under test), runs the cells in order and, in
front of every test cell, forks: the child keeps the state as it is there and waits, on a socket of its
own, for calls. So a test sees what the notebook had defined up to it, a call that hangs or kills its
process harms no other test, and no input of a test reaches the process whose output is kept.

Nothing here is trusted by the grader; the file holds no test and no secret.
"""

import contextlib
import io
import json
import os
import resource
import signal
import socket
import sys
import time

from dlcourse.checks.subject import Outcome, Raised, watch
from dlcourse.grading.frames import FrameError, receive, send
from dlcourse.grading.values import decode_call, encode_outcome

FOREVER = 10**8


class TimeLimit(BaseException):
    """Raised in the student's code by the alarm; no Exception, so that `except Exception` lets it through."""


def _on_alarm(signum, frame):
    raise TimeLimit()


@contextlib.contextmanager
def alarm(seconds: float):
    signal.signal(signal.SIGALRM, _on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)  # again and again: a bare except swallows the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Bounded(io.TextIOBase):
    """Keeps the first ``limit`` characters of a stream."""

    def __init__(self, limit: int):
        self.limit, self.parts, self.size = limit, [], 0

    def writable(self) -> bool:
        return True

    def write(self, text) -> int:
        kept = text[: max(0, self.limit - self.size)]
        if kept:
            self.parts.append(kept)
        self.size += len(text)
        return len(text)

    def text(self) -> str:
        tail = f"\n... {self.size - self.limit} more characters\n" if self.size > self.limit else ""
        return "".join(self.parts) + tail


def limit_resources(limits: dict) -> None:
    def most(kind, value):
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))

    most(resource.RLIMIT_AS, limits["memory"])
    most(resource.RLIMIT_FSIZE, limits["file"])
    most(resource.RLIMIT_CPU, int(limits["total"]) + 5)
    most(resource.RLIMIT_NOFILE, 256)
    most(resource.RLIMIT_NPROC, limits["processes"])


def silence() -> None:
    """What bypasses sys.stdout (C code, child processes) is dropped."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


def make_shell():
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    shell = InteractiveShell.instance(config=config)
    # IPython prints a traceback to stdout; here it is kept for the cell's error output.
    shell._showtraceback = lambda kind, problem, lines: setattr(shell, "traceback_lines", list(lines))
    shell.enable_gui = lambda gui=None: None  # there is no window to open; %matplotlib inline asks for none
    shell.own_names = frozenset(shell.user_ns)
    return shell


def run_cell(shell, source: str, limits: dict) -> tuple[list[dict], bool]:
    """Run one cell; return its outputs (nbformat dictionaries) and whether it ran out of time."""
    from IPython.core.displayhook import CapturingDisplayHook
    from IPython.core.displaypub import CapturingDisplayPublisher

    out, err = Bounded(limits["output"]), Bounded(limits["output"])
    shown = CapturingDisplayPublisher()
    kept = shell.display_pub, shell.displayhook, sys.displayhook
    shell.display_pub, shell.displayhook = shown, CapturingDisplayHook(shell, shown.outputs)
    shell.displayhook.is_active = False  # IPython 9 asks every hook, and this one of its own lacks the answer
    shell.traceback_lines = []
    late, result, errors = False, None, []
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), alarm(limits["cell"]):
            result = shell.run_cell(source, store_history=False)
    except TimeLimit:
        late = True
    except BaseException as problem:
        errors.append(_error(problem))
    finally:
        shell.display_pub, shell.displayhook, sys.displayhook = kept
    problem = result and (result.error_before_exec or result.error_in_exec)
    late = late or isinstance(problem, TimeLimit)
    if late:
        errors = [_plain_error("TimeLimit", f"the cell ran longer than {limits['cell']:g} s and was stopped")]
    elif problem:
        errors.append(_error(problem, shell.traceback_lines))
    outputs = [
        {"output_type": "stream", "name": name, "text": stream.text()}
        for name, stream in (("stdout", out), ("stderr", err))
        if stream.size
    ]
    for item in shown.outputs[:50]:
        data = {
            k: v for k, v in item["data"].items() if k in ("text/plain", "image/png") and isinstance(v, str)
        }
        if data and sum(map(len, data.values())) < 2_000_000:
            outputs.append({"output_type": "display_data", "data": data, "metadata": {}})
    return outputs + errors, late


def _plain_error(kind: str, message: str) -> dict:
    return {"output_type": "error", "ename": kind, "evalue": message, "traceback": [f"{kind}: {message}"]}


def _error(problem: BaseException, lines: list | None = None) -> dict:
    try:
        message = str(problem)[:2000]
    except Exception:
        message = ""
    error = _plain_error(type(problem).__name__[:80], message)
    if lines:
        error["traceback"] = [str(line)[:2000] for line in lines[-30:]]
    return error


def serve(shell, sock: socket.socket, names: list[str], limits: dict) -> None:
    """Answer calls until the grader closes the connection."""
    namespace = shell.user_ns
    own = [k for k, v in namespace.items() if isinstance(k, str) and callable(v) and k not in shell.own_names]
    defined = {name: type(namespace[name]).__name__ for name in names if name in namespace}
    callables = [name for name in defined if callable(namespace[name])]
    send(sock, {"defined": defined, "callables": callables, "known": own[:200]})
    while True:
        header, arrays = receive(sock, FOREVER)
        function, given = namespace.get(header["function"]), decode_call(header, arrays)
        answer: dict = {}
        try:
            with alarm(limits["call"]):
                outcome = watch(function, given, bool(header.get("count_lines")))
        except TimeLimit:
            outcome = Outcome(error=Raised("TimeLimit", f"{limits['call']:g} s"))
        send(sock, encode_outcome(outcome, answer), answer)


def fork_again(keep: set[int], alone: bool) -> int:
    """Fork; where a cell has used up the room for processes, end what it left behind and try again.

    ``alone``: Landlock holds signals inside, but no process is in sight; then the copies ``keep`` end too.
    """
    try:
        return os.fork()
    except OSError:
        if os.getpid() != 1 and not alone:  # other processes than those of this notebook are in reach
            raise
    if alone:
        os.kill(-1, signal.SIGKILL)
        for _ in range(100):
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            with contextlib.suppress(OSError):
                return os.fork()
            time.sleep(0.05)  # the keeper has to see the end of those that were left alone
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) not in {1, *keep}:
            with contextlib.suppress(OSError):
                os.kill(int(name), signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        for _ in range(100):
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
    return os.fork()


def main(shell, control_fd: int, test_fds: list[int]) -> None:
    """All of one notebook, in the process that was forked for it."""
    control = socket.socket(fileno=control_fd)
    job, _ = receive(control, FOREVER)
    limits = job["limits"]
    limit_resources(limits)
    silence()
    sys.path.insert(0, os.getcwd())  # a notebook may import a module that was handed in with it
    sockets = {index: socket.socket(fileno=fd) for index, fd in zip(job["tests"], test_fds, strict=True)}
    copies = {}
    send(control, {"ready": True})
    for index, source in enumerate(job["cells"]):
        if index in sockets:
            mine = sockets.pop(index)
            copies[index] = fork_again(set(copies.values()), limits["alone"])
            if copies[index] == 0:
                control.close()
                for other in sockets.values():
                    other.close()
                with contextlib.suppress(FrameError):
                    serve(shell, mine, job["names"], limits)
                os._exit(0)
            mine.close()
            continue
        if source is None:
            continue
        send(control, {"begin": index})
        outputs, late = run_cell(shell, source, limits)
        send(control, {"cell": index, "outputs": json.loads(json.dumps(outputs, default=str)), "late": late})
    send(control, {"done": True})
    with contextlib.suppress(FrameError):
        while True:  # until the grader is finished with the copies; it names those that hang
            request, _ = receive(control, FOREVER)
            if pid := copies.pop(request.get("end"), None):
                os.kill(pid, signal.SIGKILL)
    os._exit(0)
