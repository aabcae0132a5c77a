"""What learners get: nbgrader's ``generate_assignment`` in a folder and a gradebook of its own."""

import os
import re
import tempfile
from pathlib import Path

from nbgrader.apps import NbGraderAPI

from dlcourse.exercises.source import SourceError, derive
from dlcourse.grading.settings import course_config


def release(solutions: Path, assignment: str) -> dict[str, bytes]:
    """file name -> contents of ``exercises/<assignment>/``."""
    with tempfile.TemporaryDirectory(prefix=f"dlcourse-{os.getpid()}-release-") as folder:
        root = Path(folder)
        derive(solutions, assignment, root / "solutions")
        config = course_config(root)
        result = NbGraderAPI(config=config).generate_assignment(assignment)
        if not result["success"]:
            raise SourceError(f"nbgrader could not release {assignment!r}: {last_line(result)}")
        return {p.name: p.read_bytes() for p in sorted((root / "exercises" / assignment).iterdir())}


def last_line(result: dict) -> str:
    """The line of nbgrader's log that names the problem, not its last one, which is a summary."""
    text = f"{result.get('log') or ''}\n{result.get('error') or ''}"
    named = [line.strip() for line in re.findall(r"^ *[\w.]*(?:Error|Exception)\b.*$", text, re.MULTILINE)]
    return next((line for line in reversed(named) if "see the the above" not in line), "no reason given")
