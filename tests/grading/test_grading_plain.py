"""Plain `nbgrader autograde` and `nbgrader generate_feedback` with the course's configuration."""

import json
import os
import shutil
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from dlcourse.grading.course import Course
from dlcourse.grading.demo import make_demo
from dlcourse.grading.sandbox import sandbox_problem

ROOT = Path(__file__).parents[2]
LOOK = """
import os
for name in ("linked.txt", "linked.html", "above/secret.txt", "zero"):
    print(name, os.path.exists(name) and open(name).read(60))
print(open("own.txt").read())
"""


def test_links_are_not_followed_and_the_rest_is_graded_though_nothing_was_generated(tmp_path):
    with make_demo(ROOT, tmp_path / "class") as folder:
        for path in (folder / "submitted").iterdir():
            if path.name != "correct":
                shutil.rmtree(path)
        (folder / "secret.txt").write_text("TELLTALE")
        place = folder / "submitted" / "correct" / "convolution"
        for name, target in (("linked.txt", "secret.txt"), ("linked.html", "secret.txt"), ("above", "")):
            os.symlink(folder / target, place / name)
        os.symlink("/dev/zero", place / "zero")
        os.mkfifo(place / "pipe")
        (place / "own.txt").write_text("my own data")
        path = place / "convolution.ipynb"
        notebook = json.loads(path.read_text())
        look = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": LOOK}
        path.write_text(json.dumps(notebook | {"cells": [look, *notebook["cells"]]}))
        course = Course(folder, unsafe=sandbox_problem() is not None)
        api = NbGraderAPI(config=course.config)
        for step in (api.autograde, api.generate_feedback):
            result = step("convolution", "correct")
            assert result["success"], result["log"]
        with Gradebook(course.db_url) as gradebook:
            assert gradebook.find_submission("convolution", "correct").score == 12
        graded = folder / "autograded" / "correct" / "convolution"
        said = (graded / "convolution.ipynb").read_text()
        assert "my own data" in said and "linked.txt is a symbolic link" in said
        for kind in ("autograded", "feedback"):
            files = [p for p in (folder / kind).rglob("*") if p.is_file()]
            assert not any("TELLTALE" in p.read_text() for p in files)
            assert {p.name for p in files} <= {"convolution.ipynb", "convolution.html", "own.txt"}
