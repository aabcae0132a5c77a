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


def pair(layer: str, name: str, value, least: int = 1) -> tuple[int, int]:
    """``value`` as (rows, columns): an int stands for both. Raise ``ValueError`` for anything else."""
    both = (value, value) if isinstance(value, int | np.integer) else value
    if (
        not isinstance(both, tuple | list)
        or len(both) != 2
        or any(not isinstance(v, int | np.integer) or isinstance(v, bool) or v < least for v in both)
    ):
        raise ValueError(
            f"{layer}: {name} is {value!r}, expected an integer of at least {least} or a pair of them"
        )
    return int(both[0]), int(both[1])


def require_positive(layer: str, **sizes) -> None:
    """Raise ``ValueError`` unless every named size is an integer of at least 1."""
    for name, size in sizes.items():
        if not isinstance(size, int | np.integer) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{layer}: {name} is {size!r}, expected an integer of at least 1")


def require_ids(layer: str, ids, count: int, name: str = "ids", ignore: int | None = None) -> None:
    """Raise unless ``ids`` is an integer array with values in 0 ... count-1 (or equal to ``ignore``)."""
    if not isinstance(ids, np.ndarray):
        raise TypeError(f"{layer}: {name} is a {type(ids).__name__}, expected a NumPy array of integers")
    if ids.dtype.kind not in "iu":
        raise TypeError(
            f"{layer}: {name} has dtype {ids.dtype}, expected integers (class or token numbers); convert "
            f"with {name}.astype(np.int64)"
        )
    wrong = (ids < 0) | (ids >= count)
    if ignore is not None:
        wrong &= ids != ignore
    if wrong.any():
        raise ValueError(f"{layer}: {name} holds {ids[wrong][0]}, expected values from 0 to {count - 1}")
