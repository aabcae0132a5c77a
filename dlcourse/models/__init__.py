"""Blueprints: each model is written once, as a function of the backend ``nn``.

``cnn(dlcourse.numpy_nn)`` and ``cnn(dlcourse.torch_nn)`` have the same layers, names, shapes and, for
the same ``rng``, the same initial weights.
"""

from dlcourse.models.cnn import cnn
from dlcourse.models.mlp import mlp

__all__ = ["cnn", "mlp"]
