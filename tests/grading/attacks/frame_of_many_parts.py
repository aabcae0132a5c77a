"""A message of 16 MB that would become hundreds of megabytes of empty lists in the grader."""

SLOW = True

CELLS = [
    """
import os, socket, struct
body = b'{"cell": 1, "outputs": [' + b"[]," * (5 << 20) + b"[]]}"
for fd in range(3, 256):
    try:
        with socket.socket(fileno=os.dup(fd)) as sock:
            sock.sendall(struct.pack("!II", len(body), 0) + body)
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
