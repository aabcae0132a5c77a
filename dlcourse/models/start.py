"""Initial weights as Keras draws them, which the article's listings rely on."""

import numpy as np

from dlcourse.backend import load_state_arrays, state_arrays
from dlcourse.numpy_nn.init import glorot_uniform


def start_as_keras(model, rng=None):
    """Glorot uniform weights and zero biases for a model of Linear and Conv2d layers; returns ``model``.

    Drawn in float64 in the order of ``state_dict``, so both backends start from the same numbers. (PyTorch
    itself starts from U(±1/√fan_in), biases included.)
    """
    rng = np.random.default_rng(rng)
    load_state_arrays(
        model,
        {
            name: glorot_uniform(rng, a.shape, np.float64).astype(a.dtype) if a.ndim > 1 else np.zeros_like(a)
            for name, a in state_arrays(model).items()
        },
    )
    return model
