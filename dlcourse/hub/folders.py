"""Where everything of a hub lies, and the configuration files that its users' servers read."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from dlcourse.exercises.source import write_atomically
from dlcourse.hub.people import People

COURSE = "dlcourse"  # nbgrader's course id, see dlcourse.grading.settings
NBGRADER = "nbgrader.server_extensions"
STUDENT_CONFIG = f"""c = get_config()
c.Exchange.root = "/exchange"
c.CourseDirectory.course_id = "{COURSE}"
"""
TEACHER_CONFIG = """c = get_config()
c.Exchange.root = {root!r}
c.ExchangeFactory.collect = "dlcourse.hub.exchange.Collect"
c.ExchangeFactory.release_feedback = "dlcourse.hub.exchange.ReleaseFeedback"
"""
# What only an instructor needs: server extensions, and their buttons in JupyterLab.
FOR_TEACHERS = ("formgrader", "course_list")
BUTTONS = ("formgrader", "course-list", "create-assignment")


@dataclass(frozen=True)
class Folders:
    """A hub's folder, and the course that it belongs to."""

    hub: Path
    course: Path

    @property
    def people(self) -> People:
        return People(self.hub / "people.json")

    @property
    def exchange(self) -> Path:
        return self.hub / "exchange"

    @property
    def outbound(self) -> Path:
        return self.exchange / COURSE / "outbound"

    def box(self, name: str, what: str) -> Path:
        """A student's own part of the exchange: what they hand in (inbound), and their feedback."""
        return self.exchange / COURSE / "boxes" / name / what

    def home(self, name: str) -> Path:
        return self.hub / "home" / name

    def settings(self, who: str) -> Path:
        """The folder with Jupyter's configuration of "teacher" or "student"."""
        return self.hub / "etc" / who

    def accounts(self, name: str) -> Path:
        """passwd and group as the student's server sees them."""
        return self.hub / "etc" / "accounts" / name

    def uid(self, name: str) -> int:
        """The user id of a student's server on this machine: one of their own where root starts it."""
        return self.people.uid(name) if os.geteuid() == 0 else os.getuid()

    def prepare(self) -> None:
        """Make what is missing; configuration files are written anew."""
        self.hub.mkdir(parents=True, exist_ok=True)
        self.hub.chmod(0o700)
        for folder in (self.outbound, self.exchange / COURSE / "inbound"):
            folder.mkdir(parents=True, exist_ok=True)
        hidden = {
            "ServerApp": {"jpserver_extensions": {f"{NBGRADER}.{name}": False for name in FOR_TEACHERS}}
        }
        buttons = {"disabledExtensions": {f"@jupyter/nbgrader:{name}": True for name in BUTTONS}}
        files = {
            "teacher/nbgrader_config.py": TEACHER_CONFIG.format(root=str(self.exchange)),
            "student/nbgrader_config.py": STUDENT_CONFIG,
            "student/jupyter_server_config.json": json.dumps(hidden, indent=1),
            "student/labconfig/page_config.json": json.dumps(buttons, indent=1),
        }
        for name, text in files.items():
            path = self.hub / "etc" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode())

    def prepare_student(self, name: str, uid: int) -> None:
        """A home, a box, and an account file that knows this name alone; root gives them to ``uid``."""
        for folder in (self.home(name), self.box(name, "inbound"), self.box(name, "feedback")):
            folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            for folder in (self.home(name), self.box(name, "inbound")):
                os.chown(folder, uid, uid)
        accounts = self.accounts(name)
        accounts.mkdir(parents=True, exist_ok=True)
        passwd = f"{name}:x:{uid}:{uid}::/home/{name}:/bin/bash\n"
        write_atomically(accounts / "passwd", passwd.encode())
        write_atomically(accounts / "group", f"{name}:x:{uid}:\n".encode())
