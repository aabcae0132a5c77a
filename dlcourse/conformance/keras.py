"""Weights of Keras layers in the layout of ``torch.nn``, which is the one of both backends.

Nothing here needs Keras: the functions take the arrays that ``layer.get_weights()`` returns. All of them
only move numbers around, so they also carry index arrays, and arrays in which unknown numbers are NaN.
"""

import numpy as np


def conv2d(kernel, bias) -> dict[str, np.ndarray]:
    """Conv2D: kernel (P, Q, C, O) -> weight (O, C, P, Q)."""
    return {"weight": kernel.transpose(3, 2, 0, 1), "bias": bias}


def dense(kernel, bias) -> dict[str, np.ndarray]:
    """Dense: kernel (in, out) -> weight (out, in)."""
    return {"weight": kernel.T, "bias": bias}


def dense_after_flatten(kernel, bias, image: tuple[int, int, int]) -> dict[str, np.ndarray]:
    """Dense behind a Flatten of ``image`` (H, W, C): Keras flattens in this order, PyTorch in C, H, W.

    With H = W = 1, as in the article's network at 28×28, both orders are the same.
    """
    H, W, C = image
    if len(kernel) != H * W * C:
        raise ValueError(f"dense_after_flatten: the kernel has {len(kernel)} rows, expected {H}·{W}·{C}")
    return dense(kernel.reshape(H, W, C, -1).transpose(2, 0, 1, 3).reshape(len(kernel), -1), bias)


def embedding(embeddings) -> dict[str, np.ndarray]:
    """Embedding: the same (V, D)."""
    return {"weight": embeddings}


def gru(kernel, recurrent, bias) -> dict[str, np.ndarray]:
    """GRU(reset_after=True): kernel (I, 3H), recurrent (H, 3H), bias (2, 3H), with the gates z, r, h
    side by side -> weight_ih (3H, I), weight_hh (3H, H), two biases (3H,), with r, z, n one below the other.

    The rows of the bias are those of the input and of the recurrent product. The second may not be added to
    the first: the reset gate multiplies its part of h.
    """
    if bias.ndim != 2:
        raise ValueError(
            f"gru: the bias has shape {bias.shape}, expected (2, 3H); with reset_after=False Keras has one "
            "row, and a unit that torch.nn.GRU does not compute"
        )

    def rzn(v):  # (..., 3H) -> (3H, ...)
        z, r, h = np.split(v, 3, axis=-1)
        return np.concatenate([r, z, h], axis=-1).T

    return {
        "weight_ih_l0": rzn(kernel),
        "weight_hh_l0": rzn(recurrent),
        "bias_ih_l0": rzn(bias[0]),
        "bias_hh_l0": rzn(bias[1]),
    }


def multi_head_attention(query, query_b, key, key_b, value, value_b, output, output_b):
    """MultiHeadAttention with key_dim = E/h: query, key, value (E, h, d) with biases (h, d), output (h, d, E)
    with bias (E,) -> in_proj_weight (3E, E), in_proj_bias (3E,), out_proj.weight (E, E), out_proj.bias (E,).

    (A mask has the meaning of this package: True = may look.)
    """
    E = len(query)
    return {
        "in_proj_weight": np.concatenate([w.reshape(E, -1).T for w in (query, key, value)]),
        "in_proj_bias": np.concatenate([b.reshape(-1) for b in (query_b, key_b, value_b)]),
        "out_proj.weight": output.reshape(-1, output.shape[-1]).T,
        "out_proj.bias": output_b,
    }


def layer_norm(gamma, beta) -> dict[str, np.ndarray]:
    """LayerNormalization: γ and β. (ε is 1e-3 in Keras, 1e-5 in PyTorch.)"""
    return {"weight": gamma, "bias": beta}


def prefixed(**layers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One state of several layers: ``prefixed(embedding={"weight": w})`` is {"embedding.weight": w}."""
    return {f"{layer}.{name}": a for layer, state in layers.items() for name, a in state.items()}
