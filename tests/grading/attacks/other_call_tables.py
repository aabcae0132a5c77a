"""System calls by other doors: 32-bit numbers, the x32 table, a thread without the filter."""

CELLS = [
    """
import ctypes, mmap, os, signal, platform
code = {"int 0x80": b"\\xb8\\x66\\x01\\x00\\x00\\xbb\\x02\\x00\\x00\\x00\\xb9\\x01\\x00\\x00\\x00\\xba\\x00\\x00\\x00\\x00\\xcd\\x80\\xc3", "x32": b"\\xb8\\x29\\x00\\x00\\x40\\xbf\\x02\\x00\\x00\\x00\\xbe\\x01\\x00\\x00\\x00\\xba\\x00\\x00\\x00\\x00\\x0f\\x05\\xc3"}
for name, text in code.items() if platform.machine() == "x86_64" else ():
    if os.fork() == 0:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(text)
        fd = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
        os._exit(77 if fd >= 0 else 0)
    print(name, status := os.wait()[1])
    if os.waitstatus_to_exitcode(status) == 77: print("LEAK: a socket through", name)
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
