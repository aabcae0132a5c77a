"""Return views of memory that another process goes on changing."""

SLOW = True

CELLS = [
    """
import mmap, os
page = mmap.mmap(-1, 1 << 20)
if os.fork() == 0:
    number = 0
    while True:
        number += 1
        page[:8] = number.to_bytes(8, "little")
"""
]
ANSWER = """
def conv2d_naive(x, w):
    shape = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    return np.frombuffer(page, dtype=np.float64)[: shape[0] * shape[1]].reshape(shape)
"""
