"""The PyTorch network on which E29 is tested: batch normalisation and dropout, made from arrays."""

import numpy as np

FEATURES, HIDDEN, CLASSES = 4, 6, 3
SHAPES = {
    "0.weight": (HIDDEN, FEATURES),
    "0.bias": (HIDDEN,),
    "1.weight": (HIDDEN,),
    "1.bias": (HIDDEN,),
    "1.running_mean": (HIDDEN,),
    "1.running_var": (HIDDEN,),
    "4.weight": (CLASSES, HIDDEN),
    "4.bias": (CLASSES,),
}


def random_state(rng: np.random.Generator) -> list[np.ndarray]:
    """Arrays of the shapes of ``SHAPES``; the running variance is positive and not 1."""
    state = [0.7 * rng.standard_normal(shape) for shape in SHAPES.values()]
    return [np.abs(a) + 0.5 if key == "1.running_var" else a for key, a in zip(SHAPES, state, strict=True)]


def random_batches(rng: np.random.Generator, sizes: tuple[int, ...]) -> tuple[list, list]:
    """x (n, features) and y (n,) for batches of these sizes."""
    xs = [rng.standard_normal((n, FEATURES)) for n in sizes]
    return xs, [rng.integers(0, CLASSES, n) for n in sizes]


def prediction(state: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """The class that the network gives each row of ``x`` in evaluation mode."""
    W1, b1, gamma, beta, mean, variance, W2, b2 = state
    h = gamma * (x @ W1.T + b1 - mean) / np.sqrt(variance + 1e-5) + beta
    return (np.maximum(h, 0) @ W2.T + b2).argmax(1)


def network(state: list[np.ndarray], dropout: float):
    """Linear, BatchNorm1d, ReLU, Dropout, Linear in float64 with this state."""
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Linear(FEATURES, HIDDEN, dtype=torch.float64),
        nn.BatchNorm1d(HIDDEN, dtype=torch.float64),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(HIDDEN, CLASSES, dtype=torch.float64),
    )
    arrays = {key: torch.from_numpy(array) for key, array in zip(SHAPES, state, strict=True)}
    model.load_state_dict(arrays, strict=False)
    return model


def tensors(xs: list, ys: list) -> list[tuple]:
    """The batches as PyTorch has them."""
    import torch

    return [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in zip(xs, ys, strict=True)]


def statistics(model) -> np.ndarray:
    """Running mean and variance in one row."""
    return np.concatenate([model[1].running_mean.numpy(), model[1].running_var.numpy()])
