"""``torch_nn`` beside torch.nn: small on the CPU; at full size, without waiting inside a step, on a GPU."""

import pytest
import torch
from typer.testing import CliRunner

from benchmarks import gpu
from benchmarks.__main__ import app

CPU = torch.device("cpu")
NAMES = ("CNN", "GRU", "transformer")
needs_gpu = pytest.mark.skipif(not gpu.available(), reason=gpu.MISSING)


def case(name: str, device: torch.device, small: bool) -> gpu.Case:
    return next(c for c in gpu.cases(device, small) if c.name == name)


@pytest.mark.parametrize("name", NAMES)
def test_both_sides_train_alike(name):
    small = case(name, CPU, small=True)
    steps = [gpu.step(small, side, CPU) for side in (gpu.OURS, gpu.PLAIN)]
    for _ in range(3):
        ours, plain = (float(step()) for step in steps)
        assert ours == pytest.approx(plain, rel=1e-4)


def test_times_of_every_side():
    steps = {"a": lambda: None, "b": lambda: None}
    assert set(gpu.compare(steps, CPU, rounds=2, calls=1)) == {"a", "b"}


def test_without_a_gpu_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr(gpu, "available", lambda: False)
    told = CliRunner().invoke(app, ["gpu"])
    assert told.exit_code == 0
    assert told.output == "No CUDA device is there. Nothing was measured.\n"


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("name", NAMES)
def test_no_waiting_inside_a_step(name):
    device = torch.device("cuda")
    step = gpu.step(case(name, device, small=False), gpu.OURS, device)
    step()  # the first step may ask for numbers: it chooses kernels
    torch.cuda.set_sync_debug_mode("error")
    try:
        step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("name", NAMES)
def test_both_sides_train_alike_on_the_gpu(name):
    device = torch.device("cuda")
    full = case(name, device, small=False)
    ours, plain = (float(gpu.step(full, side, device)()) for side in (gpu.OURS, gpu.PLAIN))
    assert ours == pytest.approx(plain, rel=1e-2 if full.bfloat16 else 1e-3)


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("name", NAMES)
def test_attention_and_recurrence_use_the_fused_kernels(name):
    device = torch.device("cuda")
    step = gpu.step(case(name, device, small=False), gpu.OURS, device)
    step()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
        step()
    called = {event.key for event in seen.key_averages()}
    expected = {
        "CNN": "aten::cudnn_convolution",
        "GRU": "aten::_cudnn_rnn",
        "transformer": "aten::_scaled_dot_product_flash_attention",
    }
    assert expected[name] in called or expected[name].replace("flash", "cudnn") in called
