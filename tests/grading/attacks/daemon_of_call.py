"""A tested call leaves processes behind that hold its connection open."""

SLOW = True

ANSWER = """
import os, time
def conv2d_naive(x, w):
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    return x
"""
