"""What one output position sees of the image, and which pixels no output sees."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from dlcourse.backend import named_modules


class ReceptiveField(NamedTuple):
    """``r``: pixels from the first to the last that one output sees (a side); ``j``: pixels between the
    fields of neighbouring outputs; ``n``: outputs (a side); ``unseen``: pixels (an area) that no output
    depends on; ``start``: first pixel of the first output's field, negative inside the padding."""

    r: int
    j: int
    n: int
    unseen: int
    start: int


def receptive_field(H: int, layers: Iterable[tuple]) -> ReceptiveField:
    """r ← r + (k-1)·d·j, start ← start - π·j, then j ← j·s  (eq-receptive-field).

    The number of outputs follows n ← ⌊(n + 2π - d(k-1) - 1)/s⌋ + 1.

    H: side of a square image. ``layers``: one ``(kind, k, s)``, ``(kind, k, s, dilation)`` or
    ``(kind, k, s, dilation, padding)`` each, convolutions and poolings alike; ``kind`` is a name for
    error messages. ``unseen`` follows the indices backwards from the outputs, so it also counts holes
    that a stride larger than the kernel, or dilation, leaves. Windows that do not fit are dropped.

    Araujo, Norris and Sim 2019. Raises ``ValueError`` for impossible numbers and for an image that is
    too small, naming the layer.
    """
    if H < 1:
        raise ValueError(f"receptive_field: the image has a side of {H}, expected at least 1")
    r, j, start, n = 1, 1, 0, H
    windows = [_window(i, layer) for i, layer in enumerate(layers)]
    sizes = []
    for name, k, s, d, padding in windows:
        sizes.append(n)
        r, start, j = r + (k - 1) * d * j, start - padding * j, j * s
        span = d * (k - 1) + 1
        if n + 2 * padding < span:
            raise ValueError(
                f"receptive_field: {name} spans {span} positions, but its input has {n} and padding {padding}"
            )
        n = (n + 2 * padding - span) // s + 1
    seen = np.ones(n, bool)
    for (_, k, s, d, padding), size in zip(reversed(windows), reversed(sizes), strict=True):
        below = np.zeros(size + 2 * padding, bool)
        outputs = np.flatnonzero(seen)
        for p in range(k):
            below[outputs * s + p * d] = True
        seen = below[padding : padding + size]
    return ReceptiveField(r, j, n, H * H - int(seen.sum()) ** 2, start)


def windows_of(model, axis: int = 0) -> list[tuple]:
    """The ``layers`` of ``receptive_field`` for a model of either backend whose layers follow one another.

    Takes the Conv2d, MaxPool2d and AvgPool2d modules in their order; ``axis`` 0 reads heights, 1 widths.
    """
    windows = []
    for name, module in named_modules(model):
        kind = _kind(module)
        if kind:
            k, s, padding, d = (_side(v, axis) for v in _sizes(kind, module))
            if padding == "same":
                if d * (k - 1) % 2:
                    raise ValueError(f"windows_of: {kind} {name} has an even kernel, padded unevenly")
                padding = d * (k - 1) // 2
            windows.append((f"{kind} {name}".strip(), k, s, d, padding))
    return windows


def _kind(module) -> str | None:
    names = {cls.__name__ for cls in type(module).__mro__}
    return next((kind for kind in ("Conv2d", "MaxPool2d", "AvgPool2d") if kind in names), None)


def _sizes(kind: str, module) -> tuple:
    if hasattr(module, "options"):  # the poolings of numpy_nn keep their arguments in one tuple
        k, s, padding, *rest = module.options
        return k, k if s is None else s, padding, rest[0] if kind == "MaxPool2d" else 1
    return module.kernel_size, module.stride, module.padding, getattr(module, "dilation", 1)


def _side(value, axis: int):
    return value[axis] if isinstance(value, tuple) else value


def _window(i: int, layer: tuple) -> tuple:
    if not 3 <= len(layer) <= 5:
        raise ValueError(
            f"receptive_field: layer {i} is {layer}, expected (kind, k, s) or with dilation and padding"
        )
    kind, k, s, d, padding = (*layer, *(1, 0)[len(layer) - 3 :])
    if min(k, s, d) < 1 or padding < 0:
        raise ValueError(
            f"receptive_field: layer {i} ({kind}) has k={k}, s={s}, dilation={d}, padding={padding}; "
            "expected k, s, dilation >= 1 and padding >= 0"
        )
    return kind, k, s, d, padding
