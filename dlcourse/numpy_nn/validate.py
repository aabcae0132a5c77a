"""The sentences a layer says when its input is wrong: what came, what was expected."""

import numpy as np


def require_float(layer: str, x, name: str = "x") -> None:
    """Raise ``TypeError`` unless ``x`` is a float32 or float64 array."""
    if not isinstance(x, np.ndarray):
        raise TypeError(f"{layer}: {name} is a {type(x).__name__}, expected a NumPy array")
    if x.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{layer}: {name} has dtype {x.dtype}, expected float32 or float64; convert it with "
            f"{name}.astype(np.float32)"
        )


def require_shape(layer: str, x: np.ndarray, expected: tuple, name: str = "x") -> None:
    """Raise ``ValueError`` unless ``x.shape`` fits ``expected``.

    An int in ``expected`` is a fixed size, a string names a free axis, a leading ``...`` allows any
    number of axes: ``("N", 3, "H", "W")`` or ``(..., 512)``.
    """
    sizes = expected[1:] if expected[0] is ... else expected
    enough = x.ndim >= len(sizes) if expected[0] is ... else x.ndim == len(sizes)
    tail = x.shape[x.ndim - len(sizes) :] if enough else ()
    if not enough or any(isinstance(e, int) and e != s for e, s in zip(sizes, tail, strict=True)):
        wanted = ", ".join("..." if e is ... else str(e) for e in expected)
        raise ValueError(f"{layer}: {name} has shape {x.shape}, expected ({wanted})")
