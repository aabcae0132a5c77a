"""The exercises as the book names them: read from the released notebooks, so that both say the same."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from dlcourse.book.places import ROOT

FOLDER = ROOT / "exercises"
HEAD = re.compile(
    r"^## (?P<number>E\d\d) (?P<title>.+?)\n+\*\*Goal\.\*\* (?P<goal>.+?)"
    r"\s\((?P<points>\d+)\spoints?,(?:\s(?:a\s)?bonus,)?\s(?P<minutes>\d+)\sminutes",
    re.S | re.M,
)
ON_A_PAGE = re.compile(r"^```\{exercises\} (.+)$", re.M)


@dataclass(frozen=True)
class Exercise:
    """One exercise: what it asks for, how long it takes, and which function is checked."""

    number: str  # E02
    title: str
    goal: str
    points: int
    minutes: int
    function: str  # conv2d
    notebook: str  # exercises/convolution/convolution.ipynb

    @property
    def call(self) -> str:
        """The command that checks the function in the reader's copy, which ``make lab`` puts into work/."""
        return f"dlcourse check {self.function} {self.notebook.replace('exercises/', 'work/', 1)}"


def read_exercises(folder: Path = FOLDER) -> dict[str, Exercise]:
    """Every exercise by its number, in order; ``ValueError`` names the heading that cannot be read."""
    found = {}
    for path in sorted(folder.glob("*/*.ipynb")):
        cells = json.loads(path.read_text("utf8"))["cells"]
        own = [cell["metadata"].get("nbgrader", {}) for cell in cells]
        asked = [re.fullmatch(r"(E\d\d)-(\w+)", note["grade_id"]) for note in own if note.get("solution")]
        functions = dict(match.groups() for match in asked if match)
        text = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        named = re.findall(r"^## (E\d\d) ", text, re.M)
        read = {m["number"]: m for m in HEAD.finditer(text)}
        for number in named:
            if number not in read or number not in functions:
                raise ValueError(
                    f"{path.name}: {number} should have '**Goal.** ... (4 points, 15 minutes ...)' below its "
                    f"heading and a cell with the id '{number}-function'"
                )
            head = {k: " ".join(v.split()) for k, v in read[number].groupdict().items()}
            head |= {"points": int(head["points"]), "minutes": int(head["minutes"])}
            notebook = path.relative_to(folder.parent).as_posix()
            found[number] = Exercise(**head, function=functions[number], notebook=notebook)
    return dict(sorted(found.items()))


def pages_of_exercises(chapters: list[Path], root: Path = ROOT) -> dict[str, list[str]]:
    """number -> the pages that lead to the exercise, in reading order."""
    pages: dict[str, list[str]] = {}
    for chapter in chapters:
        name = chapter.relative_to(root).with_suffix("").as_posix()
        for numbers in ON_A_PAGE.findall(chapter.read_text("utf8")):
            for number in numbers.split():
                pages.setdefault(number, []).append(name)
    return pages
