"""Print the inputs of the test in the tested call, on every channel."""

ANSWER = """
import os, sys, warnings
from IPython.display import display
def conv2d_naive(x, w):
    print("LEAK", x)
    print("LEAK", x, file=sys.stderr)
    print("LEAK", x, file=sys.__stdout__)
    os.write(1, b"LEAK")
    warnings.warn("LEAK")
    display("LEAK")
    os.system("echo LEAK")
"""
