"""Return an object whose __array__ and __repr__ run for ever or lie."""

SLOW = True

ANSWER = """
class Lazy:
    def __array__(self, *a, **k):
        while True: pass
    def __repr__(self):
        while True: pass
    __str__ = __len__ = __iter__ = __repr__
def conv2d_naive(x, w): return [Lazy()]
"""
