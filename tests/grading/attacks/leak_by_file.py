"""Keep the inputs in a file; a process in the background shows them in a later cell."""

CELLS = [
    """
import os, pathlib, threading, time
def wait():
    while not os.path.exists("/tmp/inputs"):
        time.sleep(0.05)
    print("LEAK", open("/tmp/inputs").read())
threading.Thread(target=wait, daemon=True).start()
"""
]
ANSWER = """
def conv2d_naive(x, w):
    open("/tmp/inputs", "w").write(str(x))
    __import__("time").sleep(0.2)
"""
