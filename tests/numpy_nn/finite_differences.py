"""Gradients by finite differences: the oracle that needs no other library."""

import numpy as np


def check_gradients(layer, *inputs, h: float = 1e-6, tolerance: float = 1e-7) -> None:
    """Compare ``layer.backward`` with (L(v + h) - L(v - h)) / 2h, L = Σ cotangent · output, for every number
    of every float64 input and every parameter of a layer with one output."""
    rng = np.random.default_rng(0)
    layer.to(np.float64)
    for p in layer.parameters():
        p.data[...] = rng.uniform(0.2, 0.8, p.shape) * rng.choice([-1.0, 1.0], p.shape)
    cotangent = rng.standard_normal(np.shape(layer(*inputs)))

    layer.zero_grad()
    layer(*inputs)
    found = layer.backward(cotangent)
    found = list(found) if isinstance(found, tuple) else [found]
    arrays = [x for x in inputs if x.dtype == np.float64]
    if not arrays:
        found = []
    arrays += [p.data for p in layer.parameters()]
    found += [p.grad.copy() for p in layer.parameters()]
    for array, gradient in zip(arrays, found, strict=True):
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + h
            above = np.sum(cotangent * layer(*inputs))
            array[index] = kept - h
            below = np.sum(cotangent * layer(*inputs))
            array[index] = kept
            np.testing.assert_allclose(
                gradient[index], (above - below) / (2 * h), rtol=tolerance, atol=tolerance
            )
