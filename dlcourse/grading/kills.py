"""The kill test: the grader of the demo class is killed at random moments, started again, loses nothing."""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dlcourse.grading.batch import run
from dlcourse.grading.course import Course
from dlcourse.grading.demo import ASSIGNMENT, differences, make_demo
from dlcourse.grading.limits import Limits

LIMITS = Limits(cell=2, call=2)  # those of `demo`
CODE = """
import sys
from pathlib import Path
from dlcourse.grading.batch import run
from dlcourse.grading.course import Course
from dlcourse.grading.kills import ASSIGNMENT, LIMITS
run(Course(Path(sys.argv[1]), LIMITS), ASSIGNMENT, jobs=2)
"""


def kill_test(root: Path, times: int, seed: int) -> tuple[dict, list[str]]:
    """Kill ``times`` graders, then grade to the end. Returns the page's figures and the wrong marks.

    A grader that finishes before its moment begins again from nothing.
    """
    draw, kills, done = random.Random(seed), 0, 0
    with (
        tempfile.TemporaryDirectory(prefix="dlcourse-kills-") as place,
        make_demo(root, Path(place, "class")) as folder,
    ):
        command = [sys.executable, "-c", CODE, str(folder)]
        while kills < times:
            with tempfile.TemporaryFile() as said:
                grader = subprocess.Popen(command, stdout=said, stderr=said)
                begun, moment = time.monotonic(), draw.uniform(1, 30)
                while grader.poll() is None and time.monotonic() < begun + moment:
                    time.sleep(0.05)
                if grader.poll() is None:
                    grader.kill()
                    kills += 1
                elif grader.returncode:
                    said.seek(0)
                    return {}, [said.read().decode(errors="replace")[-2000:]]
                else:
                    done += 1
                    shutil.rmtree(folder / ".grading")
                grader.wait()
        rows = run(Course(folder, LIMITS), ASSIGNMENT)
        wrong = differences(root / "demo" / "expected.csv", rows)
    return {"kills": kills, "finished": done, "submissions": len(rows), "wrong": len(wrong)}, wrong
