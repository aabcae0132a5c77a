"""The window that slides over an image: what convolution and pooling share.

Images have the shape (N, C, H, W), as in PyTorch. In memory the channels lie innermost (PyTorch
calls it ``channels_last``): the C numbers of a pixel are neighbours, so a window is copied in long
runs. ``channels_last`` and ``channels_first`` only turn the view; layers pass this layout on.
"""

from collections.abc import Iterator

import numpy as np

from dlcourse.numpy_nn.validate import pair

CHUNK_BYTES = 3 * 2**19  # what a loop over the batch copies at once: about the size of the L2 cache


def channels_last(x: np.ndarray) -> np.ndarray:
    """(N, C, H, W) -> (N, H, W, C), contiguous; copies only if the memory is not laid out so already."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1))


def channels_first(x: np.ndarray) -> np.ndarray:
    """(N, H, W, C) -> (N, C, H, W), a view."""
    return x.transpose(0, 3, 1, 2)


def chunks(x: np.ndarray) -> Iterator[slice]:
    """Slices of the first axis of x, each of about ``CHUNK_BYTES``."""
    step = max(1, CHUNK_BYTES // max(1, x[:1].nbytes))
    return (slice(n, n + step) for n in range(0, len(x), step))


class Window:
    """Kernel (P, Q), stride s, padding π and dilation d of a sliding window.

    Output position (i, j) sees the pixels (s·i + d·p - π, s·j + d·q - π). ``padding`` is an int, a pair,
    or ``"same"`` (stride 1; an odd total puts the larger half below and right, as PyTorch does).
    Raises ``ValueError`` for sizes that are no positive integers.
    """

    def __init__(self, layer: str, kernel, stride=1, padding=0, dilation=1):
        self.layer = layer
        self.kernel = pair(layer, "kernel_size", kernel)
        self.stride = pair(layer, "stride", stride)
        self.dilation = pair(layer, "dilation", dilation)
        self.span = tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True))
        if isinstance(padding, str):
            if padding != "same" or self.stride != (1, 1):
                raise ValueError(
                    f"{layer}: padding is {padding!r} with stride {self.stride}, expected an integer, a "
                    "pair, or 'same' with stride 1"
                )
            self.padding = tuple(((a - 1) // 2, a - 1 - (a - 1) // 2) for a in self.span)
        else:
            self.padding = tuple((p, p) for p in pair(layer, "padding", padding, least=0))

    @property
    def overlaps(self) -> bool:
        """Whether a pixel can lie in more than one window."""
        return any(s < a for s, a in zip(self.stride, self.span, strict=True))

    def output_size(self, x: np.ndarray) -> tuple[int, int]:
        """⌊(H + 2π - d(P-1) - 1) / s⌋ + 1, likewise for the width (eq-conv-size); x is padded."""
        size = x.shape[1:3]
        if size[0] < self.span[0] or size[1] < self.span[1]:
            raise ValueError(
                f"{self.layer}: the kernel spans {self.span} pixels, the input has {size} with its padding; "
                "expected an input at least as large as the kernel"
            )
        return tuple((n - a) // s + 1 for n, a, s in zip(size, self.span, self.stride, strict=True))

    def pad(self, x: np.ndarray, value: float = 0) -> np.ndarray:
        """x (N, H, W, C) with its border; x itself where there is none."""
        if self.padding == ((0, 0), (0, 0)):
            return x
        return np.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=value)

    def crop(self, x: np.ndarray) -> np.ndarray:
        """The inverse of ``pad``: a view without the border."""
        (top, bottom), (left, right) = self.padding
        return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]

    def views(self, x: np.ndarray) -> list[np.ndarray]:
        """For each kernel offset (p, q), row by row, the pixels under it: P·Q views (N, H_o, W_o, C) of the
        padded x (N, H, W, C)."""
        (rows, columns), (s, t), (d, e) = self.output_size(x), self.stride, self.dilation
        return [
            x[:, d * p : d * p + s * (rows - 1) + 1 : s, e * q : e * q + t * (columns - 1) + 1 : t]
            for p in range(self.kernel[0])
            for q in range(self.kernel[1])
        ]

    def patches(self, x: np.ndarray) -> np.ndarray:
        """The pixels under each output position: a view (N, H_o, W_o, P, Q, C) of padded x (N, H, W, C)."""
        self.output_size(x)  # raises if x is too small
        (s, t), (d, e) = self.stride, self.dilation
        view = np.lib.stride_tricks.sliding_window_view(x, self.span, axis=(1, 2))
        return view[:, ::s, ::t, :, ::d, ::e].transpose(0, 1, 2, 4, 5, 3)


def as_rows(patches: np.ndarray) -> np.ndarray:
    """im2col: (N, H_o, W_o, P, Q, C) -> a copy as a matrix (N·H_o·W_o, P·Q·C), one window a row.

    Q·C numbers of a row are neighbours in the image. Where C is small these runs are short, and the matrix
    is written column by column: W_o numbers of a column lie close together then.
    """
    *_, P, Q, C = patches.shape
    if C >= 8:
        return patches.reshape(-1, P * Q * C)
    return patches.transpose(3, 4, 5, 0, 1, 2).reshape(P * Q * C, -1).T
