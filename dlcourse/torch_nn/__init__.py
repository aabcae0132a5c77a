"""The layers of ``numpy_nn`` under the same names and arguments, on ``torch.nn``."""

from torch.nn import AvgPool2d, Flatten, MaxPool2d, ReLU, Sequential

from dlcourse.numpy_nn.schedule import constant, cosine, one_cycle, warmup_rsqrt
from dlcourse.torch_nn.conv import Conv2d
from dlcourse.torch_nn.linear import Linear
from dlcourse.torch_nn.loss import CrossEntropyLoss
from dlcourse.torch_nn.optim import SGD, Adam, AdamW, clip_grad_norm_

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "AvgPool2d",
    "Conv2d",
    "CrossEntropyLoss",
    "Flatten",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "Sequential",
    "clip_grad_norm_",
    "constant",
    "cosine",
    "one_cycle",
    "warmup_rsqrt",
]
