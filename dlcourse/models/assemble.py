"""One definition for two backends, where layers do not simply stand in a row.

The forward pass of such a model is written once and runs on arrays and tensors alike. PyTorch derives the
backward pass from it; for numpy_nn it is written out beside it, in a class of its own.
"""

import contextlib

from dlcourse.backend import is_torch


def assemble(nn, forward: type, backward: type, **arguments):
    """A module of ``nn`` with the layers and ``forward`` of one class and, for numpy_nn, the ``backward``
    of the other."""
    written_out = hasattr(nn.Module, "backward")
    bases = (backward, forward, nn.Module) if written_out else (forward, nn.Module)
    return type(forward.__name__, bases, {"__doc__": forward.__doc__})(nn, **arguments)


def graphless(model):
    """A context in which PyTorch records nothing for a backward pass."""
    if not is_torch(model):
        return contextlib.nullcontext()
    import torch

    return torch.no_grad()


def weights_like(y, kept):
    """The booleans ``kept`` as numbers of the dtype of y, in either backend."""
    return kept.astype(y.dtype) if hasattr(kept, "astype") else kept.to(y.dtype)


def weighted_sum(y, w):
    """s = Σ_t w_t y_t: y (B, T, H), w (B, T) -> (B, H)."""
    return (y * w[:, :, None]).sum(1)


def weighted_sum_backward(ds, w):
    """dy_t = w_t ds: ds (B, H), w (B, T) -> (B, T, H)."""
    return ds[:, None] * w[:, :, None]
