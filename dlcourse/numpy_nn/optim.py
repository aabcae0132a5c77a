"""Optimisers: from the gradients that ``backward`` has accumulated to new weights.

The arithmetic runs in place, one parameter after the other: an update is bound by memory traffic.
"""

from collections.abc import Iterable

import numpy as np

from dlcourse.numpy_nn.module import Parameter


def clip_grad_norm_(parameters: Iterable[Parameter], max_norm: float) -> float:
    """g ← g · min(1, max_norm/‖g‖) with ‖g‖ = √(Σ g²) over *all* parameters together  (eq-clip).

    Returns ‖g‖ before clipping. Pascanu, Mikolov & Bengio 2013. Raises ``ValueError`` for
    ``max_norm`` <= 0.
    """
    if not max_norm > 0:
        raise ValueError(f"clip_grad_norm_: max_norm is {max_norm}, expected a positive number")
    grads = [p.grad for p in parameters]
    norm = float(np.sqrt(sum(float(np.vdot(g, g)) for g in grads)))
    if norm > max_norm:
        for g in grads:
            g *= max_norm / norm
    return norm


class Optimizer:
    """Holds the parameters, the learning rate ``lr`` and one state array a parameter and slot.

    Raises ``ValueError`` without parameters or for a learning rate that is negative or no number.
    """

    slots: tuple[str, ...] = ()

    def __init__(self, params: Iterable[Parameter], lr: float):
        self.params = list(params)
        if not self.params:
            raise ValueError(f"{type(self).__name__}: no parameters; pass model.parameters()")
        require_rates(type(self).__name__, lr=lr)
        self.lr, self.steps = lr, 0
        self.state = {slot: [np.zeros_like(p.data) for p in self.params] for slot in self.slots}

    def zero_grad(self) -> None:
        for p in self.params:
            p.grad[...] = 0

    def step(self) -> None:
        self.steps += 1
        for i, p in enumerate(self.params):
            self._update(p.data, p.grad, *(self.state[slot][i] for slot in self.slots))

    def _update(self, w: np.ndarray, g: np.ndarray, *state: np.ndarray) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no update rule")

    def state_arrays(self) -> dict[str, np.ndarray]:
        """Copies of the state by name, the same names as in ``torch_nn``: ``steps``, ``exp_avg.0``, ..."""
        arrays = {f"{slot}.{i}": a.copy() for slot in self.slots for i, a in enumerate(self.state[slot])}
        return {"steps": np.array(self.steps), **arrays}

    def load_state_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what ``state_arrays`` of either backend returned.

        Raises ``ValueError`` that names the missing, unexpected and misshapen entries; then nothing
        is changed.
        """
        own = {f"{slot}.{i}": a for slot in self.slots for i, a in enumerate(self.state[slot])}
        require_same_state(type(self).__name__, {"steps": (), **{k: a.shape for k, a in own.items()}}, arrays)
        self.steps = int(arrays["steps"])
        for name, a in own.items():
            a[...] = arrays[name]


class SGD(Optimizer):
    """w ← w - η v with v ← μ v + g  (eq-sgd); with Nesterov w ← w - η (g + μ v).

    ``weight_decay`` λ adds λ w to g (an L2 penalty). η stands outside v, as in PyTorch: Keras keeps it
    inside, which differs when the rate changes. Polyak 1964; Nesterov 1983; Sutskever et al. 2013.
    """

    slots = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ):
        require_rates("SGD", momentum=momentum, weight_decay=weight_decay)
        if nesterov and momentum == 0:
            raise ValueError("SGD: nesterov=True needs a momentum above 0")
        self.momentum, self.weight_decay, self.nesterov = momentum, weight_decay, nesterov
        self.slots = ("momentum_buffer",) if momentum else ()
        super().__init__(params, lr)

    def _update(self, w, g, v=None):
        if self.weight_decay:
            g = g + self.weight_decay * w
        if v is not None:
            v *= self.momentum
            v += g
            g = g + self.momentum * v if self.nesterov else v
        w -= self.lr * g


class Adam(Optimizer):
    """m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², w ← w - η m̂/(√v̂ + ε)  (eq-adam),
    m̂ = m/(1-β₁ᵗ), v̂ = v/(1-β₂ᵗ).  Kingma & Ba 2015, algorithm 1.

    ``eps_hat=True`` is the paper's reordered form (end of §2), the one of Keras:
    w ← w - η √(1-β₂ᵗ)/(1-β₁ᵗ) · m/(√v + ε̂)  (eq-adam-eps-hat). There ε acts as ε̂/√(1-β₂ᵗ), 31.6
    times as large at t = 1. ``weight_decay`` λ adds λ w to g (an L2 penalty).
    """

    slots = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        eps_hat: bool = False,
    ):
        require_betas(type(self).__name__, betas)
        require_rates(type(self).__name__, eps=eps, weight_decay=weight_decay)
        self.betas, self.eps, self.weight_decay, self.eps_hat = betas, eps, weight_decay, eps_hat
        super().__init__(params, lr)

    def _update(self, w, g, m, v):
        if self.weight_decay:
            g = g + self.weight_decay * w
        self._move(w, g, m, v)

    def _move(self, w, g, m, v):
        beta1, beta2 = self.betas
        correction1, correction2 = 1 - beta1**self.steps, 1 - beta2**self.steps
        term = g * (1 - beta1)
        m *= beta1
        m += term
        np.multiply(g, g, out=term)
        term *= 1 - beta2
        v *= beta2
        v += term
        # √v̂ + ε = (√v + ε√(1-β₂ᵗ)) / √(1-β₂ᵗ): both forms are one line with their own ε.
        np.sqrt(v, out=term)
        term += self.eps if self.eps_hat else self.eps * correction2**0.5
        np.divide(m, term, out=term)
        term *= self.lr * correction2**0.5 / correction1
        w -= term


class AdamW(Adam):
    """Adam with decoupled decay: w ← w - η λ w, then the step of ``Adam``  (eq-adamw).

    Loshchilov & Hutter 2019. Unlike λ w added to g, the decay is not divided by √v̂.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        eps_hat: bool = False,
    ):
        super().__init__(params, lr, betas, eps, weight_decay, eps_hat=eps_hat)

    def _update(self, w, g, m, v):
        w *= 1 - self.lr * self.weight_decay
        self._move(w, g, m, v)


def require_rates(name: str, **rates: float) -> None:
    """Raise ``ValueError`` unless every rate is a finite number of at least 0."""
    for key, value in rates.items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name}: {key} is {value}, expected a finite number of at least 0")


def require_betas(name: str, betas: tuple[float, float]) -> None:
    """Raise ``ValueError`` unless both decay rates lie in [0, 1)."""
    if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
        raise ValueError(f"{name}: betas are {betas}, expected two numbers in [0, 1)")


def require_same_state(name: str, expected: dict[str, tuple], arrays: dict[str, np.ndarray]) -> None:
    """Raise ``ValueError`` unless ``arrays`` has exactly the expected names and shapes."""
    problems = [f"missing: {key}" for key in expected if key not in arrays]
    problems += [f"unexpected: {key}" for key in arrays if key not in expected]
    problems += [
        f"{key} has shape {np.shape(arrays[key])}, expected {shape}"
        for key, shape in expected.items()
        if key in arrays and np.shape(arrays[key]) != shape
    ]
    if problems:
        raise ValueError(f"{name}.load_state_arrays: " + "; ".join(problems))
