"""Graders graded: every correct solution gets all marks with five seeds, every wrong one loses some and
hears its own sentence, the empty stub gets nothing."""

import importlib.util
from pathlib import Path

import pytest

from dlcourse import checks
from dlcourse.exercises.graders import model_solution

SOURCES = Path(__file__).parents[2] / "solutions"
SEEDS = (1, 22, 333, 4444, 55555)


def _solutions(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FILES = sorted(Path(__file__).parent.glob("solutions_*.py"))
SOLUTIONS = {path.stem.removeprefix("solutions_"): _solutions(path) for path in FILES}
CORRECT = [(name, f) for name, module in SOLUTIONS.items() for f in module.CORRECT]
WRONG = [(name, what) for name, module in SOLUTIONS.items() for what in module.WRONG]


def test_every_exercise_has_its_solutions():
    assert set(SOLUTIONS) == set(checks.names())


@pytest.mark.parametrize(("name", "function"), CORRECT, ids=lambda v: getattr(v, "__name__", v))
def test_correct_solutions_get_all_marks(mark, name, function):
    for seed in (None, *SEEDS):
        found = mark(name, function, seed)
        assert (found.visible, found.hidden) == (1, 1), found.sentence or found.hidden_sentence


@pytest.mark.parametrize("name", SOLUTIONS)
def test_the_published_solution_gets_all_marks(mark, name):
    for seed in (None, *SEEDS):
        found = mark(name, model_solution(SOURCES, name), seed)
        assert (found.visible, found.hidden) == (1, 1), found.sentence or found.hidden_sentence


@pytest.mark.parametrize(("name", "what"), WRONG)
def test_wrong_solutions_lose_marks_and_hear_their_own_sentence(mark, name, what):
    function, sentence = SOLUTIONS[name].WRONG[what]
    for seed in (None, *SEEDS[:2]):
        found = mark(name, function, seed)
        assert found.share < 0.95
        said = found.sentence or found.hidden_sentence
        assert sentence in said, said


@pytest.mark.parametrize("name", SOLUTIONS)
def test_there_are_enough_of_both_kinds(name):
    assert len(SOLUTIONS[name].CORRECT) >= 3  # and the published one
    sentences = [sentence for _, sentence in SOLUTIONS[name].WRONG.values()]
    assert len(set(sentences)) >= 8


@pytest.mark.parametrize("name", SOLUTIONS)
def test_the_stub_gets_nothing(mark, name):
    def stub(*args, **kwargs):
        raise NotImplementedError()

    found = mark(name, stub, 7)
    assert (found.visible, found.hidden) == (0, 0)
    assert "it is not written yet" in found.sentence


@pytest.mark.parametrize(
    ("name", "function"), [(n, SOLUTIONS[n].CORRECT[0]) for n in ("conv2d_naive", "conv2d")]
)
def test_partial_credit_is_a_share_of_each_cell(mark, name, function):
    def only_small(x, *rest, **options):
        y = function(x, *rest, **options)
        return y if y.shape[-1] < 5 else y * 3

    assert 0 < mark(name, only_small, 3).share < 1
