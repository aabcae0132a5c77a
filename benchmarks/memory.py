"""The peak memory of attention, a convolution and the CNN's step, each in a process of its own."""

import ctypes
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F

from benchmarks.pairs import draw
from benchmarks.peers import attention_formula, attention_formula_backward
from benchmarks.steps import numpy_step, torch_step
from dlcourse.numpy_nn.attention import scaled_dot_product_attention, scaled_dot_product_attention_backward
from dlcourse.numpy_nn.conv import conv2d, conv2d_backward

MEGABYTE = 1e6
STATUS, CLEAR_REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def attention_blocks(T: int) -> Callable:
    q, k, v, do = (draw(1, 8, T, 64, seed=i) for i in range(4))

    def both():
        o, lse = scaled_dot_product_attention(q, k, v)
        return o, *scaled_dot_product_attention_backward(do, q, k, v, o, lse)

    return both


def attention_at_once(T: int) -> Callable:
    q, k, v, do = (draw(1, 8, T, 64, seed=i) for i in range(4))

    def both():
        o, p = attention_formula(q, k, v)
        return o, *attention_formula_backward(do, q, k, v, p)

    return both


def attention_torch(T: int) -> Callable:
    *tensors, do = (torch.from_numpy(draw(1, 8, T, 64, seed=i)) for i in range(4))
    for t in tensors:
        t.requires_grad_()

    def both():
        o = F.scaled_dot_product_attention(*tensors)
        return o, *torch.autograd.grad(o, tensors, do)

    return both


def convolution(channels: int) -> Callable:
    x, w, dy = draw(32, channels, 14, 14), draw(channels, channels, 3, 3), draw(32, channels, 12, 12)
    return lambda: (conv2d(x, w), *conv2d_backward(dy, x, w)[:2])


def convolution_torch(channels: int) -> Callable:
    x, w = (torch.from_numpy(draw(*shape)) for shape in ((32, channels, 14, 14), (channels, channels, 3, 3)))
    dy = torch.from_numpy(draw(32, channels, 12, 12))
    x.requires_grad_(), w.requires_grad_()

    def both():
        y = F.conv2d(x, w)
        return y, *torch.autograd.grad(y, (x, w), dy)

    return both


# axis that grows: side: a function of the size that returns the work, called without arguments.
SIDES = {
    "T": {"numpy": attention_blocks, "all scores at once": attention_at_once, "torch": attention_torch},
    "batch": {"numpy": numpy_step, "torch": torch_step},
    "channels": {"numpy": convolution, "torch": convolution_torch},
}


def peak(axis: str, side: str, size: int) -> dict:
    """Megabytes that one call needs beyond its inputs: resident memory, and for NumPy what it allocated.

    Resident memory is None where the system does not tell its peak (only Linux does). To be called in a
    fresh process: memory that earlier work left behind would be used again, and not be seen.
    """
    work = SIDES[axis][side](size)
    SIDES[axis][side](min(size, 16))()  # the first call of a library allocates buffers that stay
    before = resident()
    if before is not None:
        # Give back what earlier work freed (glibc), or it would be used again and not be seen.
        getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
        before = resident()
        CLEAR_REFS.write_text("5")  # the peak starts anew
    work()
    found = {"axis": axis, "side": side, "size": size, "resident": None, "allocated": None}
    if before is not None:
        found["resident"] = (resident()["VmHWM"] - before["VmRSS"]) / MEGABYTE
    if side != "torch":
        tracemalloc.start()
        work()
        found["allocated"] = tracemalloc.get_traced_memory()[1] / MEGABYTE
        tracemalloc.stop()
    return found


def resident() -> dict[str, int] | None:
    """Bytes of this process in memory now (VmRSS) and at most so far (VmHWM)."""
    if not STATUS.exists():
        return None
    lines = (line.split() for line in STATUS.read_text().splitlines())
    return {words[0][:-1]: int(words[1]) * 1024 for words in lines if words[0] in ("VmRSS:", "VmHWM:")}


def peak_in_fresh_process(axis: str, side: str, size: int) -> dict:
    command = [sys.executable, "-m", "benchmarks", "peak", axis, side, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
