"""The second oracle: finite differences, which need nothing but the forward pass.

A gradient is checked number by number: (L(v + h) - L(v - h)) / 2h with L = Σ cotangent · output, in float64,
at random places of every floating-point input and of every parameter.
"""

import copy
from dataclasses import replace

import numpy as np

from dlcourse.conformance.compare import Case, leaves, map_arrays, random_state, run_numpy

STEP = 1e-5
TOLERANCE = 1e-6  # relative to the largest number of the gradient, at least 1


def check(case: Case, seed: int = 0, places: int = 3) -> dict[str, float]:
    """Error of each gradient at ``places`` random numbers, relative to the largest number of the gradient.

    Inputs are nudged by up to 0.01, away from the kinks of ReLU and the ties of pooling, where no
    derivative exists (what a layer returns there, the comparison with PyTorch shows). The padding row of an
    embedding is left out: its gradient is 0 by definition, not by calculus.
    """
    from dlcourse import numpy_nn

    case = replace(case, inputs=_nudged(case.inputs, seed))
    state = random_state(case.build(numpy_nn, np.random.default_rng(seed)), np.random.default_rng(seed + 1))
    found, cotangents = run_numpy(case, state, seed)
    cotangents = leaves("output", cotangents)

    rng = np.random.default_rng(seed)
    inputs, options = case.inputs(rng), case.options(rng)
    model = case.build(numpy_nn, np.random.default_rng(seed)).to(np.float64)
    model.load_state_dict(state)

    def outputs() -> dict[str, np.ndarray]:
        # A copy each time: the same dropout masks, the same running means.
        y = copy.deepcopy(model)(*inputs, **options)
        return leaves("output", map_arrays(np.array, y if isinstance(y, tuple) else (y,)))

    def slope(v: np.ndarray, place: tuple[int, ...]) -> float:
        kept = v[place]
        v[place] = kept + STEP
        above = outputs()
        v[place] = kept - STEP
        below = outputs()
        v[place] = kept
        # Subtracting number by number loses fewer digits than subtracting two large sums.
        return sum(float(np.sum(c * (above[n] - below[n]))) for n, c in cotangents.items()) / (2 * STEP)

    arrays = {name: v for name, v in leaves("d input", inputs).items() if v.dtype.kind == "f"}
    arrays |= {f"d {name}": p.data for name, p in model.named_parameters()}
    padding = {id(m.weight.data): m.padding_idx for m in model.modules() if hasattr(m, "padding_idx")}
    draw, errors = np.random.default_rng(seed + 2), {}
    for name, v in arrays.items():
        gradient = found[name]
        scale = max(1.0, float(np.abs(gradient).max()))
        drawn = [tuple(int(i) for i in draw.integers(v.shape)) for _ in range(places)]
        drawn = [place for place in drawn if place[0] != padding.get(id(v))]
        errors[name] = max((abs(gradient[p] - slope(v, p)) / scale for p in drawn), default=0.0)
    return errors


def _nudged(inputs, seed: int):
    def draw(rng) -> tuple:
        own = np.random.default_rng(seed + 3)

        def nudge(x):
            return x + own.uniform(-0.01, 0.01, x.shape) if x.dtype.kind == "f" else x

        return map_arrays(nudge, inputs(rng))

    return draw
