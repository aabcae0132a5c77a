"""Module, Parameter, Sequential: the small frame that every layer of ``numpy_nn`` hangs in.

A layer is a pair of pure functions on arrays and a thin ``Module`` around them. ``forward`` keeps
what the backward pass needs; ``backward(dy)`` takes the gradient of the loss with respect to the
output, adds to ``grad`` of each parameter, and returns the gradient with respect to the input.
"""

from collections.abc import Iterator

import numpy as np


class Parameter:
    """A learned array ``data`` and its accumulated gradient ``grad`` (same shape, starts at zero)."""

    def __init__(self, data: np.ndarray):
        self.data = data
        self.grad = np.zeros_like(data)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def size(self) -> int:
        return self.data.size

    def __repr__(self) -> str:
        return f"Parameter(shape={self.shape}, dtype={self.data.dtype})"


class Buffer:
    """An array that belongs to the state of a layer but is not learned (a running mean, say)."""

    def __init__(self, data: np.ndarray):
        self.data = data


class Module:
    """Base class with the names of ``torch.nn.Module``, plus an explicit ``backward``."""

    training = True

    def forward(self, x):
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy):
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def backward_parameters(self, *cotangents) -> None:
        """``backward`` for a model whose input is data: only the gradients of the parameters are wanted.

        A layer that can spare work without the gradient of its input overrides this.
        """
        self.backward(*cotangents)

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def modules(self) -> Iterator["Module"]:
        yield self
        for _, child in self.named_children():
            yield from child.modules()

    def _named_state(self, kind: type, prefix: str = ""):
        for name, value in vars(self).items():
            if isinstance(value, kind):
                yield prefix + name, value
        for name, child in self.named_children():
            yield from child._named_state(kind, f"{prefix}{name}.")

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Pairs (dotted name, parameter); the names are those of the same model in PyTorch."""
        return self._named_state(Parameter)

    def parameters(self) -> list[Parameter]:
        return [p for _, p in self.named_parameters()]

    def zero_grad(self) -> None:
        for p in self.parameters():
            p.grad[...] = 0

    def state_dict(self) -> dict[str, np.ndarray]:
        """Copies of all parameters and buffers by dotted name."""
        return {name: p.data.copy() for name, p in self._named_state((Parameter, Buffer))}

    def load_state_dict(self, state: dict) -> None:
        """Copy ``state`` (NumPy arrays or PyTorch tensors) into this model, keeping its dtype.

        Raises ``ValueError`` that lists missing, unexpected and misshapen entries; then nothing is
        changed.
        """
        own = dict(self._named_state((Parameter, Buffer)))
        arrays = {name: _as_array(value) for name, value in state.items()}
        problems = [f"missing: {name}" for name in own if name not in arrays]
        problems += [f"unexpected: {name}" for name in arrays if name not in own]
        problems += [
            f"{name} has shape {arrays[name].shape}, expected {own[name].data.shape}"
            for name in own
            if name in arrays and arrays[name].shape != own[name].data.shape
        ]
        if problems:
            raise ValueError(f"{type(self).__name__}.load_state_dict: " + "; ".join(problems))
        for name, value in own.items():
            value.data[...] = arrays[name]

    def train(self, mode: bool = True) -> "Module":
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> "Module":
        return self.train(False)

    def to(self, dtype) -> "Module":
        """Convert floating-point parameters, gradients and buffers to ``dtype`` (float32 or float64)."""
        dtype = np.dtype(dtype)
        if dtype not in (np.float32, np.float64):
            raise ValueError(f"{type(self).__name__}.to: dtype {dtype}, expected float32 or float64")
        for _, value in self._named_state((Parameter, Buffer)):
            if value.data.dtype.kind == "f":
                value.data = value.data.astype(dtype)
            if isinstance(value, Parameter):
                value.grad = value.grad.astype(dtype)
        return self


def _as_array(value) -> np.ndarray:
    # A PyTorch tensor is recognised by its methods, so that numpy_nn never imports torch.
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return np.asarray(value)


class Sequential(Module):
    """Layers one after the other: y = f_n(... f_1(x)); the chain rule runs through them backwards."""

    def __init__(self, *layers: Module):
        for i, layer in enumerate(layers):
            setattr(self, str(i), layer)

    @property
    def layers(self) -> list[Module]:
        return [layer for _, layer in self.named_children()]

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Module:
        return self.layers[index]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def backward_parameters(self, dy) -> None:
        first, *others = self.layers
        for layer in reversed(others):
            dy = layer.backward(dy)
        first.backward_parameters(dy)
