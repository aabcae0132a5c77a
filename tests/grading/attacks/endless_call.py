"""An endless loop in the tested function."""

ANSWER = """
def conv2d_naive(x, w):
    while True:
        try:
            while True: pass
        except BaseException: pass
"""
SAID = "is there a loop that never ends?"
