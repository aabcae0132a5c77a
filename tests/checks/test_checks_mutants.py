"""Every small change of a published solution is noticed by its tests, or listed with the reason."""

from pathlib import Path

import pytest

from dlcourse.exercises.mutants import Survey, caught, known_survivors, mutated_exercises, survey
from dlcourse.exercises.mutate import mutants

ROOT = Path(__file__).parents[2]
KNOWN = known_survivors(ROOT)


@pytest.mark.parametrize("name", mutated_exercises())
def test_every_mutant_is_caught_or_known(name):
    found = survey(ROOT / "solutions", name)
    assert found.caught >= 8
    survived = {(name, m.line, m.became, m.count) for m in found.survived}
    assert survived == {key for key in KNOWN if key[0] == name}


def test_survivors_have_a_reason_and_holes_are_few():
    assert {known.kind for known in KNOWN.values()} <= {"same", "hole"}
    assert all(len(known.reason) > 15 for known in KNOWN.values())
    assert sum(known.kind == "hole" for known in KNOWN.values()) <= 5


def test_operators_numbers_indices_terms_and_statements_are_changed():
    source = '''
def f(x, axis=0):
    """A text that stays: 1 + 1."""
    y = x[1:, 0] + 2 * np.abs(x.T)
    if y.max() > 0:
        y += 1
    return -y.sum(axis=axis)
'''
    lines = {m.became for m in mutants(source)}
    assert {
        "y = x[1:, 0] - 2 * np.abs(x.T)",
        "y = x[1:, 0] + 2 / np.abs(x.T)",
        "y = x[1:, 0]",
        "y = x[:, 0] + 2 * np.abs(x.T)",
        "y = x[1:, 1] + 2 * np.abs(x.T)",
        "y = x[1:, 0] + 3 * np.abs(x.T)",
        "y = x[1:, 0] + 2 * x.T",
        "y = x[1:, 0] + 2 * np.abs(x)",
        "if y.max() >= 0:",
        "if y.min() > 0:",
        "y = 1",
        "pass",
        "return y.sum(axis=axis)",
        "return -y.mean(axis=axis)",
        "def f(x, axis=1):",
    } <= lines
    assert not any("text that stays" in line for line in lines)


def test_a_test_without_properties_lets_everything_pass():
    changed = mutants("def conv2d_naive(x, w):\n    return x + 1\n")[0]
    assert not caught(ROOT / "solutions", "conv2d_naive", changed, [])
    assert Survey("conv2d_naive").survived == []


def test_a_mutant_that_never_ends_is_caught(monkeypatch):
    monkeypatch.setattr("dlcourse.exercises.mutants.SECONDS", 0.05)
    from dlcourse.checks import exercise

    endless = mutants("def conv2d_naive(x, w):\n    while 1 + 1:\n        pass\n")[0]
    properties = exercise("conv2d_naive").properties
    assert caught(ROOT / "solutions", "conv2d_naive", endless, list(properties[:1]))
