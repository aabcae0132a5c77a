"""What a learner types: answers to the two functions of the assignment on convolution."""

NAIVE = """\
def conv2d_naive(x, w):
    H, W = x.shape
    P, Q = w.shape
    y = np.zeros((H - P + 1, W - Q + 1))
    for i in range(H - P + 1):
        for j in range(W - Q + 1):
            y[i, j] = (x[i : i + P, j : j + Q] * w).sum()
    return y"""

FLIPPED = NAIVE.replace("* w)", "* w[::-1, ::-1])")

ENDLESS = NAIVE.replace("    for i", "    while True:\n        pass\n    for i")

CONV2D = """\
def conv2d(x, w, b, stride=1, padding=0):
    P, Q = w.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (P, Q), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwpq,ocpq->nohw", windows, w) + b[:, None, None]"""

WRITTEN = (
    "(a) None: training finds the flipped kernel instead. (b) 8 × (3 × 25 + 1) = 608. The same kernel is "
    "used at every place, so the size of the image is not in it."
)
