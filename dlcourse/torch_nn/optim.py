"""The optimisers of ``numpy_nn`` on ``torch.optim``: same arguments, same state, same steps."""

from collections.abc import Iterable

import numpy as np
import torch

from dlcourse.numpy_nn.optim import require_betas, require_rates, require_same_state


def clip_grad_norm_(parameters: Iterable[torch.nn.Parameter], max_norm: float) -> torch.Tensor:
    """g ← g · min(1, max_norm/‖g‖)  (eq-clip), without the 1e-6 that torch.nn.utils adds to ‖g‖.

    Returns ‖g‖ as a tensor on the device of the gradients: nothing here makes the host wait for a GPU.
    """
    if not max_norm > 0:
        raise ValueError(f"clip_grad_norm_: max_norm is {max_norm}, expected a positive number")
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(grads)
    if grads:
        torch._foreach_mul_(grads, (max_norm / norm).clamp(max=1.0))
    return norm


class _Shared:
    """What ``numpy_nn.optim.Optimizer`` offers beyond ``torch.optim.Optimizer``."""

    slots: tuple[str, ...] = ()

    @property
    def lr(self) -> float:
        return self.param_groups[0]["lr"]

    @lr.setter
    def lr(self, value: float) -> None:
        for group in self.param_groups:
            group["lr"] = value

    @property
    def params(self) -> list[torch.nn.Parameter]:
        return [p for group in self.param_groups for p in group["params"]]

    def step(self, closure=None):
        self.steps += 1
        return super().step(closure)

    def state_arrays(self) -> dict[str, np.ndarray]:
        """Copies of the state by name, the same names as in ``numpy_nn``: ``steps``, ``exp_avg.0``, ..."""
        arrays = {
            f"{slot}.{i}": self.state[p][slot].detach().cpu().numpy().copy()
            if slot in self.state[p]
            else np.zeros(tuple(p.shape), p.detach().cpu().numpy().dtype)
            for slot in self.slots
            for i, p in enumerate(self.params)
        }
        return {"steps": np.array(self.steps), **arrays}

    def load_state_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what ``state_arrays`` of either backend returned; raises ``ValueError`` as there."""
        params = self.params
        shapes = {f"{slot}.{i}": tuple(p.shape) for slot in self.slots for i, p in enumerate(params)}
        require_same_state(type(self).__name__, {"steps": (), **shapes}, arrays)
        self.steps = int(arrays["steps"])
        for i, p in enumerate(params):
            for slot in self.slots:
                # NumPy's 0-d arrays and read-only views stay what they are: a copy in p's dtype.
                self.state[p][slot] = torch.tensor(arrays[f"{slot}.{i}"], dtype=p.dtype, device=p.device)
            if "exp_avg" in self.slots:
                # The fused kernel counts on the device of p, the others on the CPU.
                device = p.device if self.defaults["fused"] else "cpu"
                self.state[p]["step"] = torch.tensor(float(self.steps), device=device)


class SGD(_Shared, torch.optim.SGD):
    """``torch.optim.SGD``; formulas in ``numpy_nn.optim.SGD``."""

    def __init__(self, params, lr=1e-3, momentum=0.0, weight_decay=0.0, nesterov=False):
        require_rates("SGD", lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and momentum == 0:
            raise ValueError("SGD: nesterov=True needs a momentum above 0")
        self.slots, self.steps = ("momentum_buffer",) if momentum else (), 0
        super().__init__(params, lr, momentum, weight_decay=weight_decay, nesterov=nesterov)


class _AdamForms(_Shared):
    slots = ("exp_avg", "exp_avg_sq")

    def __init__(self, params, lr, betas, eps, weight_decay, *, eps_hat, fused):
        name = type(self).__name__
        require_betas(name, betas)
        require_rates(name, lr=lr, eps=eps, weight_decay=weight_decay)
        self.eps, self.eps_hat, self.steps = eps, eps_hat, 0
        params = list(params)
        if fused is None:
            fused = all(p.is_cuda for p in params)
        super().__init__(params, lr, betas, eps, weight_decay, fused=fused or None)

    def step(self, closure=None):
        # The ε̂ form is the paper's form with ε = ε̂/√(1-β₂ᵗ), so torch's own kernels serve both.
        if self.eps_hat:
            for group in self.param_groups:
                group["eps"] = self.eps / (1 - group["betas"][1] ** (self.steps + 1)) ** 0.5
        return super().step(closure)


class Adam(_AdamForms, torch.optim.Adam):
    """``torch.optim.Adam`` with ``eps_hat=True`` for Keras' form; formulas in ``numpy_nn.optim.Adam``.

    ``fused`` is torch's: one kernel for all weights; ``None`` takes it where all of them lie on a GPU.
    """

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, *, eps_hat=False, fused=None
    ):
        super().__init__(params, lr, betas, eps, weight_decay, eps_hat=eps_hat, fused=fused)


class AdamW(_AdamForms, torch.optim.AdamW):
    """``torch.optim.AdamW``, with ``eps_hat`` and ``fused`` as in ``Adam``; see ``numpy_nn.optim.AdamW``."""

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, *, eps_hat=False, fused=None
    ):
        super().__init__(params, lr, betas, eps, weight_decay, eps_hat=eps_hat, fused=fused)
