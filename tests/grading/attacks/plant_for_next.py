"""Leave files, sockets and shared memory for the next student to find."""

CELLS = [
    """
import os, pathlib, socket
for folder in ("/tmp", "/dev/shm", "/dev", "/var/tmp", "/run", "/run/lock", "."):
    path = pathlib.Path(folder, "LEAK-planted")
    if path.exists(): print("LEAK found", path)
    try:
        path.write_text("x")
    except OSError:
        pass
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
