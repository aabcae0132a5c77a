"""Fill every writable folder."""

SLOW = True

CELLS = [
    """
import os
for folder in ("/tmp", "/dev/shm", ".", "/var/tmp", "/run", os.path.expanduser("~")):
    try:
        for number in range(100):
            with open(f"{folder}/fill{number}", "wb") as file:
                for _ in range(60): file.write(b"x" * 10**6)
    except OSError as problem:
        print(folder, problem)
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
