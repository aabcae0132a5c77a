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
TOLERANCE_FLOAT32 = 2e-5  # the same in float32: 7 digits, of which a sum over 28,000 pixels loses two


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


def map_arrays(function, value):
    """``function`` of every array in nested tuples; None stays None."""
    if isinstance(value, tuple):
        return tuple(map_arrays(function, v) for v in value)
    return None if value is None else function(value)


def leaves(name: str, value) -> dict:
    """The arrays in nested tuples by name: ``output 0``, ``output 1 0``, ``output 1 1``."""
    if isinstance(value, tuple):
        return {k: leaf for i, v in enumerate(value) for k, leaf in leaves(f"{name} {i}", v).items()}
    return {} if value is None else {name: value}


def _differentiable(x) -> bool:
    return x is None or isinstance(x, tuple) or np.asarray(x).dtype.kind == "f"


def _cast(dtype):
    """For ``map_arrays``: floating-point arrays become ``dtype``, the others stay."""
    return lambda x: x.astype(dtype) if np.asarray(x).dtype.kind == "f" else x


def run_numpy(case: Case, state: dict, seed: int, dtype=np.float64) -> tuple[dict, tuple]:
    """Outputs and gradients of the NumPy model, and the cotangents that were used."""
    from dlcourse import numpy_nn

    rng = np.random.default_rng(seed)
    inputs, options = map_arrays(_cast(dtype), case.inputs(rng)), case.options(rng)
    model = case.build(numpy_nn, np.random.default_rng(seed)).to(dtype)
    model.load_state_dict(state)
    for p in model.parameters():
        p.grad[...] = 1  # backward has to add to it
    kept = leaves("input", map_arrays(np.copy, inputs))
    outputs = _as_tuple(model(*inputs, **options))
    cotangents = map_arrays(lambda y: rng.standard_normal(np.shape(y)).astype(dtype), outputs)
    input_grads = _as_tuple(model.backward(*cotangents))
    found = leaves("output", map_arrays(np.asarray, outputs))
    places = [i for i, x in enumerate(inputs) if _differentiable(x)]
    for i, g in zip(places, input_grads, strict=True) if places else ():
        found |= leaves(f"d input {i}", None if inputs[i] is None else g)
    learned = dict(model.named_parameters())
    found |= {f"d {name}": p.grad - 1 for name, p in learned.items()}
    found |= {f"new {name}": v for name, v in model.state_dict().items() if name not in learned}
    for name, after in leaves("input", inputs).items():
        if not np.array_equal(kept[name], after):
            raise AssertionError(f"{case.name}: the layer changed its {name}")
    return found, cotangents


def run_torch(case: Case, state: dict, cotangents: tuple, seed: int, dtype=np.float64) -> dict:
    """The same through torch_nn and autograd."""
    import torch

    from dlcourse import torch_nn

    rng = np.random.default_rng(seed)
    inputs, options = map_arrays(_cast(dtype), case.inputs(rng)), case.options(rng)
    model = case.build(torch_nn, np.random.default_rng(seed)).to(getattr(torch, np.dtype(dtype).name))
    model.load_state_dict({k: torch.as_tensor(v) for k, v in state.items()})
    tensors = map_arrays(torch.tensor, inputs)
    floats = {name: x for name, x in leaves("d input", tensors).items() if x.is_floating_point()}
    for x in floats.values():
        x.requires_grad_()
    options = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    outputs = leaves("output", _as_tuple(model(*tensors, **options)))
    given = leaves("output", cotangents)
    torch.autograd.backward(
        list(outputs.values()), [torch.as_tensor(given[n]).reshape(y.shape) for n, y in outputs.items()]
    )
    found = {name: y.detach().numpy() for name, y in outputs.items()}
    found |= {name: x.grad.numpy() for name, x in floats.items()}
    learned = dict(model.named_parameters())
    found |= {f"d {name}": p.grad.numpy() for name, p in learned.items()}
    found |= {f"new {name}": v.numpy() for name, v in model.state_dict().items() if name not in learned}
    return found


def compare(case: Case, seed: int = 0, dtype=np.float64) -> dict[str, float]:
    """Relative error of each output and gradient, NumPy against PyTorch, both in ``dtype``.

    Raises ``AssertionError`` if one backend has a quantity that the other lacks, or in another dtype.
    """
    from dlcourse import numpy_nn

    state = random_state(case.build(numpy_nn, np.random.default_rng(seed)), np.random.default_rng(seed + 1))
    found, cotangents = run_numpy(case, state, seed, dtype)
    expected = run_torch(case, state, cotangents, seed, dtype)
    if found.keys() != expected.keys():
        raise AssertionError(
            f"{case.name}: {sorted(found.keys() ^ expected.keys())} exist in one backend only"
        )
    for name, a in found.items():
        if a.ndim and a.dtype.kind == "f" and a.dtype != dtype:  # a loss is a Python float
            raise AssertionError(f"{case.name}: {name} has dtype {a.dtype}, expected {np.dtype(dtype)}")
    return {name: relative_error(found[name], expected[name]) for name in expected}
