"""The exercises that chapters lead to: read from the released notebooks, every one on some page."""

import json
import re
from pathlib import Path

import pytest

from dlcourse.book.exercises import ON_A_PAGE, pages_of_exercises, read_exercises
from dlcourse.book.places import chapter_files
from dlcourse.checks import titles


def notebook(tmp_path, text, grade_id="E01-one"):
    path = tmp_path / "exercises" / "first" / "first.ipynb"
    path.parent.mkdir(parents=True)
    code = {
        "cell_type": "code",
        "source": [],
        "metadata": {"nbgrader": {"grade_id": grade_id, "solution": True}},
    }
    cells = [{"cell_type": "markdown", "source": [text], "metadata": {}}, code]
    path.write_text(json.dumps({"cells": cells}))
    return path.parents[1]


def test_title_goal_time_and_call_come_from_the_notebook(tmp_path):
    text = "## E01 One thing\n\n**Goal.** Do it,\nand see. (4 points, a bonus, 15\nminutes; chapter 1.1)\n"
    (exercise,) = read_exercises(notebook(tmp_path, text)).values()
    assert (exercise.title, exercise.goal) == ("One thing", "Do it, and see.")
    assert (exercise.points, exercise.minutes) == (4, 15)
    assert exercise.call == "dlcourse check one work/first/first.ipynb"


@pytest.mark.parametrize(
    "text, grade_id",
    [
        ("## E01 One thing\n\nNo goal.\n", "E01-one"),
        ("## E01 A\n\n**Goal.** B. (4 points, 1 minutes)\n", "one"),
    ],
)
def test_a_heading_that_cannot_be_read_is_named(tmp_path, text, grade_id):
    with pytest.raises(ValueError, match=r"first.ipynb: E01 should have '\*\*Goal"):
        read_exercises(notebook(tmp_path, text, grade_id))


def test_each_exercise_has_its_check_and_belongs_to_a_page():
    exercises = read_exercises()
    checks = titles()
    assert {e.function: e.number for e in exercises.values()}.items() <= checks.items()
    lost = exercises.keys() - pages_of_exercises(chapter_files()).keys()
    assert not lost, f"no chapter leads to {sorted(lost)}: add them to an {{exercises}} block of a chapter"


def test_no_chapter_names_an_exercise_that_is_not_there():
    known = read_exercises().keys() | {
        "cnn",
        "convolution",
        "outlook",
        "recurrent",
        "training",
        "transformer",
    }
    named = {
        n for page in chapter_files() for line in ON_A_PAGE.findall(page.read_text()) for n in line.split()
    }
    assert named <= known


def test_the_places_in_the_book_that_exercises_name_are_there():
    root = Path(__file__).parents[2]
    headings = {}
    for page in (root / "book").rglob("*.md"):
        text = page.read_text("utf8")
        if chapter := re.search(r"^# (\d[\d.]*) ", text, re.MULTILINE):
            headings[chapter[1]] = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    named = [
        (source.stem, chapter, " ".join(title.split()))
        for source in (root / "solutions").glob("*/*.md")
        for chapter, title in re.findall(r"chapter\s+(\d(?:\.\d)*),\s+\*([^*]+)\*", source.read_text("utf8"))
    ]
    assert len(named) > 10
    assert [place for place in named if place[2] not in headings.get(place[1], [])] == []
