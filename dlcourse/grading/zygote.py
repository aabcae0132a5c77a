"""The warm process: it imports what an assignment needs, once, and is forked for each submission.

It runs inside the outer sandbox (see ``sandbox``), with one thread, and executes nothing of a student's. For
a request it forks a keeper. The keeper makes new namespaces, forks the student's process, and kills all that
is left when the grader closes the connection or is gone. A request is one message: JSON, and file descriptors
for control groups, the folder with the submission's files, the control connection and the test points.
"""

import contextlib
import importlib
import json
import os
import random
import signal
import socket
import sys
from pathlib import Path

from dlcourse.grading import kernel
from dlcourse.grading.inner import confine, copy_files, new_namespaces, private_folders
from dlcourse.grading.watch import Watch
from dlcourse.grading.worker import main as student_main
from dlcourse.grading.worker import make_shell

BOX = "/tmp/box"
REQUEST_LIMIT = 1 << 16


def warm_up(names: list[str]) -> None:
    """Import ``names``; those that are not installed are left for the notebook to fail on."""
    for name in ["numpy", "dlcourse.checks", *names]:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(name)


def one_thread() -> None:
    """Only a process with one thread can be forked: a lock held by another thread stays locked for ever."""
    tasks = Path("/proc/self/task")
    if tasks.is_dir() and (count := len(list(tasks.iterdir()))) != 1:
        raise SystemExit(f"the warm process has {count} threads after its imports and cannot be forked")


def serve(listener: socket.socket, settings: dict, shell) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are not waited for
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            try:
                listener.close()
                keep(connection, settings, shell)
            finally:
                os._exit(0)
        connection.close()


def keep(connection: socket.socket, settings: dict, shell) -> None:
    """Start one student's process and see to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    data, fds, _, _ = socket.recv_fds(connection, REQUEST_LIMIT, 250)
    request = json.loads(data)
    groups, rest = fds[: request["groups"]], fds[request["groups"] :]
    files, (control, *tests) = (rest[0], rest[1:]) if request["files"] else (None, rest)
    try:
        os.setsid()  # a signal of the student's to its process group reaches neither us nor the warm process
        linux = sys.platform.startswith("linux")
        if linux:
            kernel.prctl(kernel.PR_SET_SUBREAPER, 1)
        watch = Watch(os.open("/proc", os.O_RDONLY | os.O_DIRECTORY), request["watch"]) if linux else None
        if settings["level"] == "bubblewrap":
            new_namespaces()
        for fd in groups:
            os.write(fd, b"0")
            os.close(fd)
        ours, theirs = socket.socketpair()
        student = os.fork()
        if student == 0:
            ours.close()
            student_process(connection, theirs, request, settings, shell, files, control, tests)
    except OSError as problem:
        connection.send(json.dumps({"failed": str(problem)}).encode())
        return
    theirs.close()
    for fd in rest:
        os.close(fd)
    if watch is None:
        with contextlib.suppress(OSError):
            connection.recv(1)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(student, signal.SIGKILL)
        return
    _, found, _, _ = socket.recv_fds(ours, 1, 1)  # the listener of its filter, if there is one
    watch.until_closed(connection, found[0] if found else None, student)
    with contextlib.suppress(ProcessLookupError):
        os.kill(student, signal.SIGKILL)
    watch.end_all()
    with contextlib.suppress(OSError):
        seen = {"reached": watch.reached, "network": sorted(watch.families)}
        connection.send(json.dumps(seen).encode())


def student_process(connection, keeper, request, settings, shell, files, control, tests) -> None:
    """The rest of this process' life is the student's. Never returns."""
    try:
        os.setsid()
        connection_fd = connection.detach()
        home = BOX if settings["level"] == "bubblewrap" else request["home"]
        if settings["level"] == "bubblewrap":
            private_folders(settings["folders"], request["scratch"])
            os.mkdir(home)
        if files is not None:
            copy_files(files, home)
        if request["uid"]:
            os.chown(home, request["uid"], request["uid"])
        kept = {control, *tests, connection_fd, keeper.fileno()}
        for fd in set(range(3, 1024)) - kept:
            with contextlib.suppress(OSError):
                os.close(fd)
        os.chdir(home)
        if settings["level"] != "bubblewrap":
            os.environ |= {
                "HOME": home,
                "TMPDIR": home,
                "IPYTHONDIR": f"{home}/.ipython",
                "MPLCONFIGDIR": f"{home}/.matplotlib",
            }
        listener = confine(request, settings, home)
        socket.send_fds(keeper, [b"x"], [] if listener is None else [listener])
        if listener is not None:
            os.close(listener)
        keeper.close()
        same_randomness()
    except Exception as problem:
        os.write(connection_fd, json.dumps({"failed": f"{type(problem).__name__}: {problem}"}).encode())
        os._exit(1)
    os.close(connection_fd)
    try:
        student_main(shell, control, tests)
    finally:
        os._exit(0)


def same_randomness() -> None:
    """Unseeded random numbers are the same for every submission, whichever process it was forked from."""
    random.seed(0)
    sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def main() -> None:
    settings = json.loads(sys.argv[2])
    if sys.platform.startswith("linux"):
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    warm_up(settings["preload"])
    shell = make_shell()
    listener = socket.socket(fileno=int(sys.argv[1]))
    one_thread()
    print("ready", flush=True)
    serve(listener, settings, shell)


if __name__ == "__main__":
    main()
