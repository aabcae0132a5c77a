"""Learning-rate schedules: functions of the number of updates already made (0, 1, 2, ...).

``optimizer.lr = schedule(step)`` before each update; ``dlcourse.training.fit`` does it. A schedule
knows no array, so NumPy and PyTorch share these functions.
"""

from collections.abc import Callable
from math import cos, pi

Schedule = Callable[[int], float]


def constant(lr: float) -> Schedule:
    """η(t) = lr."""
    return lambda step: lr


def cosine(lr: float, steps: int, final: float = 0.0) -> Schedule:
    """η(t) = final + (lr - final)(1 + cos(π t/steps))/2, then ``final``  (eq-cosine-schedule).

    Loshchilov & Hutter 2017, one period. Raises ``ValueError`` for ``steps`` < 1.
    """
    _require_steps("cosine", steps)
    return lambda step: _anneal(lr, final, min(step / steps, 1.0))


def warmup_rsqrt(d_model: int, warmup: int = 4000, scale: float = 1.0) -> Schedule:
    """η(t) = scale · d_model^-½ · min(n^-½, n · warmup^-1.5) with n = t + 1  (eq-warmup-rsqrt).

    Rises linearly during ``warmup`` updates, then falls as 1/√n (Vaswani et al. 2017, §5.3).
    """
    _require_steps("warmup_rsqrt", warmup)
    return lambda step: scale * d_model**-0.5 * min((step + 1) ** -0.5, (step + 1) * warmup**-1.5)


def one_cycle(
    lr: float, steps: int, warmup: float = 0.3, div_factor: float = 25.0, final_div_factor: float = 1e4
) -> Schedule:
    """Cosine up from lr/div_factor to ``lr`` in the first ``warmup`` share of the ``steps`` updates,
    then cosine down to lr/(div_factor · final_div_factor)  (eq-one-cycle).

    Smith & Topin 2019, in the form of ``torch.optim.lr_scheduler.OneCycleLR``.
    """
    _require_steps("one_cycle", steps)
    if not 0 < warmup < 1 or warmup * steps <= 1:
        raise ValueError(
            f"one_cycle: warmup {warmup} of {steps} steps, expected a share between 0 and 1 that is "
            "longer than one step"
        )
    first, last, peak = lr / div_factor, lr / div_factor / final_div_factor, warmup * steps - 1

    def schedule(step: int) -> float:
        if step <= peak:
            return _anneal(first, lr, step / peak)
        return _anneal(lr, last, min((step - peak) / (steps - 1 - peak), 1.0))

    return schedule


def _anneal(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + cos(pi * share)) / 2


def _require_steps(name: str, steps: int) -> None:
    if steps < 1:
        raise ValueError(f"{name}: {steps} steps, expected at least 1")
