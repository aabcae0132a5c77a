"""One layer, two backends, one question: do all outputs and all gradients agree?

A case builds the same model with ``numpy_nn`` and ``torch_nn`` from one function. Both get the same random
state (every parameter non-zero, biases included), the same inputs and a random cotangent for every output;
compared are the outputs, the gradient of every floating-point input and of every parameter, and the buffers
after the call (running means). A cotangent of ones would hide errors (the rows of a softmax sum to one), zero
biases hide exchanged gates.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

TOLERANCE = 1e-10  # float64, relative to the largest value compared (at least 1)


@dataclass(frozen=True)
class Case:
    """``build(nn, rng)`` makes the model out of the backend ``nn``; ``inputs(rng)`` its float64 (or
    integer) inputs, where a tuple is one input of several arrays (the state of an LSTM) and None one
    that is left out; ``options(rng)`` keyword arguments of the call, masks for example."""

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


def _map(function, value):
    """``function`` of every array in nested tuples; None stays None."""
    if isinstance(value, tuple):
        return tuple(_map(function, v) for v in value)
    return None if value is None else function(value)


def _leaves(name: str, value) -> dict:
    """The arrays in nested tuples by name: ``output 0``, ``output 1 0``, ``output 1 1``."""
    if isinstance(value, tuple):
        return {k: leaf for i, v in enumerate(value) for k, leaf in _leaves(f"{name} {i}", v).items()}
    return {} if value is None else {name: value}


def _differentiable(x) -> bool:
    return x is None or isinstance(x, tuple) or np.asarray(x).dtype.kind == "f"


def run_numpy(case: Case, state: dict, seed: int) -> tuple[dict, tuple]:
    """Outputs and gradients of the NumPy model, and the cotangents that were used."""
    from dlcourse import numpy_nn

    rng = np.random.default_rng(seed)
    inputs, options = case.inputs(rng), case.options(rng)
    model = case.build(numpy_nn, np.random.default_rng(seed)).to(np.float64)
    model.load_state_dict(state)
    model.zero_grad()
    kept = _leaves("input", _map(np.copy, inputs))
    outputs = _as_tuple(model(*inputs, **options))
    cotangents = _map(lambda y: rng.standard_normal(np.shape(y)), outputs)
    input_grads = _as_tuple(model.backward(*cotangents))
    found = _leaves("output", _map(np.asarray, outputs))
    places = [i for i, x in enumerate(inputs) if _differentiable(x)]
    for i, g in zip(places, input_grads, strict=True) if places else ():
        found |= _leaves(f"d input {i}", None if inputs[i] is None else g)
    learned = dict(model.named_parameters())
    found |= {f"d {name}": p.grad for name, p in learned.items()}
    found |= {f"new {name}": v for name, v in model.state_dict().items() if name not in learned}
    for name, after in _leaves("input", inputs).items():
        if not np.array_equal(kept[name], after):
            raise AssertionError(f"{case.name}: the layer changed its {name}")
    return found, cotangents


def run_torch(case: Case, state: dict, cotangents: tuple, seed: int) -> dict:
    """The same through torch_nn and autograd."""
    import torch

    from dlcourse import torch_nn

    rng = np.random.default_rng(seed)
    inputs, options = case.inputs(rng), case.options(rng)
    model = case.build(torch_nn, np.random.default_rng(seed)).double()
    model.load_state_dict({k: torch.as_tensor(v) for k, v in state.items()})
    tensors = _map(torch.tensor, inputs)
    floats = {name: x for name, x in _leaves("d input", tensors).items() if x.is_floating_point()}
    for x in floats.values():
        x.requires_grad_()
    options = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    outputs = _leaves("output", _as_tuple(model(*tensors, **options)))
    given = _leaves("output", cotangents)
    torch.autograd.backward(
        list(outputs.values()), [torch.as_tensor(given[n]).reshape(y.shape) for n, y in outputs.items()]
    )
    found = {name: y.detach().numpy() for name, y in outputs.items()}
    found |= {name: x.grad.numpy() for name, x in floats.items()}
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
