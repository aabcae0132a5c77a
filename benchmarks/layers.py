"""The layers and models that the page times, at the sizes of the article and of real use, or at tiny ones."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import nn as tnn

from benchmarks.pairs import NUMPY, TORCH, TORCH_LAST, as_images, draw, layer_works
from benchmarks.timing import Work
from dlcourse import numpy_nn, torch_nn
from dlcourse.numpy_nn.attention import scaled_dot_product_attention, scaled_dot_product_attention_backward

PARTS = ("forward", "backward")


def convolution(batch: int = 128) -> Iterator[Work]:
    """The three convolutions and the first pooling of the article's CNN on 28×28 pixels."""
    for k, (side, inputs, outputs, targets) in enumerate(
        [(28, 1, 32, (None, None)), (13, 32, 64, (1.25, 1.25)), (5, 64, 128, (1.1, 0.9))], 1
    ):
        layer = numpy_nn.Conv2d(inputs, outputs, 3, rng=0)
        references = {
            TORCH: tnn.Conv2d(inputs, outputs, 3),
            TORCH_LAST: tnn.Conv2d(inputs, outputs, 3).to(memory_format=torch.channels_last),
        }
        x = as_images(draw(batch, inputs, side, side))
        flops = 2 * batch * (side - 2) ** 2 * 9 * inputs * outputs
        yield from layer_works(
            f"convolution {k}", layer, references, x, dict(zip(PARTS, targets, strict=True)), flops
        )
    # After a ReLU many windows hold several equal zeros: the first one must win on every side.
    x = as_images(draw(batch, 32, 26, 26).clip(0))
    pools = {TORCH: tnn.MaxPool2d(2), TORCH_LAST: tnn.MaxPool2d(2)}
    targets = {"forward": None, "backward": None, "both ways": 0.5}
    yield from layer_works("max pooling", numpy_nn.MaxPool2d(2), pools, x, targets)


def recurrence(steps: int = 64, batch: int = 32, widths=(128, 256)) -> Iterator[Work]:
    """RNN, LSTM, GRU with as many inputs as units."""
    promised = {("LSTM", 128): 1.35, ("LSTM", 256): 1.35, ("GRU", 128): 0.85, ("GRU", 256): 0.95}
    for name in ("RNN", "LSTM", "GRU"):
        for H in widths:
            layer = getattr(numpy_nn, name)(H, H, rng=0)
            reference = getattr(tnn, name)(H, H, batch_first=True)
            flops = 2 * steps * batch * layer.gates * H * 2 * H
            parts = {"forward": None, "backward": None, "both ways": promised.get((name, H))}
            yield from layer_works(
                f"{name} H={H}", layer, {TORCH: reference}, draw(batch, steps, H), parts, flops
            )


def attention(lengths=(256, 1024), batch: int = 8, heads: int = 8, width: int = 64) -> Iterator[Work]:
    """softmax(QKᵀ/√d)V beside PyTorch's scaled_dot_product_attention, full and causal."""
    promised = {(1024, False): (1.4, 0.85), (1024, True): (1.1, 0.9)}
    for T in lengths:
        for causal in (False, True):
            arrays = [draw(batch, heads, T, width, seed=k) for k in range(4)]
            name = f"attention T={T}" + (", causal" if causal else "")
            # Two products forward; five backward, since the scores are computed again.
            flops = (0.5 if causal else 1) * 2 * batch * heads * T * T * width
            forward, backward = _attention_sides(*arrays, causal)
            targets = promised.get((T, causal), (None, None))
            yield Work(name, "forward", forward, 2 * flops, targets[0])
            yield Work(name, "backward", backward, 5 * flops, targets[1])


def _attention_sides(q, k, v, do, causal) -> tuple[dict, dict]:
    o, lse = scaled_dot_product_attention(q, k, v, causal=causal)
    tensors = [torch.from_numpy(a).requires_grad_() for a in (q, k, v)]
    y, dy = F.scaled_dot_product_attention(*tensors, is_causal=causal), torch.from_numpy(do)
    forward = {
        NUMPY: lambda: scaled_dot_product_attention(q, k, v, causal=causal)[0],
        TORCH: lambda: F.scaled_dot_product_attention(*tensors, is_causal=causal),
    }
    backward = {
        NUMPY: lambda: scaled_dot_product_attention_backward(do, q, k, v, o, lse, causal=causal),
        TORCH: lambda: torch.autograd.grad(y, tensors, dy, retain_graph=True),
    }
    return forward, backward


def block(
    width: int = 512, heads: int = 8, hidden: int = 2048, steps: int = 256, batch: int = 8
) -> Iterator[Work]:
    """A transformer block, without dropout so that both sides compute the same numbers."""
    layer = numpy_nn.TransformerEncoderLayer(width, heads, hidden, dropout=0.0, rng=0)
    # dlcourse's own module on torch: F.linear and fused attention. torch.nn's layer is third.
    references = {
        TORCH: torch_nn.TransformerEncoderLayer(width, heads, hidden, dropout=0.0),
        "torch.nn layer": tnn.TransformerEncoderLayer(width, heads, hidden, dropout=0.0, batch_first=True),
    }
    tokens = steps * batch
    flops = 2 * tokens * (4 * width**2 + 2 * width * hidden) + 4 * batch * steps**2 * width
    x = draw(batch, steps, width)
    yield from layer_works(f"transformer block d={width}", layer, references, x, {"both ways": 0.97}, flops)


def dense(sizes=((128, 128, 512, 1.05), (2048, 512, 2048, 1.0))) -> Iterator[Work]:
    """Fully connected layers: rows, inputs, outputs, target."""
    for rows, inputs, outputs, target in sizes:
        layer, reference = numpy_nn.Linear(inputs, outputs, rng=0), tnn.Linear(inputs, outputs)
        yield from layer_works(
            f"dense {rows}×{inputs}→{outputs}",
            layer,
            {TORCH: reference},
            draw(rows, inputs),
            {"both ways": target},
            2 * rows * inputs * outputs,
        )
