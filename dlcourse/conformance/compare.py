"""One layer, two backends, one question: do all outputs and all gradients agree?

A case builds the same model with ``numpy_nn`` and ``torch_nn`` from one function. Both get the same
random state (every parameter non-zero, biases included), the same inputs and a random cotangent for
every output; compared are the outputs, the gradient of every floating-point input and of every
parameter, and the buffers after the call (running means). A cotangent of ones would hide errors (the rows of a softmax sum to one), zero biases hide
exchanged gates.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

TOLERANCE = 1e-10  # float64, relative to the largest value compared (at least 1)


@dataclass(frozen=True)
class Case:
    """``build(nn, rng)`` makes the model out of the backend ``nn``; ``inputs(rng)`` its float64 (or
    integer) inputs; ``options(rng)`` keyword arguments of the call, masks for example."""

    name: str
    build: Callable
    inputs: Callable[[np.random.Generator], tuple]
    options: Callable[[np.random.Generator], dict] = field(default=lambda rng: {})

    def __str__(self) -> str:
        return self.name


def relative_error(got: np.ndarray, expected: np.ndarray) -> float:
    """max |got - expected| / max(1, max |expected|); infinite where shapes differ or got is not finite."""
    if np.shape(got) != np.shape(expected) or not np.isfinite(got).all():
        return float("inf")
    if np.size(expected) == 0:
        return 0.0
    return float(np.abs(got - expected).max() / max(1.0, np.abs(expected).max()))


def random_state(model, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A state for ``model`` (either backend) in which no parameter is zero and no variance negative."""
    state = {}
    for name, value in model.state_dict().items():
        size = rng.uniform(0.2, 0.8, tuple(value.shape))
        sign = rng.choice([-1.0, 1.0], size.shape)
        state[name] = size if name.endswith("running_var") else size * sign
    return state


def _as_tuple(value) -> tuple:
    return value if isinstance(value, tuple) else (value,)


def run_numpy(case: Case, state: dict, seed: int) -> tuple[dict, list]:
    """Outputs and gradients of the NumPy model, and the cotangents that were used."""
    from dlcourse import numpy_nn

    rng = np.random.default_rng(seed)
    inputs, options = case.inputs(rng), case.options(rng)
    model = case.build(numpy_nn, np.random.default_rng(seed)).to(np.float64)
    model.load_state_dict(state)
    model.zero_grad()
    kept = [np.copy(x) for x in inputs]
    outputs = _as_tuple(model(*inputs, **options))
    cotangents = [rng.standard_normal(np.shape(y)) for y in outputs]
    input_grads = _as_tuple(model.backward(*cotangents))
    found = {f"output {i}": np.asarray(y) for i, y in enumerate(outputs)}
    floats = [i for i, x in enumerate(inputs) if np.asarray(x).dtype.kind == "f"]
    found |= {f"d input {i}": g for i, g in zip(floats, input_grads, strict=True)} if floats else {}
    learned = dict(model.named_parameters())
    found |= {f"d {name}": p.grad for name, p in learned.items()}
    found |= {f"new {name}": v for name, v in model.state_dict().items() if name not in learned}
    for i, (before, after) in enumerate(zip(kept, inputs, strict=True)):
        if not np.array_equal(before, after):
            raise AssertionError(f"{case.name}: the layer changed its input {i}")
    return found, cotangents


def run_torch(case: Case, state: dict, cotangents: list, seed: int) -> dict:
    """The same through torch_nn and autograd."""
    import torch

    from dlcourse import torch_nn

    rng = np.random.default_rng(seed)
    inputs, options = case.inputs(rng), case.options(rng)
    model = case.build(torch_nn, np.random.default_rng(seed)).double()
    model.load_state_dict({k: torch.as_tensor(v) for k, v in state.items()})
    tensors = [torch.tensor(x) for x in inputs]
    for x in tensors:
        if x.is_floating_point():
            x.requires_grad_()
    options = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    outputs = _as_tuple(model(*tensors, **options))
    torch.autograd.backward(
        list(outputs), [torch.as_tensor(c).reshape(y.shape) for c, y in zip(cotangents, outputs, strict=True)]
    )
    found = {f"output {i}": y.detach().numpy() for i, y in enumerate(outputs)}
    found |= {f"d input {i}": x.grad.numpy() for i, x in enumerate(tensors) if x.requires_grad}
    learned = dict(model.named_parameters())
    found |= {f"d {name}": p.grad.numpy() for name, p in learned.items()}
    found |= {f"new {name}": v.numpy() for name, v in model.state_dict().items() if name not in learned}
    return found


def compare(case: Case, seed: int = 0) -> dict[str, float]:
    """Relative error of each output and gradient, NumPy against PyTorch, in float64."""
    from dlcourse import numpy_nn

    state = random_state(case.build(numpy_nn, np.random.default_rng(seed)), np.random.default_rng(seed + 1))
    found, cotangents = run_numpy(case, state, seed)
    expected = run_torch(case, state, cotangents, seed)
    if found.keys() != expected.keys():
        raise AssertionError(
            f"{case.name}: {sorted(found.keys() ^ expected.keys())} exist in one backend only"
        )
    return {name: relative_error(found[name], expected[name]) for name in expected}
