"""Neural network layers written from their formulas in NumPy, forward and backward."""

from dlcourse.numpy_nn.linear import Linear
from dlcourse.numpy_nn.module import Buffer, Module, Parameter, Sequential
from dlcourse.numpy_nn.optim import SGD, Adam, AdamW, clip_grad_norm_
from dlcourse.numpy_nn.schedule import constant, cosine, one_cycle, warmup_rsqrt

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Buffer",
    "Linear",
    "Module",
    "Parameter",
    "Sequential",
    "clip_grad_norm_",
    "constant",
    "cosine",
    "one_cycle",
    "warmup_rsqrt",
]
