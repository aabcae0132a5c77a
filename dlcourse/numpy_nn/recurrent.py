"""What RNN, LSTM and GRU share: products with the weights, layers, directions, dropout, checks.

Inside a layer the arrays are feature-major: step t of a sequence is a matrix with one column a
sequence of the batch, (H, B), so that the products read as in the papers, ``W h``, and every gate is
one contiguous block of rows. Outside, x and y are (B, T, features).

Truncated backpropagation through time (Williams and Peng 1990): cut a long sequence into pieces, hand
the last state of one piece to the next, and call ``backward`` after each piece with no gradient for
its last state. States are plain arrays, no graph hangs on them, so nothing has to be detached::

    state = None
    for x, target in pieces:
        y, state = gru(x, state)
        ...                        # loss and its gradient dy
        gru.backward(dy)           # adds the gradient of this piece only
"""

import numpy as np

from dlcourse.numpy_nn.dropout import dropout_mask
from dlcourse.numpy_nn.init import uniform_fan_in
from dlcourse.numpy_nn.module import Module, Parameter
from dlcourse.numpy_nn.validate import require_float, require_positive, require_shape


def sigmoid_(u: np.ndarray) -> None:
    """σ(u) = ½ + ½ tanh(u/2), in place: never overflows, and tanh is NumPy's fastest curve."""
    u *= 0.5
    np.tanh(u, out=u)
    u *= 0.5
    u += 0.5


def project(weight: np.ndarray, v: np.ndarray, drop: np.ndarray | None = None) -> np.ndarray:
    """W v, all k gates at once; with dropout, gate g sees v ⊙ drop_g  (eq-variational-dropout).

    weight (kH, J), v (..., J, B), drop (k, B, J) -> (..., kH, B).
    """
    if drop is None:
        return weight @ v
    k, B, J = drop.shape
    gates = weight.reshape(k, -1, J) @ (v[..., None, :, :] * drop.transpose(0, 2, 1))  # (..., k, H, B)
    return gates.reshape(*v.shape[:-2], -1, B)


def project_backward(weight_T: np.ndarray, da: np.ndarray, drop: np.ndarray | None = None) -> np.ndarray:
    """dv = Wᵀ da, or Σ_g drop_g ⊙ W_gᵀ da_g.  weight_T (J, kH) = Wᵀ, da (kH, B) -> (J, B)."""
    if drop is None:
        return weight_T @ da
    k, B, J = drop.shape
    per_gate = weight_T.reshape(J, k, -1).transpose(1, 0, 2) @ da.reshape(k, -1, B)  # (k, J, B)
    return (per_gate * drop.transpose(0, 2, 1)).sum(0)


def columns(v: np.ndarray) -> np.ndarray:
    """(T, J, B) -> (J, T·B): one column a token, so that a sum over all steps is one matrix product."""
    return v.transpose(1, 0, 2).reshape(v.shape[1], -1)


def weight_gradient(da: np.ndarray, v: np.ndarray, drop: np.ndarray | None = None) -> np.ndarray:
    """dW = Σ da vᵀ over batch and time.  da (kH, T·B), v (T·B, J), drop (k, B, J) -> (kH, J)."""
    if drop is None:
        return da @ v
    _, B, J = drop.shape
    seen = [(v.reshape(-1, B, J) * m).reshape(-1, J) for m in drop]
    return np.concatenate([g @ s for g, s in zip(np.split(da, len(drop)), seen, strict=True)])


def input_backward(da: np.ndarray, x: np.ndarray, weight: np.ndarray, drop: np.ndarray | None = None):
    """dx = Wᵀ da, dW = Σ da xᵀ, db = Σ da for all steps at once.

    da (kH, T·B), x (B, T, I), weight (kH, I) -> dx (B, T, I), dweight (kH, I), dbias (kH,).
    """
    B, T, I = x.shape  # noqa: E741 (the book's symbol)
    if drop is None:
        dx = (da.T @ weight).reshape(T, B, I)
    else:
        gates = zip(np.split(da, len(drop)), np.split(weight, len(drop)), drop, strict=True)
        dx = sum((g.T @ w).reshape(T, B, I) * m for g, w, m in gates)
    dweight = weight_gradient(da, x.transpose(1, 0, 2).reshape(-1, I), drop)
    return dx.transpose(1, 0, 2), dweight, da.sum(1)


def padded_steps(mask: np.ndarray | None) -> np.ndarray | None:
    """mask (B, T), True at real tokens -> (T, 1, B), True where the state is only carried on."""
    return None if mask is None else ~mask.T[:, None]


def check_options(layer: str, batch_first: bool, **rates: float) -> None:
    """Raise ``ValueError`` for time-first data or a dropout rate outside [0, 1)."""
    if not batch_first:
        raise ValueError(
            f"{layer}: batch_first is {batch_first!r}; dlcourse knows only batch_first=True, x of shape "
            "(B, T, I); swap the first two axes of x"
        )
    for name, p in rates.items():
        if not 0 <= p < 1:
            raise ValueError(f"{layer}: {name} is {p}, expected 0 <= {name} < 1")


def check_input(layer: str, x, input_size: int, mask=None) -> None:
    """Raise ``ValueError`` unless x is (B, T, I) with T > 0 and mask is boolean (B, T)."""
    require_shape(layer, x, ("B", "T", input_size))
    B, T, _ = x.shape
    if T == 0:
        raise ValueError(f"{layer}: x has shape {tuple(x.shape)}: no time step, expected T >= 1")
    if mask is None:
        return
    same_library = isinstance(mask, np.ndarray) == isinstance(x, np.ndarray)
    if not same_library or str(getattr(mask, "dtype", None)).removeprefix("torch.") != "bool":
        found = f"{type(mask).__name__} of {mask.dtype}" if hasattr(mask, "dtype") else type(mask).__name__
        raise TypeError(
            f"{layer}: mask is a {found}, expected a {type(x).__name__} of booleans (True = real token, "
            "False = padding)"
        )
    require_shape(layer, mask, (B, T), "mask")


class Recurrent(Module):
    """Stacked, possibly bidirectional recurrence; ``RNN``, ``LSTM`` and ``GRU`` fill in one layer.

    ``forward(x, state=None, *, mask=None) -> y, state``: x (B, T, I), y (B, T, D·H) with D = 2 if
    bidirectional else 1; the state is h (num_layers·D, B, H), for the LSTM the pair (h, c); left out,
    it starts at zero. mask (B, T) is True at real tokens; at the others the state is carried on, and y
    repeats it, as in Keras. ``backward(dy, dstate) -> dx, dstate`` has the same form; either
    argument may be None for zero.

    ``dropout`` acts between stacked layers, as in PyTorch, with a new mask at each step.
    ``input_dropout`` and ``recurrent_dropout`` are Keras' ``dropout`` and ``recurrent_dropout``: one
    mask a gate, constant over time, on x and on h in the products with the weights (Gal and Ghahramani
    2016). All act in training only. ``rng`` draws the weights U(±1/√H), as PyTorch does, and then the masks.
    Raises ``TypeError`` for a dtype, ``ValueError`` for a shape that does not fit.
    """

    gates = 1
    state_names = ("h_0",)

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
        dtype=np.float32,
    ):
        layer = type(self).__name__
        require_positive(layer, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        rates = {"dropout": dropout, "input_dropout": input_dropout, "recurrent_dropout": recurrent_dropout}
        check_options(layer, batch_first, **rates)
        rng = np.random.default_rng(rng)
        self.input_size, self.hidden_size, self.num_layers, self.bias = (
            input_size,
            hidden_size,
            num_layers,
            bias,
        )
        self.dropout, self.input_dropout, self.recurrent_dropout = dropout, input_dropout, recurrent_dropout
        self.directions = ("", "_reverse") if bidirectional else ("",)
        rows = self.gates * hidden_size
        for k in range(num_layers):
            columns = hidden_size * len(self.directions) if k else input_size
            for direction in self.directions:
                shapes = {"weight_ih": (rows, columns), "weight_hh": (rows, hidden_size)}
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
                for name, shape in shapes.items():
                    weights = uniform_fan_in(rng, shape, hidden_size, dtype)
                    setattr(self, f"{name}_l{k}{direction}", Parameter(weights))
        # Streams of their own: both backends draw the same constant masks, whatever else is drawn.
        seeds = rng.integers(2**63, size=2)
        self._constant_rng, self._dropout_rng = map(np.random.default_rng, seeds)

    def _weights(self, k: int, direction: str) -> list[Parameter]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if self.bias else ("weight_ih", "weight_hh")
        return [getattr(self, f"{name}_l{k}{direction}") for name in names]

    def _states(self, x: np.ndarray, state, names: tuple) -> tuple[np.ndarray, ...]:
        layer = type(self).__name__
        shape = (self.num_layers * len(self.directions), len(x), self.hidden_size)
        if state is None:
            return tuple(np.zeros(shape, x.dtype) for _ in names)
        states = state if isinstance(state, tuple | list) else (state,)
        if len(states) != len(names):
            raise ValueError(f"{layer}: the state holds {len(states)} arrays, expected {', '.join(names)}")
        for name, s in zip(names, states, strict=True):
            require_float(layer, s, name)
            require_shape(layer, s, shape, name)
        return tuple(states)

    def _packed(self, states: tuple):
        return states if len(self.state_names) > 1 else states[0]

    def forward(self, x: np.ndarray, state=None, *, mask: np.ndarray | None = None):
        require_float(type(self).__name__, x)
        check_input(type(self).__name__, x, self.input_size, mask)
        states = self._states(x, state, self.state_names)
        finals = tuple(np.empty_like(s, dtype=x.dtype) for s in states)
        self._saved, self._between = [], []
        for k in range(self.num_layers):
            between = None
            if k and self.training and self.dropout:
                between = dropout_mask(self._dropout_rng, x.shape, self.dropout, x.dtype)
                x = x * between
            self._between.append(between)
            ys = []
            for i, direction in enumerate(self.directions, k * len(self.directions)):
                order = slice(None, None, -1 if direction else 1)  # the second direction reads from the end
                y, last, saved = self._run(
                    x[:, order],
                    *(s[i] for s in states),
                    *(w.data for w in self._weights(k, direction)),
                    mask=None if mask is None else mask[:, order],
                    **self._constant_masks(x),
                )
                ys.append(y[:, order])
                self._saved.append(saved)
                for final, value in zip(finals, last, strict=True):
                    final[i] = value
            x = np.concatenate(ys, axis=2, out=np.empty((*x.shape[:2], len(ys) * self.hidden_size), y.dtype))
        return x, self._packed(finals)

    def _constant_masks(self, x: np.ndarray) -> dict:
        if not self.training:
            return {}
        B, _, I = x.shape  # noqa: E741 (the book's symbol)
        rates = {"drop_x": (self.input_dropout, I), "drop_h": (self.recurrent_dropout, self.hidden_size)}
        return {
            name: dropout_mask(self._constant_rng, (self.gates, B, J), p, x.dtype)
            for name, (p, J) in rates.items()
            if p
        }

    def backward(self, dy: np.ndarray | None = None, dstate=None):
        H, D = self.hidden_size, len(self.directions)
        (B, T, _), dtype = self._saved[0]["x"].shape, self._saved[0]["x"].dtype
        dy = np.zeros((B, T, D * H), dtype) if dy is None else dy
        require_shape(type(self).__name__, dy, (B, T, D * H), "dy")
        dlast = self._states(dy, dstate, ("dh_n", "dc_n")[: len(self.state_names)])
        dstates = tuple(np.empty_like(s) for s in dlast)
        for k in reversed(range(self.num_layers)):
            dxs = []
            for d, direction in enumerate(self.directions):
                i, order = k * D + d, slice(None, None, -1 if direction else 1)
                dx, dfirst, gradients = self._run_backward(
                    dy[:, order, d * H : (d + 1) * H], *(s[i] for s in dlast), saved=self._saved[i]
                )
                dxs.append(dx[:, order])
                for dstate_i, value in zip(dstates, dfirst, strict=True):
                    dstate_i[i] = value
                for w, gradient in zip(self._weights(k, direction), gradients, strict=False):  # bias=False
                    w.grad += gradient
            dy = sum(dxs[1:], dxs[0])
            if self._between[k] is not None:
                dy = dy * self._between[k]
        return dy, self._packed(dstates)
