"""End the process in the tested call."""

ANSWER = """
import os
def conv2d_naive(x, w): os._exit(0)
"""
SAID = "ended the whole Python process"
