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
        if sys.platform.startswith("linux"):
            kernel.prctl(kernel.PR_SET_SUBREAPER, 1)
        if settings["level"] == "bubblewrap":
            new_namespaces()
        for fd in groups:
            os.write(fd, b"0")
            os.close(fd)
        student = os.fork()
        if student == 0:
            student_process(connection, request, settings, shell, files, control, tests)
    except OSError as problem:
        connection.send(json.dumps({"failed": str(problem)}).encode())
        return
    for fd in rest:
        os.close(fd)
    with contextlib.suppress(OSError):
        connection.recv(1)  # until the grader closes its end or is gone
    os.kill(student, signal.SIGKILL)
    os.waitpid(student, 0)
    end_all_children()


def end_all_children() -> None:
    """Kill what the student's process has left, until nothing is there (orphans come to this process)."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while True:
        for pid in children.read_text().split() if children.exists() else ():
            os.kill(int(pid), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def student_process(connection, request, settings, shell, files, control, tests) -> None:
    """The rest of this process' life is the student's. Never returns."""
    try:
        connection_fd = connection.detach()
        home = BOX if settings["level"] == "bubblewrap" else request["home"]
        if settings["level"] == "bubblewrap":
            private_folders(settings["folders"], request["scratch"])
            os.mkdir(home)
        if files is not None:
            copy_files(files, home)
        if request["uid"]:
            os.chown(home, request["uid"], request["uid"])
        kept = {control, *tests, connection_fd}
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
        confine(request, settings, home)
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
