"""Leave event loops, timers and exit handlers behind."""

SLOW = True

CELLS = [
    """
import asyncio, atexit, os, threading
atexit.register(lambda: os.system("sleep 600"))
threading.Timer(3600, print).start()
async def forever():
    while True: await asyncio.sleep(0.01)
await asyncio.sleep(0.01)
asyncio.get_event_loop().create_task(forever())
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
