"""Blueprints: each model is written once, as a function of the backend ``nn``.

``cnn(dlcourse.numpy_nn)`` and ``cnn(dlcourse.torch_nn)`` have the same layers, names, shapes and, for
the same ``rng``, the same initial weights.
"""

from dlcourse.models.cnn import cnn
from dlcourse.models.mlp import mlp
from dlcourse.models.reading import advance
from dlcourse.models.recurrent_lm import gru_language_model, lstm_language_model, rnn_language_model
from dlcourse.models.seq2seq import seq2seq, translate
from dlcourse.models.text_classifier import text_classifier
from dlcourse.models.transformer_lm import transformer_language_model
from dlcourse.models.vision_transformer import vision_transformer

__all__ = [
    "advance",
    "cnn",
    "gru_language_model",
    "lstm_language_model",
    "mlp",
    "rnn_language_model",
    "seq2seq",
    "text_classifier",
    "transformer_language_model",
    "translate",
    "vision_transformer",
]
