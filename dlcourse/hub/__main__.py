"""``python -m dlcourse.hub``, called by deploy/jupyterhub/start: start the hub, say who can log in, wait."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Annotated

import typer

from dlcourse.grading.kernel import PR_SET_PDEATHSIG, prctl
from dlcourse.grading.sandbox import isolation
from dlcourse.hub.folders import Folders
from dlcourse.hub.people import PeopleError

CONFIG = Path("deploy", "jupyterhub", "jupyterhub_config.py")
START = 120  # seconds until the hub must answer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def start(
    students: Annotated[
        list[str] | None,
        typer.Argument(help="names to add; the first start without names adds alice and bob"),
    ] = None,
    teacher: Annotated[str, typer.Option(help="the instructor's name: you")] = "teacher",
    port: Annotated[int, typer.Option(help="on 127.0.0.1; the two next ports are used too")] = 8080,
    course: Annotated[Path, typer.Option(help="the course: solutions/, exercises/, gradebook.db")] = Path(),
    folder: Annotated[Path, typer.Option(help="homes, exchange, passwords, log")] = Path("hub"),
    new_password: Annotated[
        list[str] | None, typer.Option(help="a known name that lost its password")
    ] = None,
) -> None:
    """Start JupyterHub for a class on this machine. Ctrl-C stops it; nothing is lost."""
    config = Path(__file__).parents[2] / CONFIG
    level, why = isolation()
    if level != "bubblewrap":
        sys.exit(f"Students' servers run inside bubblewrap: {why}. Without it they could read the solutions.")
    if not (course / "nbgrader_config.py").is_file():
        sys.exit(f"{course.resolve()} is no course: it has no nbgrader_config.py.")
    for number in (port, port + 1, port + 2):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", number))
            except OSError as problem:
                sys.exit(f"Port {number} cannot be used ({problem.strerror}); try --port {port + 10}.")
    folders = Folders(folder.resolve(), course.resolve())
    folders.prepare()
    known = folders.people.read()
    names = [teacher, *(students or ([] if known else ["alice", "bob"]))]
    try:
        if unknown := set(new_password or []) - set(known):
            raise PeopleError(f"{min(unknown)!r} is no user of {folders.people.path}")
        given = folders.people.add(names) | folders.people.add(new_password or [], anew=True)
    except PeopleError as problem:
        sys.exit(str(problem))
    for name in set(folders.people.read()) - {teacher}:
        folders.prepare_student(name, folders.uid(name))
    run(folders, config, port, teacher, given)


def run(folders: Folders, config: Path, port: int, teacher: str, given: dict[str, str]) -> None:
    settings = {
        "DLCOURSE_HUB": str(folders.hub),
        "DLCOURSE_COURSE": str(folders.course),
        "DLCOURSE_PORT": str(port),
        "DLCOURSE_TEACHER": teacher,
    }
    log = folders.hub / "jupyterhub.log"
    with log.open("ab") as out:
        log.chmod(0o600)
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            env=os.environ | settings,
            cwd=folders.hub,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C reaches this process alone, which passes it on
            preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),
        )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.terminate())
    url = f"http://127.0.0.1:{port}"
    if not answers(f"{url}/hub/health", process):
        process.terminate()
        process.wait()
        said = log.read_text(errors="replace").strip().splitlines()
        sys.exit("\n".join([*said[-5:], f"JupyterHub did not start; see {log}"]))
    show(url, folders, teacher, given)
    code = process.wait()
    sys.exit(0 if code in (0, -signal.SIGTERM, 143) else f"JupyterHub ended with {code}; see {log}")


def answers(url: str, process: subprocess.Popen) -> bool:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except OSError:
            time.sleep(0.2)
    return False


def show(url: str, folders: Folders, teacher: str, given: dict[str, str]) -> None:
    print(f"JupyterHub runs at {url} (this machine only). Ctrl-C stops it.")
    print(f"Instructor {teacher}: {url}/user/{teacher}/formgrader grades, {url}/user/{teacher}/lab edits.")
    others = sorted(set(folders.people.read()) - {teacher})
    print(f"Students: {', '.join(others) or 'none yet; name them: start carol dave'}")
    if given:
        print("Passwords, shown this once (a lost one: --new-password NAME):")
        width = max(map(len, given))
        for name, password in given.items():
            print(f"  {name:{width}}  {password}")
    print(f"Homes, exchange, log: {folders.hub} ({shutil.disk_usage(folders.hub).free >> 30} GiB free)")
    sys.stdout.flush()


if __name__ == "__main__":
    app()
