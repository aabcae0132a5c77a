"""The layers of ``numpy_nn`` under the same names and arguments, on ``torch.nn``."""

from torch.nn import AvgPool2d, Flatten, MaxPool2d, ReLU, Sequential

from dlcourse.numpy_nn.kv_cache import KVCache
from dlcourse.numpy_nn.schedule import constant, cosine, one_cycle, warmup_rsqrt
from dlcourse.torch_nn.conv import Conv2d
from dlcourse.torch_nn.linear import Linear
from dlcourse.torch_nn.loss import CrossEntropyLoss
from dlcourse.torch_nn.multihead import MultiheadAttention
from dlcourse.torch_nn.optim import SGD, Adam, AdamW, clip_grad_norm_
from dlcourse.torch_nn.positional import PositionalEmbedding, PositionalEncoding

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "AvgPool2d",
    "Conv2d",
    "CrossEntropyLoss",
    "Flatten",
    "KVCache",
    "Linear",
    "MaxPool2d",
    "MultiheadAttention",
    "PositionalEmbedding",
    "PositionalEncoding",
    "ReLU",
    "Sequential",
    "clip_grad_norm_",
    "constant",
    "cosine",
    "one_cycle",
    "warmup_rsqrt",
]
