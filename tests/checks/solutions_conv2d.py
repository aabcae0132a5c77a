"""E02 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def _pad(x, padding, **how):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), **how)


def offsets(x, w, b, stride=1, padding=0):
    x = _pad(x, padding)
    filters, _, P, Q = w.shape
    Ho, Wo = (x.shape[2] - P) // stride + 1, (x.shape[3] - Q) // stride + 1
    y = np.zeros((x.shape[0], filters, Ho, Wo))
    for p in range(P):
        for q in range(Q):
            part = x[:, :, p : p + stride * (Ho - 1) + 1 : stride, q : q + stride * (Wo - 1) + 1 : stride]
            y += np.einsum("nchw,oc->nohw", part, w[:, :, p, q])
    return y + b.reshape(1, -1, 1, 1)


def im2col(x, w, b, stride: int = 1, padding: int = 0) -> np.ndarray:
    n, c, height, width = x.shape
    padded = np.zeros((n, c, height + 2 * padding, width + 2 * padding), x.dtype)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))[
        :, :, ::stride, ::stride
    ]
    ho, wo = windows.shape[2:4]
    matrix = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * ho * wo, -1)
    out = matrix @ w.reshape(len(w), -1).T + b
    return out.reshape(n, ho, wo, len(w)).transpose(0, 3, 1, 2)


def tensordot(x, w, b, stride=1, padding=0):
    windows = np.lib.stride_tricks.sliding_window_view(_pad(x, padding), w.shape[2:], axis=(2, 3))
    y = np.tensordot(windows, w, axes=([1, 4, 5], [1, 2, 3]))[:, ::stride, ::stride]
    return np.moveaxis(y, 3, 1) + b[:, None, None]


def per_filter(x, w, b, stride=1, padding=0):
    """Loops over samples, filters, channels and offsets, on whole planes: slow-ish, but not over pixels."""
    x = _pad(x, padding)
    P, Q = w.shape[2:]
    Ho, Wo = (x.shape[2] - P) // stride + 1, (x.shape[3] - Q) // stride + 1
    y = np.empty((len(x), len(w), Ho, Wo))
    for n, image in enumerate(x):
        for o, kernel in enumerate(w):
            plane = np.full((Ho, Wo), b[o])
            for c, p, q in np.ndindex(*kernel.shape):
                plane += kernel[c, p, q] * image[c, p:, q:][::stride, ::stride][:Ho, :Wo]
            y[n, o] = plane
    return y


def row_loop(x, w, b, stride=1, padding=0):
    x = _pad(x, padding)
    P, Q = w.shape[2:]
    rows = []
    for top in range(0, x.shape[2] - P + 1, stride):
        strip = np.lib.stride_tricks.sliding_window_view(x[:, :, top : top + P], Q, axis=3)[:, :, :, ::stride]
        rows.append(np.einsum("ncpjq,ocpq->noj", strip, w))
    return np.stack(rows, axis=2) + b[:, None, None]


CORRECT = [offsets, im2col, tensordot, per_filter, row_loop]


def pixel_loops(x, w, b, stride=1, padding=0):
    x = _pad(x, padding)
    P, Q = w.shape[2:]
    Ho, Wo = (x.shape[2] - P) // stride + 1, (x.shape[3] - Q) // stride + 1
    y = np.zeros((len(x), len(w), Ho, Wo))
    for n, o, i, j in np.ndindex(*y.shape):
        window = x[n, :, i * stride : i * stride + P, j * stride : j * stride + Q]
        y[n, o, i, j] = np.sum(window * w[o]) + b[o]
    return y


def pixel_comprehension(x, w, b, stride=1, padding=0):
    x = _pad(x, padding)
    P, Q = w.shape[2:]
    Ho, Wo = (x.shape[2] - P) // stride + 1, (x.shape[3] - Q) // stride + 1
    values = [
        np.tensordot(
            x[:, :, i * stride : i * stride + P, j * stride : j * stride + Q], w, axes=([1, 2, 3], [1, 2, 3])
        )
        for i in range(Ho)
        for j in range(Wo)
    ]
    return np.stack(values, axis=-1).reshape(len(x), len(w), Ho, Wo) + b[:, None, None]


def ceil_size(x, w, b, stride=1, padding=0):
    x = _pad(x, padding)
    Ho, Wo = (-(-(x.shape[2 + k] - w.shape[2 + k]) // stride) + 1 for k in (0, 1))
    wide = np.zeros((*x.shape[:2], stride * Ho + w.shape[2], stride * Wo + w.shape[3]))
    wide[:, :, : x.shape[2], : x.shape[3]] = x
    return offsets(wide, w, b, stride)[:, :, :Ho, :Wo]


def assigns(x, w, b, stride=1, padding=0):
    x = _pad(x, padding)
    Ho, Wo = (x.shape[2] - w.shape[2]) // stride + 1, (x.shape[3] - w.shape[3]) // stride + 1
    for p, q in np.ndindex(*w.shape[2:]):
        part = x[:, :, p::stride, q::stride][:, :, :Ho, :Wo]
        y = np.einsum("nchw,oc->nohw", part, w[:, :, p, q])
    return y + b[:, None, None]


def bias_in_the_loop(x, w, b, stride=1, padding=0):
    y = offsets(x, w, 0 * b, stride, padding)
    for _ in np.ndindex(*w.shape[2:]):
        y += b[:, None, None]
    return y


def window_not_moved(x, w, b, stride=1, padding=0):
    x = _pad(x, padding)
    Ho, Wo = (x.shape[2] - w.shape[2]) // stride + 1, (x.shape[3] - w.shape[3]) // stride + 1
    return offsets(x, w, b)[:, :, :Ho, :Wo]


def changes_bias(x, w, b, stride=1, padding=0):
    y = offsets(x, w, b, stride, padding)
    b += 1
    return y


def scipy_does_it(x, w, b, stride=1, padding=0):
    from scipy import signal

    return np.stack(
        [[sum(signal.correlate2d(i, k, "valid") for i, k in zip(n, o, strict=True)) for o in w] for n in x]
    )


def numpy_nn_does_it(x, w, b, stride=1, padding=0):
    from dlcourse import numpy_nn

    layer = numpy_nn.Conv2d(w.shape[1], w.shape[0], w.shape[2:], stride, padding, dtype=x.dtype)
    layer.load_state_dict({"weight": w, "bias": b})
    return layer(x)


def helper_with_torch(x, w, b, stride=1, padding=0):
    return _hidden_helper(x, w, b, stride, padding)


def _hidden_helper(x, w, b, stride, padding):
    import torch.nn.functional as F

    return F.conv2d(x, w, b, stride, padding)


def imports_by_name(x, w, b, stride=1, padding=0):
    return __import__("tor" + "ch").conv2d(x, w, b, stride, padding)


def first_sample(x, w, b, stride=1, padding=0):
    y = np.zeros_like(offsets(x, w, b, stride, padding))
    y[0] = offsets(x, w, b, stride, padding)[0]
    return y


WRONG = {
    "first channel": (
        lambda x, w, b, stride=1, padding=0: offsets(x[:, [0]], w[:, [0]], b, stride, padding),
        "first channel is used",
    ),
    "mean of channels": (
        lambda x, w, b, stride=1, padding=0: (
            offsets(x, w, 0 * b, stride, padding) / x.shape[1] + b[:, None, None]
        ),
        "average over the channels",
    ),
    "stride ignored": (
        lambda x, w, b, stride=1, padding=0: offsets(x, w, b, 1, padding),
        "stride is ignored",
    ),
    "stride on rows": (
        lambda x, w, b, stride=1, padding=0: offsets(x, w, b, 1, padding)[:, :, ::stride],
        "rows but not to columns",
    ),
    "stride on columns": (
        lambda x, w, b, stride=1, padding=0: offsets(x, w, b, 1, padding)[..., ::stride],
        "columns but not to rows",
    ),
    "window not moved": (window_not_moved, "window i starts at stride*i"),
    "padding ignored": (lambda x, w, b, stride=1, padding=0: offsets(x, w, b, stride), "padding is ignored"),
    "edge": (
        lambda x, w, b, stride=1, padding=0: offsets(_pad(x, padding, mode="edge"), w, b, stride),
        "replicate the border",
    ),
    "reflect": (
        lambda x, w, b, stride=1, padding=0: offsets(_pad(x, padding, mode="reflect"), w, b, stride),
        "mirror the border",
    ),
    "top left": (
        lambda x, w, b, stride=1, padding=0: offsets(
            np.pad(x, ((0, 0), (0, 0), (padding, 0), (padding, 0))), w, b, stride
        ),
        "top and left only",
    ),
    "pads the batch": (
        lambda x, w, b, stride=1, padding=0: offsets(
            np.pad(x, padding), np.pad(w, ((0, 0), (padding, padding), (0, 0), (0, 0))), b, stride
        ),
        "too many",
    ),
    "padded twice": (
        lambda x, w, b, stride=1, padding=0: offsets(_pad(x, padding), w, b, stride, padding),
        "applied twice",
    ),
    "ceil": (ceil_size, "one too large"),
    "flipped": (
        lambda x, w, b, stride=1, padding=0: offsets(x, np.flip(w, (2, 3)), b, stride, padding),
        "does not flip",
    ),
    "no bias": (
        lambda x, w, b, stride=1, padding=0: offsets(x, w, 0 * b, stride, padding),
        "bias is missing",
    ),
    "bias of columns": (
        lambda x, w, b, stride=1, padding=0: offsets(x, w, 0 * b, stride, padding) + b,
        "bias runs along the columns",
    ),
    "bias in the loop": (bias_in_the_loop, "once for every kernel offset"),
    "first bias": (
        lambda x, w, b, stride=1, padding=0: offsets(x, w, 0 * b, stride, padding) + b[0],
        "bias of the first one",
    ),
    "assigns": (assigns, "do not assign"),
    "channels last": (
        lambda x, w, b, stride=1, padding=0: np.moveaxis(offsets(x, w, b, stride, padding), 1, 3),
        "output channels stand last",
    ),
    "first sample": (first_sample, "only the first sample is right"),
    "first filter": (
        lambda x, w, b, stride=1, padding=0: offsets(x, np.repeat(w[:1], len(w), 0), b, stride, padding),
        "uses the first filter",
    ),
    "relu": (
        lambda x, w, b, stride=1, padding=0: np.maximum(offsets(x, w, b, stride, padding), 0),
        "no ReLU",
    ),
    "no options": (lambda x, w, b: offsets(x, w, b), "it raised TypeError"),
    "single precision": (
        lambda x, w, b, stride=1, padding=0: offsets(
            x.astype("f4"), w.astype("f4"), b, stride, padding
        ).astype("f4"),
        "single precision",
    ),
    "changes the bias": (changes_bias, "changes its input"),
    "pixel loops": (pixel_loops, "not over the pixels"),
    "pixel comprehension": (pixel_comprehension, "not over the pixels"),
    "scipy": (scipy_does_it, "scipy.signal"),
    "numpy_nn": (numpy_nn_does_it, "dlcourse.numpy_nn"),
    "torch in a helper": (helper_with_torch, "torch.nn.functional"),
    "import by name": (imports_by_name, "hides what it does"),
}
