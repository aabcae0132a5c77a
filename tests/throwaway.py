"""A throw-away environment that can be damaged: it sees the packages of this one, and what is its own first.

No download: its packages are those of the running environment, through a ``.pth`` file; Jupyter's files are
links in folders of its own, its scripts are copies that start its own Python.
"""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("share/jupyter", "etc/jupyter")


class Environment:
    """``prefix``: its folder, ``site``: where its own packages lie, ``home``: an empty home folder."""

    def __init__(self, folder: Path):
        self.prefix, self.home = folder / "env", folder / "home"
        self.home.mkdir(parents=True)
        venv.create(self.prefix, symlinks=True, with_pip=False)
        self.bin = self.prefix / "bin"
        (self.site,) = self.prefix.glob("lib/python*/site-packages")
        there = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})"
        (self.site / "packages-of-the-real-one.pth").write_text(f"{ROOT}\n{there}\n")
        for name in FOLDERS:
            copy_as_links(Path(sys.prefix, name), self.prefix / name)
        for path in Path(sys.executable).parent.glob("jupyter*"):
            first, _, rest = path.read_text(encoding="utf-8").partition("\n")
            (self.bin / path.name).write_text(f"#!{self.bin}/python\n{rest}", encoding="utf-8")
            (self.bin / path.name).chmod(0o755)
            assert first.startswith("#!")
        self.env = os.environ | {"HOME": str(self.home), "PATH": f"{self.bin}:/usr/bin:/bin"}
        for name in [n for n in self.env if n.startswith(("JUPYTER", "XDG", "DLCOURSE", "PYTHON"))]:
            del self.env[name]

    def pretend(self, package: str, version: str) -> None:
        """Metadata that say: this version is installed."""
        folder = self.site / f"{package}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")

    def run(self, *command: str, **more) -> subprocess.CompletedProcess:
        more = {"cwd": self.home, "env": self.env} | more
        return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)

    def shell(self, command: str, **more) -> subprocess.CompletedProcess:
        return self.run("/bin/sh", "-c", command, **more)

    def checks(self, code: str, **more) -> list[tuple[str, str, str]]:
        """(state, text, fix) of each line of a check in this environment, ``lab.check_lab()`` for example."""
        program = (
            "import sys; from pathlib import Path; from dlcourse.cli.checks import *; "
            "from dlcourse.cli.checks import course, lab, machine, packages, pytorch\n"
            f"for c in {code}: print(c.state, c.text, c.fix, sep='\\t')"
        )
        done = self.run(str(self.bin / "python"), "-c", program, **more)
        assert done.returncode == 0, done.stderr
        return [tuple(line.split("\t")) for line in done.stdout.splitlines() if line.count("\t") == 2]


def copy_as_links(source: Path, target: Path) -> None:
    """The folders anew, each file a link: a copy that takes no room and can be damaged. JSON is copied."""
    for folder, _, files in os.walk(source):
        here = target / Path(folder).relative_to(source)
        here.mkdir(parents=True, exist_ok=True)
        for name in files:
            path = Path(folder, name)
            if path.suffix == ".json":
                (here / name).write_bytes(path.read_bytes())
            else:
                (here / name).symlink_to(path)
