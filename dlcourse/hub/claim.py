"""``python -m dlcourse.hub.claim NAME``: the folders of one user in the volume of a class.

For Kubernetes: an init container runs it as root before each server. The volume has the layout of a hub's
folder on one machine; which part of it a server sees is decided by its mounts (deploy/kubernetes).
"""

import os
import sys
from pathlib import Path

from dlcourse.hub.folders import COURSE, Folders
from dlcourse.hub.people import NAME

VOLUME = Path("/srv/class")
USER = 1000  # of every server: what separates students is what is mounted


def claim(volume: Path, name: str, uid: int) -> None:
    """Make what is missing; raises ``ValueError`` for what can be no name of a folder."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a folder")
    folders = Folders(volume, volume / "course")
    folders.prepare()
    folders.course.mkdir(exist_ok=True)
    folders.prepare_student(name, uid)
    if os.geteuid() == 0:
        shared = [volume, folders.course, folders.exchange, folders.outbound.parent, folders.outbound]
        shared += [folders.exchange / COURSE / "inbound", folders.exchange / COURSE / "boxes"]
        shared += [folders.box(name, "inbound").parent, folders.box(name, "feedback")]
        for folder in shared:
            os.chown(folder, uid, uid)


if __name__ == "__main__":
    claim(VOLUME, sys.argv[1], USER)
