"""The one place that knows whether a model is made of ``numpy_nn`` or of PyTorch.

Everything that measures a model (training, decoding, interpretation, counts) speaks to it through
these functions: NumPy arrays go in, NumPy arrays come out, and torch is imported only when the model
is a torch module.
"""

import contextlib
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

BACKENDS = ("numpy", "torch")


def backend(name: str) -> ModuleType:
    """The layers of a backend: ``"numpy"`` is ``dlcourse.numpy_nn``, ``"torch"`` is ``dlcourse.torch_nn``."""
    if name not in BACKENDS:
        raise ValueError(f"backend {name!r} does not exist, expected one of {', '.join(BACKENDS)}")
    try:
        return importlib.import_module(f"dlcourse.{name}_nn")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ModuleNotFoundError(
            "the backend 'torch' needs PyTorch: pip install 'dlcourse[torch]'", name="torch"
        ) from error


def is_torch(model) -> bool:
    """True for a torch module. A layer of ``numpy_nn`` is the one whose class has a ``backward``."""
    if not (hasattr(model, "forward") and hasattr(model, "state_dict")):
        raise TypeError(f"expected a model of numpy_nn or torch_nn, got a {type(model).__name__}")
    return not hasattr(type(model), "backward")


def to_numpy(value):
    """A tensor, array or (nested) tuple of them as NumPy arrays; ``None`` stays ``None``."""
    if isinstance(value, (tuple, list)):
        return tuple(to_numpy(v) for v in value)
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return None if value is None else np.asarray(value)


def model_dtype(model) -> np.dtype:
    """The dtype of the first floating-point parameter (float32 if there is none)."""
    for p in model.parameters():
        name = str(p.dtype).removeprefix("torch.") if is_torch(model) else p.data.dtype.name
        if name.startswith("float"):
            return np.dtype(name)
    return np.dtype(np.float32)


def to_model(model, value):
    """``value`` as the model wants it: floats in its dtype, and for torch a tensor on its device."""
    if isinstance(value, (tuple, list)):
        return tuple(to_model(model, v) for v in value)
    if not isinstance(value, np.ndarray) and not hasattr(value, "detach"):
        return value
    array = to_numpy(value)
    if array.dtype.kind == "f":
        array = array.astype(model_dtype(model), copy=False)
    if not is_torch(model):
        return array
    import torch

    first = next(iter(model.parameters()), None)
    # A copy in C order: PyTorch takes no negative strides, and nothing may change the caller's array.
    tensor = torch.from_numpy(array.copy())
    if first is None or first.device.type != "cuda":
        return tensor if first is None else tensor.to(first.device)
    return tensor.pin_memory().to(first.device, non_blocking=True)  # the host goes on meanwhile


@contextlib.contextmanager
def evaluating(model) -> Iterator[None]:
    """Evaluation mode inside the ``with``; afterwards every module is in the mode in which it was found."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def predict(model, *inputs, **options):
    """The outputs as NumPy arrays, in evaluation mode and without a graph; the mode is restored."""
    inputs = [to_model(model, x) for x in inputs]
    options = {name: to_model(model, value) for name, value in options.items()}
    with evaluating(model):
        if not is_torch(model):
            return model(*inputs, **options)
        import torch

        with torch.no_grad():
            return to_numpy(model(*inputs, **options))


def input_gradient(model, x: np.ndarray, cotangent: Callable) -> tuple[np.ndarray, np.ndarray]:
    """Output y and dx = (∂y/∂x)ᵀ dy with dy = ``cotangent(y)``, in evaluation mode.

    x is floating point; y, dy and dx are NumPy arrays. The gradients of the parameters stay as they were.
    """
    x = to_model(model, x)
    with evaluating(model):
        if is_torch(model):
            import torch

            x = x.requires_grad_()
            # cuDNN refuses the backward pass of a recurrent layer in evaluation mode.
            with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
                y = model(x)
                dy = torch.tensor(cotangent(to_numpy(y)), dtype=y.dtype, device=y.device)
                (dx,) = torch.autograd.grad(y, x, dy)
            return to_numpy(y), to_numpy(dx)
        kept = [p.grad.copy() for p in model.parameters()]
        y = model(x)
        dx = model.backward(np.asarray(cotangent(y), y.dtype))
        for p, grad in zip(model.parameters(), kept, strict=True):
            p.grad[...] = grad
        return y, dx


def state_arrays(model) -> dict[str, np.ndarray]:
    """The state of a model of either backend as NumPy arrays by dotted name (copies)."""
    return {name: to_numpy(value).copy() for name, value in model.state_dict().items()}


def load_state_arrays(model, state: dict) -> None:
    """Copy NumPy arrays into a model of either backend; ``ValueError`` if names or shapes do not fit."""
    if not is_torch(model):
        return model.load_state_dict(state)
    import torch

    try:
        model.load_state_dict({name: torch.as_tensor(np.asarray(v)) for name, v in state.items()})
    except RuntimeError as error:
        raise ValueError(str(error)) from error


@dataclass
class Call:
    """One call of a module that was seen by ``recording``."""

    name: str
    module: object
    inputs: tuple
    options: dict = field(default_factory=dict)
    output: object = None

    def arguments(self) -> dict[str, object]:
        """Inputs and options by the names that they have in the module's ``forward``."""
        return inspect.signature(self.module.forward).bind(*self.inputs, **self.options).arguments


@contextlib.contextmanager
def recording(model, wanted: Callable[[object], bool]) -> Iterator[list[Call]]:
    """A list that fills with the calls of those modules for which ``wanted(module)`` is true, in order.

    Inputs, options and outputs are NumPy arrays. The model is left as it was.
    """
    calls: list[Call] = []
    named = [(name, module) for name, module in named_modules(model) if wanted(module)]
    with contextlib.ExitStack() as undo:
        for name, module in named:
            if is_torch(model):
                hook = _torch_hook(calls, name)
                undo.callback(module.register_forward_hook(hook, with_kwargs=True).remove)
            else:
                module.forward = _recorded(calls, name, module, module.forward)
                undo.callback(vars(module).pop, "forward")
        yield calls


def named_modules(model, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Pairs (dotted name, module), the model itself first with the name ``""``; either backend."""
    yield prefix.removesuffix("."), model
    for name, child in model.named_children():
        yield from named_modules(child, f"{prefix}{name}.")


def _torch_hook(calls: list[Call], name: str):
    def hook(module, inputs, options, output):
        options = {key: _tensors_to_numpy(value) for key, value in options.items()}
        calls.append(Call(name, module, _tensors_to_numpy(inputs), options, _tensors_to_numpy(output)))

    return hook


def _tensors_to_numpy(value):
    # Flags, None and caches among the arguments stay what they are.
    if isinstance(value, tuple):
        return tuple(_tensors_to_numpy(v) for v in value)
    return to_numpy(value) if hasattr(value, "detach") else value


def _recorded(calls: list[Call], name: str, module, forward):
    def wrapper(*inputs, **options):
        output = forward(*inputs, **options)
        calls.append(Call(name, module, inputs, options, output))
        return output

    return wrapper
