"""Crash with a core dump that a program of the system would collect."""

SLOW = True

CELLS = [
    """
import ctypes, os, resource
libc = ctypes.CDLL(None)
for change in (lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)), lambda: resource.setrlimit(resource.RLIMIT_CORE, (10**9, 10**9)), lambda: libc.prctl(4, 1, 0, 0, 0)):
    try:
        change()
    except (OSError, ValueError) as problem:
        print(problem)
print(resource.getrlimit(resource.RLIMIT_CORE))
for _ in range(3):
    if os.fork() == 0:
        os.abort()
    print(os.WCOREDUMP(os.wait()[1]))
print([name for name in os.listdir(".") if "core" in name])
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
