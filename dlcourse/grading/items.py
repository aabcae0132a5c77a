"""Item analysis: how hard each test was, whether it separates, and what the commonest mistakes were."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from dlcourse.grading.course import Row


@dataclass(frozen=True)
class Item:
    """One test. ``difficulty`` is the mean part of its points; ``discrimination`` the correlation of that
    part with the rest of a student's score (Pearson; None where one of both does not vary)."""

    name: str
    points: float
    difficulty: float
    discrimination: float | None
    mistakes: tuple[tuple[str, int], ...]


def items(rows: list[Row]) -> list[Item]:
    """An item for each test, in the order of the notebooks; rows without a result do not count."""
    graded = [row for row in rows if not row.failure and row.tests]
    names = list(dict.fromkeys(name for row in graded for name in row.tests))
    found = []
    for name in names:
        having = [row for row in graded if name in row.tests]
        most = having[0].tests[name][1]
        got = np.array([row.tests[name][0] for row in having])
        rest = np.array([sum(points for points, _ in row.tests.values()) for row in having]) - got
        varies = len(having) > 2 and got.std() > 0 and rest.std() > 0
        discrimination = round(float(np.corrcoef(got, rest)[0, 1]), 2) if varies else None
        mistakes = Counter(_same(row.sentences[name]) for row in having if row.sentences.get(name))
        part = round(float(got.mean()) / most, 2) if most else 0.0
        found.append(Item(name, most, part, discrimination, tuple(mistakes.most_common(5))))
    return found


def _same(sentence: str) -> str:
    """The sentence without what differs from student to student: numbers."""
    return re.sub(r"(?<![\w.])\d+(\.\d+)?", "#", sentence)
