"""``torch_nn`` beside plain ``torch.nn`` on a CUDA device: training steps at sizes that keep a GPU busy."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn as tnn

from benchmarks.machine import facts
from dlcourse import torch_nn
from dlcourse.models import cnn

MISSING = "No CUDA device is there."
OURS, PLAIN, COMPILED = "torch_nn", "torch.nn", "torch_nn, compiled"


@dataclass
class Case:
    """A model of torch_nn, its twin of torch.nn with the same weights, one batch in pinned memory.

    ``flops`` counts a training step (three times the forward pass); ``bfloat16`` runs it under autocast.
    """

    name: str
    models: dict[str, Callable]
    batch: tuple[torch.Tensor, torch.Tensor]
    loss: Callable
    flops: float
    bfloat16: bool = False


def available() -> bool:
    return torch.cuda.is_available()


def cases(device: torch.device, small: bool = False) -> Iterator[Case]:
    """CNN with a batch of 1024, GRU with 1024 units, transformer with d=1024 and T=1024; or small ones."""
    pin = device.type == "cuda"
    n = 4 if small else 1024
    ours = cnn(torch_nn)
    plain = _plain_cnn()
    x, y = torch.rand(n, 1, 28, 28), torch.randint(10, (n,))
    macs = 9 * (26**2 * 32 + 11**2 * 32 * 64 + 3**2 * 64 * 128) + 128 * 512 + 5120
    yield _case("CNN", ours, plain, (x, y), tnn.functional.cross_entropy, 6 * macs * n, device, pin)

    H, T, B = (8, 5, 3) if small else (1024, 128, 64)
    ours, plain = torch_nn.GRU(H, H, 2), tnn.GRU(H, H, 2, batch_first=True)
    x, y = torch.randn(B, T, H), torch.randn(B, T, H)
    yield _case("GRU", ours, plain, (x, y), _gru_loss, 6 * B * T * 2 * 6 * H * H, device, pin)

    d, T, B, layers = (16, 6, 2, 2) if small else (1024, 1024, 8, 4)
    ours = torch_nn.TransformerEncoder(
        [torch_nn.TransformerEncoderLayer(d, d // 8 if small else d // 64, 4 * d, 0.0) for _ in range(layers)]
    )
    layer = tnn.TransformerEncoderLayer(d, d // 8 if small else d // 64, 4 * d, 0.0, batch_first=True)
    plain = tnn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
    x, y = torch.randn(B, T, d), torch.randn(B, T, d)
    # Causal attention needs half of the products of full attention.
    flops = 6 * B * T * layers * (12 * d * d + T * d)
    case = _case("transformer", ours, plain, (x, y), tnn.functional.mse_loss, flops, device, pin)
    mask = tnn.Transformer.generate_square_subsequent_mask(T, device=device)
    model, twin = case.models[OURS], case.models[PLAIN]
    case.models = {
        OURS: _with_options(model, causal=True),
        PLAIN: _with_options(twin, mask=mask, is_causal=True),
    }
    case.bfloat16 = not small
    yield case


def step(case: Case, side: str, device: torch.device, compiled: bool = False) -> Callable[[], torch.Tensor]:
    """A training step with AdamW; on a GPU its copies do not wait, and nothing in it asks for a number."""
    model = case.models[side]
    call = torch.compile(model) if compiled else model
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def run() -> torch.Tensor:
        x, y = (t.to(device, non_blocking=True) for t in case.batch)
        with torch.autocast(device.type, torch.bfloat16, enabled=case.bfloat16):
            loss = case.loss(call(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    return run


def compare(steps: dict[str, Callable], device: torch.device, rounds: int = 9, calls: int = 10) -> dict:
    """Median seconds a step of each side, in turns."""
    names, times = list(steps), {name: [] for name in steps}
    for name in names:  # the first steps choose kernels and compile
        for _ in range(3):
            steps[name]()
    for k in range(rounds):
        for name in names[k % len(names) :] + names[: k % len(names)]:
            _wait(device)
            start = time.perf_counter()
            for _ in range(calls):
                steps[name]()
            _wait(device)
            times[name].append((time.perf_counter() - start) / calls)
    return {name: median(values) for name, values in times.items()}


def measure() -> dict:
    """All cases on the CUDA device: seconds, throughput relative to torch.nn, share of the measured peak."""
    device = torch.device("cuda")
    rows = []
    for case in cases(device):
        steps = {
            OURS: step(case, OURS, device),
            PLAIN: step(case, PLAIN, device),
            COMPILED: step(case, OURS, device, compiled=True),
        }
        seconds = compare(steps, device)
        peak = matmul_peak(device, torch.bfloat16 if case.bfloat16 else torch.float32)
        rows.append(
            {
                "work": case.name,
                "seconds": seconds,
                "throughput": {name: seconds[PLAIN] / value for name, value in seconds.items()},
                "utilisation": {name: case.flops / value / peak for name, value in seconds.items()},
            }
        )
    card = {"card": torch.cuda.get_device_name(), "cuda": torch.version.cuda}
    return {"machine": facts() | card | {"cudnn": torch.backends.cudnn.version()}, "rows": rows}


def matmul_peak(device: torch.device, dtype: torch.dtype, n: int = 8192) -> float:
    """Operations a second of a large product."""
    a = torch.randn(n, n, device=device, dtype=dtype)
    return 2 * n**3 / compare({"product": lambda: a @ a}, device, rounds=5)["product"]


def _case(name, ours, plain, batch, loss, flops, device, pin) -> Case:
    plain.load_state_dict(ours.state_dict())
    batch = tuple(t.pin_memory() if pin else t for t in batch)
    return Case(name, {OURS: ours.to(device), PLAIN: plain.to(device)}, batch, loss, flops)


def _gru_loss(output: tuple, y: torch.Tensor) -> torch.Tensor:
    return tnn.functional.mse_loss(output[0], y)


def _plain_cnn() -> tnn.Module:
    return tnn.Sequential(
        *(tnn.Conv2d(1, 32, 3), tnn.ReLU(), tnn.MaxPool2d(2)),
        *(tnn.Conv2d(32, 64, 3), tnn.ReLU(), tnn.MaxPool2d(2)),
        *(tnn.Conv2d(64, 128, 3), tnn.ReLU(), tnn.MaxPool2d(2)),
        *(tnn.Flatten(), tnn.Linear(128, 512), tnn.ReLU(), tnn.Linear(512, 10)),
    )


def _with_options(model: tnn.Module, **options) -> tnn.Module:
    """The model called with these options every time."""
    model.register_forward_pre_hook(lambda _, args, kwargs: (args, kwargs | options), with_kwargs=True)
    return model


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
