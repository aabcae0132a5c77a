"""Initial weights, drawn from an explicit ``numpy.random.Generator``."""

import numpy as np


def uniform_fan_in(rng: np.random.Generator, shape: tuple, fan_in: int, dtype=np.float32) -> np.ndarray:
    """U(-1/√fan_in, 1/√fan_in): what PyTorch's Linear and Conv2d start from (LeCun et al. 1998, §4.6)."""
    bound = 1 / np.sqrt(fan_in)
    return rng.uniform(-bound, bound, shape).astype(dtype)
