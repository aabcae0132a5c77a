"""The right runner for a model, and the seeds of its layers."""

import numpy as np

from dlcourse.backend import is_torch
from dlcourse.training.numpy_runner import NumpyRunner


def make_runner(model, loss, device: str | None, autocast: bool = False):
    """A ``NumpyRunner`` or a ``TorchRunner``; torch is imported only for a torch module."""
    if not is_torch(model):
        return NumpyRunner(model, loss, device, autocast)
    from dlcourse.training.torch_runner import TorchRunner

    return TorchRunner(model, loss, device, autocast)


def reseed(runner, seed: int, epoch: int) -> None:
    """Give all randomness inside the model (dropout) a fresh start that depends on seed and epoch alone.

    Therefore a run that goes on from a checkpoint draws the same masks as an unbroken one.
    """
    runner.seed([seed, epoch])
    for i, module in enumerate(runner.model.modules()):
        generators = [name for name, value in vars(module).items() if isinstance(value, np.random.Generator)]
        for j, name in enumerate(generators):
            setattr(module, name, np.random.default_rng([seed, epoch, i, j]))
