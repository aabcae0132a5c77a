"""A layer of ``numpy_nn`` beside the same layer of PyTorch: same weights, same input, same cotangent."""

import numpy as np
import torch

from benchmarks.timing import Work
from dlcourse.numpy_nn.windows import channels_first, channels_last

NUMPY, TORCH, TORCH_LAST = "numpy", "torch", "torch channels last"


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    """Normal float32 numbers."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape, np.float32)


def as_images(x: np.ndarray) -> np.ndarray:
    """(N, C, H, W) with the memory laid out as the layers of ``numpy_nn`` hand images on."""
    return channels_first(channels_last(x))


def same_weights(layer, reference) -> None:
    """Give the torch module ``reference`` the weights of the NumPy layer."""
    reference.load_state_dict({name: torch.from_numpy(a) for name, a in layer.state_dict().items()})


def layer_works(
    name: str, layer, references: dict, x: np.ndarray, targets: dict, flops: float = 0
) -> list[Work]:
    """The parts in ``targets`` (forward, backward, both ways) of a layer with one input.

    ``references`` maps names to torch modules; those named ``TORCH_LAST`` get channels-last tensors.
    ``flops`` is the forward count; backward has two products for each of the forward pass.
    """
    for reference in references.values():
        same_weights(layer, reference)
    dy = _cotangent(layer(x))
    sides = {NUMPY: _numpy_sides(layer, x, dy)}
    sides |= {
        key: _torch_sides(reference, _tensor(x, key), _tensor(dy, key))
        for key, reference in references.items()
    }
    factor = {"forward": 1, "backward": 2, "both ways": 3}
    return [
        Work(name, part, {key: parts[part] for key, parts in sides.items()}, factor[part] * flops, target)
        for part, target in targets.items()
    ]


def _cotangent(y) -> np.ndarray:
    y = y[0] if isinstance(y, tuple) else y
    dy = draw(*y.shape, seed=1)
    return as_images(dy) if dy.ndim == 4 else dy


def _numpy_sides(layer, x, dy) -> dict:
    def forward():
        y = layer(x)
        return y[0] if isinstance(y, tuple) else y  # a recurrent layer returns its state, too

    def backward():
        layer.zero_grad()
        dx = layer.backward(dy)
        dx = dx[0] if isinstance(dx, tuple) else dx
        return [dx, *(p.grad for p in layer.parameters())]

    def both():
        forward()
        return backward()

    return {"forward": forward, "backward": backward, "both ways": both}


def _torch_sides(layer, x: torch.Tensor, dy: torch.Tensor) -> dict:
    x = x.requires_grad_()
    wanted = [x, *layer.parameters()]

    def forward():
        y = layer(x)
        return y[0] if isinstance(y, tuple) else y

    y = forward()

    def backward():
        return torch.autograd.grad(y, wanted, dy, retain_graph=True)

    def both():
        return torch.autograd.grad(forward(), wanted, dy)

    return {"forward": forward, "backward": backward, "both ways": both}


def _tensor(a: np.ndarray, key: str) -> torch.Tensor:
    # copy(): a transposed view of one channel would keep odd strides and send PyTorch down a slow path.
    t = torch.from_numpy(a.copy(order="C"))
    return t.contiguous(memory_format=torch.channels_last) if key == TORCH_LAST and t.ndim == 4 else t
