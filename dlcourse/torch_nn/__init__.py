"""The layers of ``numpy_nn`` under the same names and arguments, on ``torch.nn``."""

from torch.nn import (
    GELU,
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Flatten,
    LayerNorm,
    LogSoftmax,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)

from dlcourse.numpy_nn.kv_cache import KVCache
from dlcourse.numpy_nn.schedule import constant, cosine, one_cycle, warmup_rsqrt
from dlcourse.torch_nn.conv import Conv2d
from dlcourse.torch_nn.dropout import Dropout, VariationalDropout
from dlcourse.torch_nn.embedding import Embedding
from dlcourse.torch_nn.linear import Linear
from dlcourse.torch_nn.loss import CrossEntropyLoss
from dlcourse.torch_nn.multihead import MultiheadAttention
from dlcourse.torch_nn.optim import SGD, Adam, AdamW, clip_grad_norm_
from dlcourse.torch_nn.positional import PositionalEmbedding, PositionalEncoding
from dlcourse.torch_nn.recurrent import GRU, LSTM, RNN
from dlcourse.torch_nn.transformer import (
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Adam",
    "AdamW",
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "KVCache",
    "LayerNorm",
    "Linear",
    "LogSoftmax",
    "MaxPool2d",
    "Module",
    "MultiheadAttention",
    "PositionalEmbedding",
    "PositionalEncoding",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "VariationalDropout",
    "clip_grad_norm_",
    "constant",
    "cosine",
    "one_cycle",
    "warmup_rsqrt",
]
