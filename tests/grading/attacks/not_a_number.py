"""Return NaN, infinity and masked arrays, which compare oddly."""

ANSWER = """
def conv2d_naive(x, w):
    shape = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    if x.shape[0] % 2:
        return np.ma.masked_all(shape)
    return np.full(shape, np.nan)
"""
