"""Every case of ``dlcourse.conformance`` agrees between NumPy and PyTorch, outputs and all gradients."""

import pytest

from dlcourse.conformance import TOLERANCE, compare
from dlcourse.conformance.report import all_cases


@pytest.mark.parametrize("case", all_cases(), ids=str)
@pytest.mark.parametrize("seed", [0, 7])
def test_numpy_and_torch_agree(case, seed):
    errors = compare(case, seed)
    too_large = {name: error for name, error in errors.items() if not error <= TOLERANCE}
    assert not too_large, f"{case}: {too_large}"
