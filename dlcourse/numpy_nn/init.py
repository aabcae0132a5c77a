"""Initial weights, drawn from an explicit ``numpy.random.Generator``."""

import numpy as np


def uniform_fan_in(rng: np.random.Generator, shape: tuple, fan_in: int, dtype=np.float32) -> np.ndarray:
    """U(-1/√fan_in, 1/√fan_in): what PyTorch's Linear and Conv2d start from (LeCun et al. 1998, §4.6)."""
    bound = 1 / np.sqrt(fan_in)
    return rng.uniform(-bound, bound, shape).astype(dtype)


def glorot_uniform(rng: np.random.Generator, shape: tuple, dtype=np.float32) -> np.ndarray:
    """U(-b, b) with b = √(6/(fan_in + fan_out)): the start of Keras' Dense and Conv layers  (eq-glorot).

    shape (O, I) or (O, C, P, Q): fan_in = I or C·P·Q, fan_out = O or O·P·Q. Glorot & Bengio 2010.
    """
    field = np.prod(shape[2:], dtype=int)
    bound = np.sqrt(6 / ((shape[0] + shape[1]) * field))
    return rng.uniform(-bound, bound, shape).astype(dtype)
