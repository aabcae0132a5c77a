"""``mark(name, function, seed)``: what the two test cells of an exercise say of a function."""

import functools
from pathlib import Path

import pytest

from dlcourse.exercises import graders

SOLUTIONS = Path(__file__).parents[2] / "solutions"


@pytest.fixture(scope="session")
def mark():
    return functools.partial(graders.mark, SOLUTIONS)
