"""Change NumPy itself, byte code and small integers, in the hope that the next student inherits it."""

CELLS = [
    """
import ctypes, sys
import numpy
numpy.zeros = numpy.ones = numpy.array = lambda *a, **k: print("LEAK inherited")
numpy.testing.assert_allclose = lambda *a, **k: None
ctypes.memset(id(1000003) + 24, 1, 4)
sys.modules["dlcourse.checks"] = None
"""
]
ANSWER = """
def conv2d_naive(x, w):
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = (x[i : i + w.shape[0], j : j + w.shape[1]] * w).sum()
    return y
"""
SCORE = 0
