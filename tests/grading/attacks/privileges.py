"""Ask the kernel for more: namespaces, mounts, other users, tracing, keys."""

CELLS = [
    """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
got = []
for name, number, args in [("unshare", 272, (0x10000000,)), ("mount", 165, (b"none", b"/tmp", b"tmpfs", 0, 0)), ("ptrace", 101, (16, 1, 0, 0)), ("bpf", 321, (0, 0, 0)), ("keyctl", 250, (0, -3, 0)), ("io_uring_setup", 425, (1, 0)), ("chroot", 161, (b"/tmp",)), ("setuid", 105, (0,)), ("perf_event_open", 298, (0, 0, -1, -1, 0)), ("userfaultfd", 323, (0,)), ("open_by_handle_at", 304, (-100, 0, 0)), ("clone", 56, (0x10000000 | 17, 0, 0, 0, 0))]:
    if libc.syscall(number, *args) >= 0:
        got.append(name)
print("GOT", got)
if got: print("LEAK", got)
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
