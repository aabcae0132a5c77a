"""Write past Python to the file descriptors of the process."""

CELLS = [
    """
import os
for fd in (0, 1, 2):
    try:
        for _ in range(100): os.write(fd, b'LEAK' * 250_000)
    except OSError: pass
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
SCORE = 4
