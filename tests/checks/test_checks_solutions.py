"""Graders graded: every correct solution gets all marks with five seeds, every wrong one loses some and
hears its own sentence, the empty stub gets nothing."""

from pathlib import Path

import pytest

from dlcourse import checks
from dlcourse.exercises.graders import model_solution
from dlcourse.exercises.matrix import counted, fault_of_correct, fault_of_wrong, solutions, stored

ROOT = Path(__file__).parents[2]
WRITTEN = {path.stem.removeprefix("solutions_") for path in Path(__file__).parent.glob("solutions_*.py")}
SOLUTIONS = {name: solutions(ROOT, name) for name in checks.names() if name in WRITTEN}
CORRECT = [(name, f) for name, module in SOLUTIONS.items() for f in module.CORRECT]
WRONG = [(name, what) for name, module in SOLUTIONS.items() for what in module.WRONG]


def test_every_exercise_has_its_solutions():
    assert set(checks.names()) == WRITTEN


@pytest.mark.parametrize(("name", "function"), CORRECT, ids=lambda v: getattr(v, "__name__", v))
def test_correct_solutions_get_all_marks(name, function):
    assert fault_of_correct(ROOT, name, function) == ""


@pytest.mark.parametrize("name", SOLUTIONS)
def test_the_published_solution_gets_all_marks(name):
    assert fault_of_correct(ROOT, name, model_solution(ROOT / "solutions", name)) == ""


@pytest.mark.parametrize(("name", "what"), WRONG)
def test_wrong_solutions_lose_marks_and_hear_their_own_sentence(name, what):
    assert fault_of_wrong(ROOT, name, *SOLUTIONS[name].WRONG[what]) == ""


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


def test_an_unjust_test_is_noticed():
    right = SOLUTIONS["conv2d_naive"].CORRECT[0]
    assert "keeps 100%" in fault_of_wrong(ROOT, "conv2d_naive", right, "")
    flipped = SOLUTIONS["conv2d_naive"].WRONG["flipped"][0]
    assert "rotated the kernel" in fault_of_correct(ROOT, "conv2d_naive", flipped)
    assert "it hears" in fault_of_wrong(ROOT, "conv2d_naive", flipped, "the mean")


@pytest.mark.parametrize("name", SOLUTIONS)
def test_the_table_of_the_book_counts_what_is_there(name):
    row = stored().get(name, {})
    heard = row.pop("heard", [])
    assert row == counted(ROOT, name), "run: python -m dlcourse.exercises matrix --write"
    assert [what for what, *_ in heard] == list(SOLUTIONS[name].WRONG)
