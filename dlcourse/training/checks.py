"""What is said before the first step when data and model do not fit together."""

import numpy as np

from dlcourse.backend import predict
from dlcourse.data.dataset import Split


def require_split(who: str, data) -> Split:
    """``data`` as a pair (x, y) of equally many rows; x may be a tuple of arrays (several inputs).

    Raises ``TypeError`` for something else than a pair of arrays or for targets that are no class numbers,
    ``ValueError`` for unequal or no rows and for values that are not finite.
    """
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"{who} is a {type(data).__name__}, expected a pair (x, y) such as dataset.train")
    x, y = data
    inputs = x if isinstance(x, tuple) else (x,)
    for name, a in [*zip(_names(inputs), inputs, strict=True), ("y", y)]:
        if not isinstance(a, np.ndarray) or a.ndim == 0:
            raise TypeError(
                f"{who}: {name} is a {type(a).__name__}, expected a NumPy array with one row an example"
            )
        if len(a) != len(y):
            raise ValueError(f"{who}: {name} has {len(a)} rows and y has {len(y)}, expected equally many")
        if len(a) == 0:
            raise ValueError(f"{who}: {name} has no rows, expected at least one")
        if a.dtype.kind == "f" and not np.isfinite(a).all():
            raise ValueError(f"{who}: {name} holds NaN or infinite values, expected finite numbers")
    if y.dtype.kind not in "iu":
        hint = "; one-hot rows become class numbers with y.argmax(-1)" if y.ndim > 1 else ""
        raise TypeError(
            f"{who}: y has dtype {y.dtype} and shape {y.shape}, expected integer class numbers{hint}"
        )
    return Split(x, y)


def require_fit(who: str, model, data: Split, ignore_index: int) -> None:
    """Send one example through the model, and compare what comes out with the targets.

    Raises ``ValueError`` if the model refuses the example, if logits and targets have other shapes, or if
    a class number is too large.
    """
    inputs = tuple(a[:1] for a in (data.x if isinstance(data.x, tuple) else (data.x,)))
    came = ", ".join(
        f"{n} of shape (N, {_rest(a)}) and dtype {a.dtype}"
        for n, a in zip(_names(inputs), inputs, strict=True)
    )
    try:
        logits = predict(model, *inputs)
    except (ValueError, TypeError, RuntimeError, IndexError) as error:
        raise ValueError(
            f"{who}: the model does not take {came}{_hint(inputs[0])}. It says: {error}"
        ) from error
    if not isinstance(logits, np.ndarray) or logits.shape[:-1] != data.y[:1].shape:
        shape = getattr(logits, "shape", type(logits).__name__)
        raise ValueError(
            f"{who}: for one example the model gives {shape} and y has {data.y[:1].shape}; expected logits "
            "(..., classes) for targets (...)"
        )
    real = data.y[data.y != ignore_index]
    if real.size and not 0 <= real.min() <= real.max() < logits.shape[-1]:
        raise ValueError(
            f"{who}: y holds classes {real.min()}..{real.max()}, expected 0..{logits.shape[-1] - 1}, since "
            f"the model has {logits.shape[-1]} outputs"
        )


def _names(inputs: tuple) -> list[str]:
    return ["x"] if len(inputs) == 1 else [f"x[{i}]" for i in range(len(inputs))]


def _rest(a: np.ndarray) -> str:
    return ", ".join(map(str, a.shape[1:]))


def _hint(x: np.ndarray) -> str:
    if x.dtype.kind in "iu" and x.ndim > 2:
        return "; pixels become floats with x.astype(np.float32) / 255"
    if x.ndim == 4 and x.shape[-1] in (1, 3) and x.shape[1] not in (1, 3):
        return "; images are (N, channels, height, width) here: x.transpose(0, 3, 1, 2)"
    if x.ndim == 3 and x.dtype.kind == "f":
        return "; if these are grey images, the axis of the channel is missing: x[:, None]"
    return ""
