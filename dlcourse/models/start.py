"""Initial weights as Keras draws them, which the article's listings rely on."""

import numpy as np

from dlcourse.backend import load_state_arrays, state_arrays
from dlcourse.numpy_nn.init import glorot_uniform, orthogonal


def start_as_keras(model, rng=None):
    """Start the Linear, Conv2d, Embedding and recurrent layers of ``model`` as Keras does; returns ``model``.

    Weights: Glorot uniform; embeddings: U(±0.05); recurrent matrices: orthogonal over all gates together;
    biases: 0, but 1 for the forget gate of an LSTM (Jozefowicz et al. 2015). Drawn in float64 in the order of
    ``state_dict``, so both backends start from the same numbers. (PyTorch itself starts from U(±1/√fan_in),
    biases included, and embeddings from N(0, 1).)
    """
    rng = np.random.default_rng(rng)
    arrays = state_arrays(model)
    load_state_arrays(model, {name: _start(name, a, arrays, rng) for name, a in arrays.items()})
    return model


def _start(name: str, a: np.ndarray, arrays: dict, rng: np.random.Generator) -> np.ndarray:
    if a.ndim == 1:
        bias = np.zeros_like(a)
        if "bias_ih" in name:
            hidden = arrays[name.replace("bias_ih", "weight_hh")].shape[1]
            if len(a) == 4 * hidden:  # an LSTM: gates i, f, g, o
                bias[hidden : 2 * hidden] = 1
        return bias
    if "embedding" in name:
        drawn = rng.uniform(-0.05, 0.05, a.shape)
    elif "weight_hh" in name:
        drawn = orthogonal(rng, a.shape, dtype=np.float64)
    else:
        drawn = glorot_uniform(rng, a.shape, np.float64)
    return drawn.astype(a.dtype)
