"""RNN, LSTM, GRU on ``torch.nn``, plus what it lacks: masks, reset before, constant dropout masks.

For truncated backpropagation through time, cut the graph between two pieces: ``state = state.detach()``,
for the LSTM ``tuple(s.detach() for s in state)``.
"""

import numpy as np
import torch

from dlcourse.numpy_nn.dropout import dropout_mask
from dlcourse.numpy_nn.init import uniform_fan_in
from dlcourse.numpy_nn.recurrent import check_input, check_options
from dlcourse.numpy_nn.validate import require_positive


def project(weight, v, drop=None):
    """v Wᵀ, all k gates at once; with dropout, gate g sees v ⊙ drop_g.

    weight (kH, J), v (B, J) or (B, T, J), drop (k, B, J) -> (..., kH).
    """
    if drop is None:
        return v @ weight.T
    if v.ndim == 3:
        drop = drop[:, :, None]
    return torch.cat([(v * m) @ w.T for w, m in zip(weight.chunk(len(drop)), drop, strict=True)], dim=-1)


class Recurrent:
    """Arguments, initial weights and calls of ``numpy_nn.recurrent.Recurrent`` around a torch.nn class.

    The plain case runs in torch.nn (cuDNN on a GPU), where ``dropout`` draws from PyTorch's generator.
    ``mask``, ``input_dropout``, ``recurrent_dropout`` and ``reset_after=False`` run in a loop over the
    steps, where all dropout masks come from ``rng`` and equal those of numpy_nn.
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        rng=None,
        **factory,
    ):
        layer = type(self).__name__
        require_positive(layer, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        rates = {"dropout": dropout, "input_dropout": input_dropout, "recurrent_dropout": recurrent_dropout}
        check_options(layer, batch_first, **rates)
        between = dropout if num_layers > 1 else 0.0  # torch.nn warns of a rate that has no place to act
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=True,
            dropout=between,
            bidirectional=bidirectional,
            **factory,
        )
        self.input_dropout, self.recurrent_dropout = input_dropout, recurrent_dropout
        rng = np.random.default_rng(rng)
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.from_numpy(uniform_fan_in(rng, tuple(p.shape), hidden_size, np.float64)))
        seeds = rng.integers(2**63, size=2)
        self._constant_rng, self._dropout_rng = map(np.random.default_rng, seeds)

    def forward(self, x, state=None, *, mask=None):
        check_input(type(self).__name__, x, self.input_size, mask)
        if mask is None and self._is_plain():
            return super().forward(x, state)
        D = 2 if self.bidirectional else 1
        if state is None:
            zero = x.new_zeros(self.num_layers * D, len(x), self.hidden_size)
            states = (zero,) * (2 if self.gates == 4 else 1)
        else:
            self.check_forward_args(x, state, None)
            states = state if isinstance(state, tuple) else (state,)
        finals = []
        for k in range(self.num_layers):
            between = self._dropout_mask(self._dropout_rng, self.dropout if k else 0.0, x.shape, x)
            if between is not None:
                x = x * between
            ys = []
            for d in range(D):
                i = k * D + d
                y, last = self._run(x, [s[i] for s in states], self.all_weights[i], mask, reverse=d == 1)
                ys.append(y)
                finals.append(last)
            x = torch.cat(ys, dim=-1)
        finals = tuple(torch.stack(s) for s in zip(*finals, strict=True))
        return x, finals if self.gates == 4 else finals[0]

    def _is_plain(self) -> bool:
        return not (self.training and (self.input_dropout or self.recurrent_dropout))

    def _dropout_mask(self, rng, p: float, shape: tuple, like):
        if not (self.training and p):
            return None
        return torch.from_numpy(dropout_mask(rng, tuple(shape), p, np.float64)).to(like)

    def _run(self, x, state, weights, mask, reverse: bool):
        """One layer in one direction: x (B, T, I), state of (B, H) each -> y (B, T, H), last state."""
        weight_ih, weight_hh, *biases = weights
        bias_ih, bias_hh = biases or (None, None)
        k, B, rng = self.gates, len(x), self._constant_rng
        drop_x = self._dropout_mask(rng, self.input_dropout, (k, B, x.shape[-1]), x)
        drop_h = self._dropout_mask(rng, self.recurrent_dropout, (k, B, self.hidden_size), x)
        a = project(weight_ih, x, drop_x)  # (B, T, kH), all steps at once
        if bias_ih is not None:
            a = a + bias_ih
        b = a.new_zeros(a.shape[-1]) if bias_hh is None else bias_hh
        steps = range(x.shape[1])
        y = [None] * len(steps)
        for t in reversed(steps) if reverse else steps:
            new = self._step(a[:, t], state, weight_hh, b, drop_h)
            if mask is not None:
                new = [torch.where(mask[:, t, None], n, old) for n, old in zip(new, state, strict=True)]
            state, y[t] = new, new[0]
        return torch.stack(y, dim=1), state


class RNN(Recurrent, torch.nn.RNN):
    """``torch.nn.RNN`` with tanh and the arguments of ``numpy_nn.RNN``."""

    def _step(self, a, state, weight_hh, b, drop):
        (h,) = state
        return [torch.tanh(a + project(weight_hh, h, drop) + b)]


class LSTM(Recurrent, torch.nn.LSTM):
    """``torch.nn.LSTM`` with the arguments of ``numpy_nn.LSTM``."""

    gates = 4

    def _step(self, a, state, weight_hh, b, drop):
        h, c = state
        i, f, g, o = (a + project(weight_hh, h, drop) + b).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return [torch.sigmoid(o) * torch.tanh(c), c]


class GRU(Recurrent, torch.nn.GRU):
    """``torch.nn.GRU`` with the arguments of ``numpy_nn.GRU``; ``reset_after=False``: Cho et al. 2014, v3."""

    gates = 3

    def __init__(self, *args, reset_after: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.reset_after = reset_after

    def _is_plain(self) -> bool:
        return self.reset_after and super()._is_plain()

    def _step(self, a, state, weight_hh, b, drop):
        (h,) = state
        H = h.shape[-1]
        a_n = a[:, 2 * H :]
        if self.reset_after:
            u = project(weight_hh, h, drop) + b
            r, z = torch.sigmoid(a[:, : 2 * H] + u[:, : 2 * H]).chunk(2, dim=-1)
            n = torch.tanh(a_n + r * u[:, 2 * H :])
        else:
            drop_rz, drop_n = (None, None) if drop is None else (drop[:2], drop[2:])
            u = project(weight_hh[: 2 * H], h, drop_rz) + b[: 2 * H]
            r, z = torch.sigmoid(a[:, : 2 * H] + u).chunk(2, dim=-1)
            n = torch.tanh(a_n + project(weight_hh[2 * H :], r * h, drop_n) + b[2 * H :])
        return [(1 - z) * n + z * h]
