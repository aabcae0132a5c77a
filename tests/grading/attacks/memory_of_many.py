"""Fill the memory with many processes, each below the limit of one."""

SLOW = True

CELLS = [
    """
import os, time
for _ in range(30):
    try:
        if os.fork() == 0:
            held = b"x" * 400_000_000
            time.sleep(30)
            os._exit(0)
    except OSError:
        break
time.sleep(1)
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
