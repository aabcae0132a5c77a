"""Initial weights as Keras draws them, which the article's listings rely on."""

import numpy as np

from dlcourse.backend import load_state_arrays, named_modules, state_arrays
from dlcourse.numpy_nn.init import glorot_uniform, orthogonal

DRAWN = ("Linear", "Conv2d", "Embedding", "RNN", "LSTM", "GRU")
NORMALISATION = ("LayerNorm", "BatchNorm1d", "BatchNorm2d")


def start_as_keras(model, rng=None):
    """Start the Linear, Conv2d, Embedding and recurrent layers of ``model`` as Keras does; returns ``model``.

    Weights: Glorot uniform; embeddings: U(±0.05); recurrent matrices: orthogonal over all gates together;
    biases: 0, but 1 for the forget gate of an LSTM (Jozefowicz et al. 2015); the weights of a normalisation:
    1. Running statistics stay. Drawn in float64 in the order of ``state_dict``, so both backends start from
    the same numbers. (PyTorch itself starts from U(±1/√fan_in), biases included, and embeddings from
    N(0, 1).) Raises ``ValueError`` for parameters of any other layer; then nothing is changed.
    """
    rng = np.random.default_rng(rng)
    modules = dict(named_modules(model))
    arrays = state_arrays(model)
    for name, _ in model.named_parameters():
        layer = type(modules[name.rpartition(".")[0]]).__name__
        if layer not in DRAWN + NORMALISATION:
            raise ValueError(
                f"start_as_keras: {name} belongs to a {layer}, expected only "
                f"{', '.join(DRAWN + NORMALISATION)}; start a model with other layers as its backend does"
            )
        arrays[name] = _start(layer, name, arrays[name], rng)
    load_state_arrays(model, arrays)
    return model


def _start(layer: str, name: str, a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if layer in NORMALISATION:
        return np.full_like(a, name.endswith("weight"))
    if a.ndim == 1:
        bias = np.zeros_like(a)
        if layer == "LSTM" and "bias_ih" in name:
            hidden = len(a) // 4  # gates i, f, g, o
            bias[hidden : 2 * hidden] = 1
        return bias
    if layer == "Embedding":
        drawn = rng.uniform(-0.05, 0.05, a.shape)
    elif "weight_hh" in name:
        drawn = orthogonal(rng, a.shape, dtype=np.float64)
    else:
        drawn = glorot_uniform(rng, a.shape, np.float64)
    return drawn.astype(a.dtype)
