"""Mutation of the published solutions: do the tests of an exercise notice every small mistake?"""

import contextlib
import csv
import signal
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dlcourse.checks import NoPixelLoop, exercise, names
from dlcourse.checks.engine import examine
from dlcourse.checks.subject import Subject
from dlcourse.exercises.graders import define, hidden_properties, solution_source
from dlcourse.exercises.mutate import Mutant, mutants

SURVIVORS = Path("tests", "checks", "survivors.csv")
SEED = 77
SECONDS = 5  # of the processor: a busy machine changes no result


def mutated_exercises() -> list[str]:
    """All but the bug hunts: their tests are tried on faulty functions anyway."""
    return [name for name in names() if not name.startswith("verify_")]


@dataclass
class Survey:
    """What became of the mutants of one exercise."""

    name: str
    caught: int = 0
    survived: list[Mutant] = field(default_factory=list)


class TooLong(Exception):
    """A mutant that does not come back."""


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise ``TooLong`` in what runs inside, again and again until it ends."""

    def stop(number, frame):
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def caught(solutions: Path, name: str, mutant: Mutant, properties: list) -> bool:
    """Does one of the properties fail? (The first that fails is enough.)"""
    try:
        with warnings.catch_warnings(action="ignore"), _at_most(SECONDS):
            function = define(solutions, name, mutant.source)
            subject = Subject(function, name)
            return any(examine(exercise(name), subject, [p], SEED, False).failed for p in properties)
    except Exception:  # it cannot even be defined, or does not come back
        return True


def survey(solutions: Path, name: str) -> Survey:
    """Try all mutants of the published solution."""
    source = solution_source(solutions, name)
    define(solutions, name, source)  # what it imports is there before time is taken
    found = mutants(source)
    properties = [*exercise(name).properties, *hidden_properties(solutions, name)]
    properties.sort(key=lambda p: isinstance(p, NoPixelLoop))  # the slow ones last
    result = Survey(name)
    for mutant in found:
        if caught(solutions, name, mutant, properties):
            result.caught += 1
        else:
            result.survived.append(mutant)
    return result


@dataclass(frozen=True)
class Known:
    """A survivor that somebody looked at. ``kind``: "same", it is right as well, or "hole"."""

    kind: str
    reason: str


def known_survivors(root: Path) -> dict[tuple[str, str, str, int], Known]:
    """(exercise, line, became, count) -> what is known about it."""
    with (root / SURVIVORS).open(newline="", encoding="utf-8") as file:
        return {
            (line["exercise"], line["line"], line["became"], int(line["count"])): Known(
                line["kind"], line["reason"]
            )
            for line in csv.DictReader(file)
        }
