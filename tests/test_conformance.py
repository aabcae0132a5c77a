"""Every case of ``dlcourse.conformance`` agrees between NumPy and PyTorch, outputs and all gradients."""

import numpy as np
import pytest

from dlcourse.conformance import TOLERANCE, compare
from dlcourse.conformance.compare import TOLERANCE_FLOAT32
from dlcourse.conformance.report import all_cases


@pytest.mark.parametrize("case", all_cases(), ids=str)
@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, TOLERANCE), (np.float32, TOLERANCE_FLOAT32)])
def test_numpy_and_torch_agree(case, seed, dtype, tolerance):
    errors = compare(case, seed, dtype)
    too_large = {name: error for name, error in errors.items() if not error <= tolerance}
    assert not too_large, f"{case}: {too_large}"
