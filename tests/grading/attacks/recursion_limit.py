"""Change the limits of the interpreter: recursion, switch interval, integers."""

SLOW = True

CELLS = [
    """
import sys
sys.setrecursionlimit(10**9); sys.setswitchinterval(1e9); sys.set_int_max_str_digits(0)
def deep(n): return deep(n + 1)
deep(0)
"""
]
