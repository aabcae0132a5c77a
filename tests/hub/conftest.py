"""A running hub, made from a small course by the command that an instructor uses."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from dlcourse.grading.sandbox import isolation
from tests.hub.client import User

ROOT = Path(__file__).parents[2]


@dataclass
class Hub:
    url: str
    course: Path
    folder: Path
    passwords: dict[str, str]

    def user(self, name: str) -> User:
        return User(self.url, name, self.passwords[name])


def free_port() -> int:
    """A port with two free ones after it."""
    for _ in range(50):
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                for number in (port + 1, port + 2):
                    with socket.socket() as other:
                        other.bind(("127.0.0.1", number))
            except OSError:
                continue
            return port
    raise OSError("no three free ports in a row")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    place = tmp_path_factory.mktemp("class")
    course = place / "course"
    for name in ("solutions/convolution", "exercises/convolution"):
        shutil.copytree(ROOT / name, course / name)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    (place / "home").mkdir()
    port = free_port()
    command = [ROOT / "deploy" / "jupyterhub" / "start", "--course", course, "--folder", place / "hub"]
    process = subprocess.Popen(
        [*map(str, command), "--port", str(port)],
        env=os.environ | {"PYTHON": sys.executable, "HOME": str(place / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Homes"):
            break
    text = "".join(said)
    if isolation()[0] != "bubblewrap":
        assert process.wait(60) == 1 and "Students' servers run inside bubblewrap" in text
        yield None
        return
    assert "Passwords" in text, text
    words = [line.split() for line in said if line.startswith("  ")]
    yield Hub(f"http://127.0.0.1:{port}", course, place / "hub", dict(words))
    servers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    process.stdout.close()
    assert len(servers) > 2 and not psutil.wait_procs(servers, timeout=20)[1]
