"""Losses, optimisers, embeddings, and the article's CNN as a whole."""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import torch
from torch import nn as tnn

from benchmarks.pairs import NUMPY, TORCH, TORCH_LAST, draw, same_weights
from benchmarks.timing import Work
from dlcourse import numpy_nn, torch_nn
from dlcourse.data import load_mnist
from dlcourse.efficiency import summary
from dlcourse.models import cnn
from dlcourse.numpy_nn.module import Parameter


def cross_entropy(sizes=((128, 10), (2048, 100), (2048, 10_000))) -> Iterator[Work]:
    """Softmax and cross-entropy with the gradient of the logits."""
    for rows, classes in sizes:
        z, t = draw(rows, classes), np.random.default_rng(0).integers(classes, size=rows)
        loss, reference = numpy_nn.CrossEntropyLoss(), tnn.CrossEntropyLoss()
        logits, target = torch.from_numpy(z).requires_grad_(), torch.from_numpy(t)

        def ours(loss=loss, z=z, t=t):
            return loss(z, t), loss.backward()

        def theirs(reference=reference, logits=logits, target=target):
            value = reference(logits, target)
            return value, *torch.autograd.grad(value, logits)

        yield Work(f"cross-entropy {rows}×{classes}", "both ways", {NUMPY: ours, TORCH: theirs}, target=1.4)


def optimisers(models: dict | None = None) -> Iterator[Work]:
    """One update of all weights of the CNN (164k) and of a transformer block with d=512 (3.2M)."""
    models = models or {
        "164k": (cnn(numpy_nn), 0.85),
        "3.2M": (numpy_nn.TransformerEncoderLayer(512, 8, 2048, rng=0), 1.2),
    }
    for size, (model, target) in models.items():
        for name in ("Adam", "AdamW"):
            ours, theirs = _optimiser(name, model), _torch_optimiser(name, model)
            sides = {NUMPY: ours, TORCH: theirs, "torch fused": _torch_optimiser(name, model, fused=True)}
            yield Work(f"{name} {size}", "update", sides, target=target if name == "AdamW" else None)


def _optimiser(name: str, model):
    params = [Parameter(p.data.copy()) for p in model.parameters()]
    for p in params:
        p.grad = draw(*p.shape)
    optimiser = getattr(numpy_nn, name)(params)

    def update():
        optimiser.step()
        return [p.data for p in params]

    return update


def _torch_optimiser(name: str, model, **options):
    params = [torch.nn.Parameter(torch.from_numpy(p.data.copy())) for p in model.parameters()]
    for p in params:
        p.grad = torch.from_numpy(draw(*p.shape))
    optimiser = getattr(torch.optim, name)(params, **options)

    def update():
        optimiser.step()
        return params

    return update


def embedding(
    vocabulary: int = 10_000, width: int = 256, batch: int = 32, steps: int = 128
) -> Iterator[Work]:
    """Looking up vectors, and adding up the gradients of tokens that occur several times."""
    ids = np.random.default_rng(0).integers(vocabulary, size=(batch, steps))
    layer, reference = numpy_nn.Embedding(vocabulary, width, rng=0), tnn.Embedding(vocabulary, width)
    same_weights(layer, reference)
    de, tensor = draw(batch, steps, width), torch.from_numpy(ids)
    dy = torch.from_numpy(de)

    def ours():
        y = layer(ids)
        layer.zero_grad()
        layer.backward(de)
        return y, layer.weight.grad

    def theirs():
        y = reference(tensor)
        return y, *torch.autograd.grad(y, reference.weight, dy)

    yield Work(f"embedding {vocabulary}×{width}", "both ways", {NUMPY: ours, TORCH: theirs})


def whole_cnn(batches=(64, 128)) -> Iterator[Work]:
    """Answers and training steps of the article's CNN on real digits."""
    yield _answers(max(batches))
    macs = _macs(cnn(numpy_nn))
    for n in batches:
        sides = {
            NUMPY: numpy_step(n),
            TORCH: torch_step(n),
            TORCH_LAST: torch_step(n, TORCH_LAST),
        }
        yield Work(f"CNN, batch {n}", "training step", sides, 6 * macs * n, 0.9)


def _macs(model) -> int:
    return summary(model, load_mnist().train.x[:1]).macs


def _answers(n: int) -> Work:
    x, ours = load_mnist().train.x[:n], cnn(numpy_nn).eval()
    theirs = {TORCH: cnn(torch_nn), TORCH_LAST: cnn(torch_nn).to(memory_format=torch.channels_last)}
    sides = {NUMPY: lambda: ours(x)}
    sides |= {key: _torch_answers(model.eval(), _images(x, key)) for key, model in theirs.items()}
    return Work(f"CNN, batch {n}", "answers", sides, 2 * _macs(ours) * n, 0.6)


def _torch_answers(model, x):
    def answers():
        with torch.inference_mode():
            return model(x)

    return answers


def _batches(n: int) -> list:
    """All digits in batches: a single batch would be learned by heart, and its gradients vanish."""
    x, y = load_mnist().train
    return [(x[i : i + n], y[i : i + n]) for i in range(0, len(y) - n + 1, n)]


def numpy_step(n: int):
    """A function that trains the article's CNN on the next ``n`` digits with Adam, in NumPy."""
    model, loss = cnn(numpy_nn), numpy_nn.CrossEntropyLoss()
    adam, batches = numpy_nn.Adam(model.parameters()), cycle(_batches(n))

    def step():
        x, y = next(batches)
        value = loss(model(x), y)
        model.zero_grad()
        model.backward_parameters(loss.backward())
        adam.step()
        return value

    return step


def torch_step(n: int, layout: str = TORCH):
    """The same in PyTorch."""
    model = cnn(torch_nn)
    if layout == TORCH_LAST:
        model = model.to(memory_format=torch.channels_last)
    loss, adam = tnn.CrossEntropyLoss(), torch.optim.Adam(model.parameters())
    batches = cycle([(_images(x, layout), torch.from_numpy(y)) for x, y in _batches(n)])

    def step():
        x, y = next(batches)
        value = loss(model(x), y)
        adam.zero_grad()
        value.backward()
        adam.step()
        return value

    return step


def _images(x: np.ndarray, layout: str) -> torch.Tensor:
    t = torch.from_numpy(x.copy())
    return t.contiguous(memory_format=torch.channels_last) if layout == TORCH_LAST else t
