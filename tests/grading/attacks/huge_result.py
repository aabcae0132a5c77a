"""Return an array of a terabyte that takes no memory."""

SLOW = True

ANSWER = """
def conv2d_naive(x, w):
    return np.broadcast_to(np.float64(0), (1 << 37,))
"""
