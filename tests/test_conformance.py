"""Every case of ``dlcourse.conformance`` agrees between NumPy and PyTorch, outputs and all gradients."""

import importlib
import pkgutil

import pytest

from dlcourse import conformance
from dlcourse.conformance import TOLERANCE, compare

FAMILIES = [m.name for m in pkgutil.iter_modules(conformance.__path__) if m.name not in ("compare", "report")]
CASES = [
    case for family in FAMILIES for case in importlib.import_module(f"dlcourse.conformance.{family}").CASES
]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("seed", [0, 7])
def test_numpy_and_torch_agree(case, seed):
    errors = compare(case, seed)
    too_large = {name: error for name, error in errors.items() if not error <= TOLERANCE}
    assert not too_large, f"{case}: {too_large}"
