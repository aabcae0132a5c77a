"""Proof that ``numpy_nn`` and ``torch_nn`` compute the same: the cases, the comparison, the table."""

from dlcourse.conformance.compare import TOLERANCE, Case, compare

__all__ = ["TOLERANCE", "Case", "compare"]
