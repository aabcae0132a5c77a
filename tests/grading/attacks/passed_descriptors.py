"""Push descriptors and credentials into the grader through every open socket."""

SLOW = True

CELLS = [
    """
import array, os, socket
for fd in range(3, 256):
    try:
        with socket.socket(fileno=os.dup(fd)) as sock:
            sock.setblocking(False)
            for _ in range(50):
                sock.sendmsg([b"\\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
    except OSError as problem:
        print(fd, problem)
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
SAID = "ended the process"
