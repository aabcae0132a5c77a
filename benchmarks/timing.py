"""Timing sides that do the same work in turns, so that a busy machine disturbs them alike."""

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median, quantiles

import numpy as np

TOLERANCE = 1e-4  # float32: largest difference, relative to the largest number


@dataclass
class Work:
    """One piece of work that several ``sides`` do: by name, functions that return what they computed.

    ``flops`` counts the operations that the formula needs (0: memory, not arithmetic, is the limit);
    ``target`` is the promised ratio of the CPU times of the first two sides, None where nothing is promised.
    """

    name: str
    part: str
    sides: dict[str, Callable[[], object]]
    flops: float = 0
    target: float | None = None


def disagreement(work: Work) -> float:
    """The largest relative difference between the results of the first side and of the others.

    Calls every side once: sides that change something, an optimiser for instance, must start alike.
    """
    results = {name: _arrays(side()) for name, side in work.sides.items()}
    first, *others = results.values()
    if any([a.shape for a in other] != [a.shape for a in first] for other in others):
        shapes = {name: [a.shape for a in arrays] for name, arrays in results.items()}
        raise ValueError(f"{work.name}, {work.part}: the sides return different shapes: {shapes}")
    errors = [
        float(np.abs(a - b).max() / max(np.abs(a).max(), 1e-30))
        for other in others
        for a, b in zip(first, other, strict=True)
    ]
    return max(errors, default=0.0)


def compare(work: Work, rounds: int, seconds: float) -> dict:
    """One row of the result: CPU and wall time a call of every side, in seconds, and the ratio.

    Every round calls each side often enough to last ``seconds``; who begins changes from round to round, and
    the garbage collector waits. The ratio is that of the median CPU times of the first two sides; ``spread``
    holds the quartiles of the ratios of single rounds. Raises ``ValueError`` if the sides disagree.
    """
    error = disagreement(work)
    if not error < TOLERANCE:
        raise ValueError(f"{work.name}, {work.part}: the sides differ by {error:.1e}, expected < {TOLERANCE}")
    names = list(work.sides)
    calls = {name: _calls(work.sides[name], seconds) for name in names}
    cpu, wall = {name: [] for name in names}, {name: [] for name in names}
    gc.collect()
    gc.disable()
    try:
        for k in range(rounds):
            for name in names[k % len(names) :] + names[: k % len(names)]:
                used, passed = _time(work.sides[name], calls[name])
                cpu[name].append(used)
                wall[name].append(passed)
    finally:
        gc.enable()
    row = {"work": work.name, "part": work.part, "target": work.target, "flops": work.flops, "error": error}
    row["cpu"] = {name: median(times) for name, times in cpu.items()}
    row["cpu_min"] = {name: min(times) for name, times in cpu.items()}
    row["wall_min"] = {name: min(times) for name, times in wall.items()}
    if len(names) > 1:
        ours, theirs = names[:2]
        row["ratio"] = row["cpu"][ours] / row["cpu"][theirs]
        row["ratio_min"] = row["cpu_min"][ours] / row["cpu_min"][theirs]
        row["wall_ratio_min"] = row["wall_min"][ours] / row["wall_min"][theirs]
        row["spread"] = _quartiles([a / b for a, b in zip(cpu[ours], cpu[theirs], strict=True)])
    return row


def compare_all(works: Iterable[Work], rounds: int, seconds: float, bar) -> list[dict]:
    """``compare`` each work, with a bar that names it."""
    rows = []
    for work in works:
        bar.set_postfix_str(f"{work.name}, {work.part}")
        rows.append(compare(work, rounds, seconds))
        bar.update()
    return rows


def sgemm_peaks(sizes=(512, 1024, 2048), rounds: int = 5) -> dict[str, float]:
    """The most float32 operations a second that matrix products of NumPy and of PyTorch reach here.

    Per second of CPU time on one thread, of wall time on several.
    """
    import torch

    clock, peaks = 0 if torch.get_num_threads() == 1 else 1, {}
    for n in sizes:
        a = np.ones((n, n), np.float32)
        t = torch.from_numpy(a)
        for name, product in (("numpy", lambda a=a: a @ a), ("torch", lambda t=t: t @ t)):
            calls = _calls(product, 0.02)
            fastest = min(_time(product, calls)[clock] for _ in range(rounds))
            peaks[name] = max(peaks.get(name, 0.0), 2 * n**3 / fastest)
    return peaks


def _calls(side: Callable, seconds: float) -> int:
    # Twice: the first call of a process may load a library or build a plan.
    side()
    return max(1, round(seconds / max(_time(side, 1)[0], 1e-6)))


def _time(side: Callable, calls: int) -> tuple[float, float]:
    """CPU and wall seconds a call."""
    used, passed = time.process_time(), time.perf_counter()
    for _ in range(calls):
        side()
    return (time.process_time() - used) / calls, (time.perf_counter() - passed) / calls


def _quartiles(values: list[float]) -> list[float]:
    if len(values) < 2:
        return [values[0], values[0]]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return [low, high]


def _arrays(result) -> list[np.ndarray]:
    """Tensors, arrays, numbers and lists of them as a flat list of arrays."""
    if isinstance(result, (tuple, list)):
        return [a for part in result for a in _arrays(part)]
    if hasattr(result, "detach"):
        result = result.detach().float().cpu().numpy()
    return [np.array(result)]
