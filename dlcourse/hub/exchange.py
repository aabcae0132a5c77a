"""nbgrader's exchange with a box for each student, for the instructor's side.

In nbgrader's own exchange all students write into one folder. Here ``boxes/<name>/inbound`` is all that a
student can write to and ``boxes/<name>/feedback`` all that is shown to them: the box says whose a submission
is. ``Collect`` copies what lies in the boxes into ``inbound``, which only the instructor can reach, and then
goes on as nbgrader does.
"""

import glob
import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.utils import parse_utc

from dlcourse.grading.intake import Refused, read_regular_file
from dlcourse.grading.limits import Limits
from dlcourse.grading.staging import MOST_FILES

STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"  # nbgrader's
LAST = "submission_secret.txt"  # the file that `nbgrader submit` writes last
TOLERANCE = timedelta(minutes=10)  # between the time that a submission claims and that of its last change


def regular_files(folder: Path, limits: Limits) -> Iterator[tuple[Path, bytes, float]]:
    """Path, content and time of the last change of each file below ``folder``; links are not followed.

    Safe against a student who swaps folders and links meanwhile: each is opened from the one above it.
    """
    room, count = limits.files + limits.notebook, 0
    for parent, folders, names, at in os.fwalk(folder, follow_symlinks=False):
        folders[:] = sorted(name for name in folders if name not in (".ipynb_checkpoints", "__pycache__"))
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                return
            try:
                changed = os.stat(name, dir_fd=at, follow_symlinks=False).st_ctime
                data = read_regular_file(Path(name), room, at)
            except (OSError, Refused):
                continue
            room -= len(data)
            yield Path(parent, name).relative_to(folder), data, changed


def gather(box: Path, inbound: Path, student: str, assignment: str, limits: Limits) -> list[Path]:
    """Copy each new submission of ``assignment`` from a student's box to ``inbound``; return the copies.

    A student names the folder, and so claims a time. The time of the last change is the kernel's.
    """
    copies = []
    for path in sorted(box.iterdir()) if box.is_dir() else []:
        parts = path.name.split("+")
        if len(parts) < 3 or parts[0] != student or parts[1] != assignment or path.is_symlink():
            continue
        mark = hashlib.sha256(path.name.encode()).hexdigest()[:12]
        if list(inbound.glob(f"{glob.escape(student)}+{glob.escape(assignment)}+*+{mark}")):
            continue
        files = list(regular_files(path, limits))
        if not files:
            continue
        written = datetime.fromtimestamp(max(changed for _, _, changed in files), UTC)
        complete = any(str(name) == LAST for name, _, _ in files)
        if not complete and datetime.now(UTC) - written < timedelta(minutes=1):
            continue  # it is being handed in at this moment
        try:
            claimed = parse_utc(parts[2]).replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            claimed = written
        when = claimed if abs(written - claimed) <= TOLERANCE else written
        stamp = when.strftime(STAMP)
        temporary = inbound / f".{student}-{mark}"
        shutil.rmtree(temporary, ignore_errors=True)
        for name, data, _ in files:
            if name.parts[0] == "timestamp.txt":
                continue
            (temporary / name).parent.mkdir(parents=True, exist_ok=True)
            (temporary / name).write_bytes(data)
        (temporary / "timestamp.txt").write_text(stamp)
        copies.append(inbound / f"{student}+{assignment}+{stamp}+{mark}")
        temporary.rename(copies[-1])
    return copies


class Collect(ExchangeCollect):
    """``nbgrader collect`` from the boxes."""

    def init_src(self):
        course = Path(self.root, self.coursedir.course_id)
        inbound = course / "inbound"
        inbound.mkdir(parents=True, exist_ok=True)
        wanted = self.coursedir.student_id
        for box in sorted(course.glob("boxes/*")):
            if wanted in ("", "*", box.name):
                gather(box / "inbound", inbound, box.name, self.coursedir.assignment_id, Limits())
        self.check_owner = False  # whose box it was is known; the copies are ours
        super().init_src()


class ReleaseFeedback(ExchangeReleaseFeedback):
    """``nbgrader release_feedback`` into the boxes."""

    def init_dest(self):
        if not self.coursedir.course_id:
            self.fail("No course id specified. Re-run with --course flag.")
        self.boxes = Path(self.root, self.coursedir.course_id, "boxes")

    def copy_files(self):
        wanted, assignment = self.coursedir.student_id or "*", self.coursedir.assignment_id
        folder = self.coursedir.feedback_directory
        for path in sorted(glob.glob(self.coursedir.format_path(folder, wanted, assignment))):
            student = Path(path).parent.name
            target = self.boxes / student / "feedback"
            target.mkdir(parents=True, exist_ok=True)
            self.src_path, self.dest_path = glob.escape(path), str(target)
            super().copy_files()
