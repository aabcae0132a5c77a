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


def he_uniform(rng: np.random.Generator, shape: tuple, dtype=np.float32) -> np.ndarray:
    """U(-b, b) with b = √(6/fan_in): keeps the variance through layers of ReLU  (eq-he).

    shape (O, I) or (O, C, P, Q): fan_in = I or C·P·Q. He et al. 2015.
    """
    bound = np.sqrt(6 / np.prod(shape[1:]))
    return rng.uniform(-bound, bound, shape).astype(dtype)


def orthogonal(rng: np.random.Generator, shape: tuple, gain: float = 1.0, dtype=np.float32) -> np.ndarray:
    """A random matrix W (rows, columns) with W Wᵀ = gain² I, or WᵀW if it has more rows (Saxe et al. 2014).

    Q of the QR decomposition of a normal matrix; the signs of R's diagonal make it uniform (Mezzadri 2007).
    """
    if len(shape) != 2:
        raise ValueError(f"orthogonal: shape is {shape}, expected (rows, columns)")
    rows, columns = shape
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    q *= np.sign(np.diag(r))
    return (gain * (q if rows >= columns else q.T)).astype(dtype)


def chrono_biases(rng: np.random.Generator, hidden: int, longest: int, dtype=np.float32):
    """Biases of an LSTM that is to remember up to ``longest`` steps: b_f = log U(1, longest - 1), b_i = -b_f.

    -> b_i (H,), b_f (H,). Tallec and Ollivier 2018.
    """
    if longest < 2:
        raise ValueError(f"chrono_biases: longest is {longest}, expected at least 2 steps")
    b_f = np.log(rng.uniform(1, max(longest - 1, 1), hidden)).astype(dtype)
    return -b_f, b_f
