"""Raise an exception whose text hangs, fails or is endless."""

SLOW = True

CELLS = [
    """
class Bad(Exception):
    def __str__(self): raise SystemExit
    __repr__ = __str__
raise Bad
""",
    """
class Long(Exception):
    def __str__(self): return 'x' * 10**8
raise Long
""",
    """
class Late(Exception):
    def __str__(self):
        while True: pass
raise Late
""",
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
SCORE = 4
