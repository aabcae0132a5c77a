"""Neural network layers written from their formulas in NumPy, forward and backward."""

from dlcourse.numpy_nn.activation import GELU, ReLU, Sigmoid, Tanh
from dlcourse.numpy_nn.conv import Conv2d
from dlcourse.numpy_nn.dropout import Dropout, VariationalDropout
from dlcourse.numpy_nn.embedding import Embedding
from dlcourse.numpy_nn.flatten import Flatten
from dlcourse.numpy_nn.gru import GRU
from dlcourse.numpy_nn.kv_cache import KVCache
from dlcourse.numpy_nn.linear import Linear
from dlcourse.numpy_nn.loss import CrossEntropyLoss
from dlcourse.numpy_nn.lstm import LSTM
from dlcourse.numpy_nn.module import Buffer, Module, Parameter, Sequential
from dlcourse.numpy_nn.multihead import MultiheadAttention
from dlcourse.numpy_nn.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from dlcourse.numpy_nn.optim import SGD, Adam, AdamW, clip_grad_norm_
from dlcourse.numpy_nn.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from dlcourse.numpy_nn.positional import PositionalEmbedding, PositionalEncoding
from dlcourse.numpy_nn.rnn import RNN
from dlcourse.numpy_nn.schedule import constant, cosine, one_cycle, warmup_rsqrt
from dlcourse.numpy_nn.softmax import LogSoftmax, Softmax
from dlcourse.numpy_nn.transformer import (
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
    "Buffer",
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
    "Parameter",
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
