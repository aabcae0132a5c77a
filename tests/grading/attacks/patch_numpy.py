"""Replace everything in NumPy that compares."""

CELLS = [
    """
for place in (np, np.testing):
    for name in ("allclose", "array_equal", "isclose", "assert_allclose", "assert_array_equal", "assert_equal"):
        setattr(place, name, lambda *a, **k: True)
"""
]
ANSWER = """
def conv2d_naive(x, w): return np.zeros(1)
"""
