"""The experiments X01 ... X45: what each shows, where the book runs it, and which are left out and why.

A page that runs one announces it as "experiment X05"; elsewhere the bare number refers to it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from dlcourse.book.places import ROOT
from dlcourse.book.statements import read_statements

FILE = ROOT / "book" / "experiments.yml"
ANNOUNCED = re.compile(r"[Ee]xperiment (X\d\d)\b")


@dataclass(frozen=True)
class Experiment:
    """What it shows; ``left_out`` is the reason if the book does not run it."""

    id: str
    shows: str
    left_out: str = ""


def read_experiments(path: Path = FILE) -> dict[str, Experiment]:
    """All experiments by id; ``ValueError`` if an entry is not ``{shows: ..., left_out: ...}``."""
    content = yaml.safe_load(path.read_text("utf8"))
    for number, entry in content.items():
        if not re.fullmatch(r"X\d\d", str(number)) or not {"shows"} <= entry.keys() <= {"shows", "left_out"}:
            raise ValueError(f"{path.name}: {number} should be 'X01' with 'shows' and perhaps 'left_out'")
    return {number: Experiment(number, **entry) for number, entry in content.items()}


def pages_of_experiments(chapters: list[Path], root: Path = ROOT) -> dict[str, list[str]]:
    """id -> the pages that announce it, in reading order."""
    pages: dict[str, list[str]] = {}
    for chapter in chapters:
        name = chapter.relative_to(root).with_suffix("").as_posix()
        for number in dict.fromkeys(ANNOUNCED.findall(chapter.read_text("utf8"))):
            pages.setdefault(number, []).append(name)
    return pages


def misplaced_experiments(chapters: list[Path], root: Path = ROOT) -> list[str]:
    """Experiments that no page runs, that are announced without a cell, or that are unknown."""
    known, pages = read_experiments(), pages_of_experiments(chapters, root)
    faults = [
        f"{', '.join(found)}: experiment {n} is not in {FILE.name}"
        for n, found in pages.items()
        if n not in known
    ]
    for number, experiment in known.items():
        if experiment.left_out and number in pages:
            faults.append(f"{number} runs on {pages[number][0]}, but {FILE.name} says that it is left out")
        if not experiment.left_out and number not in pages:
            faults.append(
                f"{number} is announced on no page ('experiment {number}'), and {FILE.name} gives no reason"
            )
    for statement in read_statements().values():
        faults += [
            f"statement {statement.id} names {n}, which is unknown"
            for n in statement.experiments
            if n not in known
        ]
    for chapter in chapters:
        faults += [
            f"{chapter.relative_to(root)}: {fault}" for fault in without_cell(chapter.read_text("utf8"))
        ]
    return faults


def without_cell(text: str) -> list[str]:
    """Announcements in sections ("## ...") that hold no code cell: named, but not run."""
    return [
        f"experiment {number} is announced in a section without a code cell"
        for section in re.split(r"^## ", text, flags=re.M)
        for number in ANNOUNCED.findall(section)
        if "```{code-cell}" not in section
    ]
