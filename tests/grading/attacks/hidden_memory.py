"""Memory that belongs to no process: memfd, System V segments and queues, sockets full of data."""

SLOW = True

CELLS = [
    """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
try:
    fds = [os.memfd_create(str(n)) for n in range(100)]
    for fd in fds: os.ftruncate(fd, 60 << 20), os.pwrite(fd, b"x" * (60 << 20), 0)
except OSError as problem:
    print("memfd", problem)
print("shm", [libc.shmget(n + 1, 1 << 28, 0o1666) for n in range(20)])
print("queue", libc.msgget(1, 0o1666), libc.semget(1, 1, 0o1666))
held = []
try:
    while True:
        held.append(socket.socketpair()); held[-1][0].setblocking(False)
        while True: held[-1][0].send(b"x" * (1 << 20))
except OSError as problem:
    print(len(held), problem)
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
