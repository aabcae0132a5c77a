"""Attention maps: which positions the heads of a model look at."""

import numpy as np

from dlcourse.backend import predict, recording, to_model, to_numpy


def attention_maps(model, *inputs, **options) -> dict[str, np.ndarray]:
    """P = softmax(Q Kᵀ / √d + M)  (eq-attention-weights) of every MultiheadAttention in ``model``.

    Runs ``model(*inputs, **options)`` in evaluation mode (either backend; no cache) and returns, by the
    dotted name of the layer in the order of the calls, weights (B, h, T, S). A row sums to 1, or to 0
    where the query may see nothing.

    A weight says how much of a value vector arrives, not how much it matters: other weights can give the
    same prediction (Jain and Wallace 2019; Wiegreffe and Pinter 2019).
    Raises ``ValueError`` if the model has no attention. Vaswani et al. 2017, appendix.
    """
    with recording(model, lambda module: hasattr(module, "attention_weights")) as calls:
        predict(model, *inputs, **options)
    if not calls:
        raise ValueError(
            f"attention_maps: {type(model).__name__} called no MultiheadAttention, expected a transformer"
        )
    return {call.name: _weights(call) for call in calls}


def _weights(call) -> np.ndarray:
    given = call.arguments()
    query, key, mask = (to_model(call.module, given.get(name)) for name in ("query", "key", "mask"))
    return to_numpy(call.module.attention_weights(query, key, mask, given.get("causal", False)))
