"""E01 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def four_loops(x, w):
    H, W = x.shape
    P, Q = w.shape
    y = np.zeros((H - P + 1, W - Q + 1))
    for i in range(H - P + 1):
        for j in range(W - Q + 1):
            total = 0.0
            for p in range(P):
                for q in range(Q):
                    total += x[i + p][j + q] * w[p][q]
            y[i][j] = total
    return y


def kernel_offsets(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    return sum(weight * image[p : p + rows, q : q + columns] for (p, q), weight in np.ndenumerate(kernel))


def sliding_windows(x, w):
    return np.einsum("ijpq,pq->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), w)


def flat_matrix(x, w):
    rows, columns = np.array(x.shape) - w.shape + 1
    patches = [x[i : i + len(w), j : j + w.shape[1]].ravel() for i in range(rows) for j in range(columns)]
    return (np.stack(patches) @ w.ravel()).reshape(rows, columns)


def list_of_lists(x, w):
    def value(i, j):
        return float(np.vdot(x[i : i + w.shape[0], j : j + w.shape[1]], w))

    return np.array(
        [
            [value(i, j) for j in range(x.shape[1] - w.shape[1] + 1)]
            for i in range(x.shape[0] - w.shape[0] + 1)
        ]
    )


CORRECT = [four_loops, kernel_offsets, sliding_windows, flat_matrix, list_of_lists]


def _loops(size, term, start=0):
    """The naive loops with one thing changed; ``size(H, P)`` rows, ``term(x, w, i, j, p, q)`` added."""

    def conv2d_naive(x, w):
        y = np.zeros((size(x.shape[0], w.shape[0]), size(x.shape[1], w.shape[1])))
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                for p in range(start, w.shape[0]):
                    for q in range(start, w.shape[1]):
                        y[i, j] += term(x, w, i, j, p, q)
        return y

    return conv2d_naive


def _valid(H, P):
    return H - P + 1


def full(x, w):
    P, Q = w.shape
    return four_loops(np.pad(x, ((P - 1, P - 1), (Q - 1, Q - 1))), w)


def same_size(x, w):
    y = np.zeros(x.shape)
    y[: x.shape[0] - w.shape[0] + 1, : x.shape[1] - w.shape[1] + 1] = four_loops(x, w)
    return y


def loops_stop_early(x, w):
    y = four_loops(x, w)
    y[-1:, :] = 0
    y[:, -1:] = 0
    return y


def returns_inside_the_loop(x, w):
    y = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = np.sum(x[i : i + w.shape[0], j : j + w.shape[1]] * w)
        return y


def assigns(x, w):
    y = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
    for i, j in np.ndindex(*y.shape):
        for p, q in np.ndindex(*w.shape):
            y[i, j] = x[i + p, j + q] * w[p, q]
    return y


def sum_starts_again(x, w):
    y = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
    for i, j in np.ndindex(*y.shape):
        for p in range(w.shape[0]):
            total = 0
            for q in range(w.shape[1]):
                total += x[i + p, j + q] * w[p, q]
        y[i, j] = total
    return y


def integers(x, w):
    y = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1), dtype=int)
    y[...] = four_loops(x, w)
    return y


def single_precision(x, w):
    return four_loops(x.astype(np.float32), w.astype(np.float32)).astype(np.float32)


def changes_x(x, w):
    y = four_loops(x, w)
    x -= x.mean()
    return y


def uninitialised(x, w):
    y = np.full((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1), np.nan)
    for i, j in np.ndindex(*y.shape):
        y[i, j] += np.sum(x[i : i + w.shape[0], j : j + w.shape[1]] * w)
    return y


_calls = []


def keeps_state(x, w):
    _calls.append(1)
    return four_loops(x, w) + (0 if len(_calls) % 2 else 1)


def with_channel_axis(x, w):
    return four_loops(x, w)[None]


def as_list(x, w):
    return four_loops(x, w).tolist()


def as_tensor(x, w):
    import torch

    return torch.from_numpy(four_loops(x, w))


def as_tuple(x, w):
    return four_loops(x, w), w


def nothing(x, w):
    four_loops(x, w)


def raises(x, w):
    return np.array([1, 2]) @ np.ones((5, 5))


def object_array(x, w):
    return four_loops(x, w).astype(object)


def exits(x, w):
    raise SystemExit


def one_number(x, w):
    return float((x[: w.shape[0], : w.shape[1]] * w).sum())


def maximum(x, w):
    rows, columns = len(x) - len(w) + 1, x.shape[1] - w.shape[1] + 1
    y = np.full((rows, columns), -np.inf)
    for i, j, p, q in np.ndindex(rows, columns, *w.shape):
        y[i, j] = max(y[i, j], x[i + p, j + q] * w[p, q])
    return y


WRONG = {
    "maximum": (maximum, "you take the maximum of the products"),
    "flipped": (
        _loops(_valid, lambda x, w, i, j, p, q: x[i + p, j + q] * w[-1 - p, -1 - q]),
        "rotated the kernel",
    ),
    "rows reversed": (
        _loops(_valid, lambda x, w, i, j, p, q: x[i + p, j + q] * w[-1 - p, q]),
        "rows of the kernel",
    ),
    "transposed kernel": (
        _loops(_valid, lambda x, w, i, j, p, q: x[i + p, j + q] * w[q, p] if w.shape[0] == w.shape[1] else 0),
        "w[q,p] instead of w[p,q]",
    ),
    "transposed image": (lambda x, w: four_loops(x.T, w), "x[j+q, i+p]"),
    "full": (full, '"full" convolution'),
    "same size": (same_size, "its end is left at 0"),
    "H-P rows": (_loops(lambda H, P: H - P, lambda x, w, i, j, p, q: x[i + p, j + q] * w[p, q]), "not H-P"),
    "loops stop early": (loops_stop_early, "the loops stop at H-P"),
    "mean": (lambda x, w: four_loops(x, w) / (w.shape[0] * w.shape[1]), "you average over the window"),
    "assigns": (assigns, "add to y[i,j] with +="),
    "sum starts again": (sum_starts_again, "the sum starts again with every p"),
    "returns inside": (returns_inside_the_loop, "only the first row is right"),
    "kernel not used": (
        _loops(_valid, lambda x, w, i, j, p, q: x[i + p, j + q]),
        "without its weights",
    ),
    "adds": (_loops(_valid, lambda x, w, i, j, p, q: x[i + p, j + q] + w[p, q]), "multiplies them"),
    "starts at one": (
        _loops(_valid, lambda x, w, i, j, p, q: x[i + p, j + q] * w[p, q], 1),
        "p and q start at 1",
    ),
    "step of the kernel": (
        lambda x, w: four_loops(x, w)[:: w.shape[0], :: w.shape[1]],
        "they should overlap",
    ),
    "i-p": (_loops(_valid, lambda x, w, i, j, p, q: x[i - p, j - q] * w[p, q]), "wrong"),
    "sign": (lambda x, w: -four_loops(x, w), "sign of every value"),
    "twice": (lambda x, w: 2 * four_loops(x, w), "2 times the right one"),
    "relu": (lambda x, w: np.maximum(four_loops(x, w), 0), "ReLU"),
    "integers": (integers, "array of integers"),
    "single precision": (single_precision, "single precision"),
    "changes x": (changes_x, "changes its input"),
    "uninitialised": (uninitialised, "NaN"),
    "state": (keeps_state, "kept between the calls"),
    "extra axis": (with_channel_axis, "axis of length 1"),
    "list": (as_list, "returned a list"),
    "tensor": (as_tensor, "torch.from_numpy"),
    "tuple": (as_tuple, "a tuple of 2"),
    "nothing": (nothing, "is there a `return`"),
    "raises": (raises, "it raised ValueError"),
    "object array": (object_array, "it returned an array of objects; an array of numbers is asked for"),
    "exits": (exits, "it raised SystemExit"),
    "one number": (one_number, "a single number"),
    "zeros": (
        lambda x, w: np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1)),
        "every value is 0",
    ),
}
