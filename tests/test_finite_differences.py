"""Every case of ``dlcourse.conformance``: the gradients of numpy_nn are slopes of its outputs."""

import pytest

from dlcourse import numpy_nn
from dlcourse.conformance.compare import Case
from dlcourse.conformance.finite import TOLERANCE, check
from dlcourse.conformance.report import all_cases


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_gradients_are_slopes(case):
    errors = check(case)
    too_large = {name: error for name, error in errors.items() if not error <= TOLERANCE}
    assert not too_large, f"{case}: {too_large}"


def test_a_wrong_gradient_is_seen():
    class Square(numpy_nn.Module):
        def forward(self, x):
            self._x = x
            return x * x

        def backward(self, dy):
            return dy * self._x  # the 2 is missing

    case = Case("Square", lambda nn, rng: Square(), lambda rng: (rng.standard_normal((3, 4)),))
    assert check(case)["d input 0"] > 0.1
