"""What RNN, LSTM and GRU have in common: states, masks, directions, dropout, truncated backpropagation."""

import copy

import numpy as np
import pytest
from finite_differences import check_gradients

from dlcourse.numpy_nn import GRU, LSTM, RNN, Module
from dlcourse.numpy_nn.recurrent import project, project_backward

B, T, I, H = 3, 5, 4, 2  # noqa: E741 (the book's symbol)
MASK = np.array([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0]], bool)


def gru_reset_before(*args, **kwargs):
    return GRU(*args, reset_after=False, **kwargs)


LAYERS = pytest.mark.parametrize("make", [RNN, LSTM, GRU, gru_reset_before], ids=lambda m: m.__name__)


def arrays(state) -> tuple:
    return state if isinstance(state, tuple) else (state,)


def random_input(make, planes: int = 1, batch: int = B, steps: int = T, seed: int = 0):
    rng = np.random.default_rng(seed)
    h_0, c_0 = rng.standard_normal((2, planes, batch, H))
    return rng.standard_normal((batch, steps, I)), (h_0, c_0) if make is LSTM else h_0


def double(make, **kwargs):
    return make(I, H, rng=1, dtype=np.float64, **kwargs)


class OneOutput(Module):
    """x, h_0, ... -> y and the last states in one row, with the same dropout masks at every call."""

    def __init__(self, layer, mask=None):
        self.layer, self.mask = layer, mask
        self.kept = copy.deepcopy((layer._constant_rng, layer._dropout_rng))

    def forward(self, x, *states):
        self.layer._constant_rng, self.layer._dropout_rng = copy.deepcopy(self.kept)
        state = states if len(states) > 1 else states[0]
        y, last = self.layer(x, state, mask=self.mask)
        self.shapes = [y.shape, *(s.shape for s in arrays(last))]
        return np.concatenate([v.ravel() for v in (y, *arrays(last))])

    def backward(self, d):
        parts = np.split(d, np.cumsum([np.prod(s) for s in self.shapes])[:-1])
        dy, *dlast = (v.reshape(s) for v, s in zip(parts, self.shapes, strict=True))
        dx, dstate = self.layer.backward(dy, tuple(dlast) if len(dlast) > 1 else dlast[0])
        return dx, *arrays(dstate)


@LAYERS
@pytest.mark.parametrize("mask", [None, MASK], ids=["all real", "mask"])
def test_gradients_by_finite_differences(make, mask):
    x, state = random_input(make, planes=4)
    layer = double(
        make, num_layers=2, bidirectional=True, dropout=0.3, input_dropout=0.3, recurrent_dropout=0.4
    )
    check_gradients(OneOutput(layer, mask), x, *arrays(state))


@LAYERS
def test_masked_steps_change_nothing(make):
    """A sequence with padding anywhere ends like the sequence without it; y repeats the state meanwhile."""
    x, state = random_input(make)
    layer = double(make)
    y, last = layer(x, state, mask=MASK)
    for b, real in enumerate(MASK[:2]):
        alone = tuple(s[:, b : b + 1] for s in arrays(state))
        y_short, last_short = layer(x[b : b + 1, real], alone if make is LSTM else alone[0])
        np.testing.assert_allclose(y[b, real], y_short[0], rtol=1e-13)
        for s, s_short in zip(arrays(last), arrays(last_short), strict=True):
            np.testing.assert_allclose(s[:, b], s_short[:, 0], rtol=1e-13)
    assert np.array_equal(y[1, 2], y[1, 1])  # exactly the same numbers
    assert np.array_equal(y[1, 0], arrays(state)[0][0, 1])
    assert np.array_equal(y[2], np.broadcast_to(arrays(state)[0][0, 2], (T, H)))


@LAYERS
def test_padding_gets_no_gradient_and_gives_none(make):
    x, state = random_input(make, planes=2)
    layer = double(make, bidirectional=True)
    y, _ = layer(x, state, mask=MASK)
    dx, _ = layer.backward(np.ones_like(y))
    assert np.all(dx[~MASK] == 0)
    assert np.all(dx[MASK] != 0)
    other = np.where(MASK[..., None], x, 1e3)
    assert np.array_equal(layer(other, state, mask=MASK)[0], y)


@LAYERS
def test_second_direction_is_the_first_on_the_reversed_sequence(make):
    x, state = random_input(make, planes=2)
    both, one = double(make, bidirectional=True), double(make)
    one.load_state_dict(
        {k.removesuffix("_reverse"): v for k, v in both.state_dict().items() if k.endswith("_reverse")}
    )
    second = tuple(s[1:] for s in arrays(state))
    y_reversed, _ = one(x[:, ::-1], second if make is LSTM else second[0])
    y, _ = both(x, state)
    assert y.shape == (B, T, 2 * H)
    np.testing.assert_allclose(y[..., H:], y_reversed[:, ::-1], rtol=1e-13)


@LAYERS
def test_pieces_with_carried_state(make):
    """Truncated backpropagation: outputs never differ, gradients only by what crosses the cuts."""
    x, state = random_input(make, planes=2)
    dy = np.random.default_rng(3).standard_normal((B, T, H))
    layer = double(make, num_layers=2)
    whole, last = layer(x, state)
    layer.zero_grad()
    dx, dstate = layer.backward(dy)
    full = {name: p.grad.copy() for name, p in layer.named_parameters()}

    first, middle = layer(x[:, :2], state)
    second, end = layer(x[:, 2:], middle)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, rtol=1e-13)
    np.testing.assert_allclose(arrays(end)[-1], arrays(last)[-1], rtol=1e-13)

    # Not truncated: the gradient of the second piece's first state goes back into the first piece.
    layer.zero_grad()
    dx_second, dmiddle = layer.backward(dy[:, 2:])
    layer(x[:, :2], state)
    dx_first, dstart = layer.backward(dy[:, :2], dmiddle)
    np.testing.assert_allclose(np.concatenate([dx_first, dx_second], axis=1), dx, rtol=1e-12)
    np.testing.assert_allclose(arrays(dstart)[0], arrays(dstate)[0], rtol=1e-12)
    for name, p in layer.named_parameters():
        np.testing.assert_allclose(p.grad, full[name], rtol=1e-10)

    # Truncated: it is dropped, and the first piece no longer learns from later losses.
    layer(x[:, :2], state)
    dx_cut, _ = layer.backward(dy[:, :2])
    assert np.abs(dx_cut - dx_first).max() > 1e-3


@LAYERS
def test_missing_arguments_mean_zero(make):
    x, state = random_input(make)
    layer = double(make)
    zeros = tuple(np.zeros_like(s) for s in arrays(state))
    y, last = layer(x)
    y_zero, _ = layer(x, zeros if make is LSTM else zeros[0])
    assert np.array_equal(y, y_zero)
    dlast = tuple(np.ones_like(s) for s in arrays(last))
    dlast = dlast if make is LSTM else dlast[0]
    only_state, _ = layer.backward(None, dlast)
    np.testing.assert_array_equal(only_state, layer.backward(np.zeros_like(y), dlast)[0])
    assert np.all(layer.backward()[0] == 0)


@LAYERS
def test_float32_stays_and_inputs_are_not_changed(make):
    x, state = random_input(make, planes=4)
    x, states = x.astype(np.float32), tuple(s.astype(np.float32) for s in arrays(state))
    dropouts = {"dropout": 0.3, "input_dropout": 0.3, "recurrent_dropout": 0.4}
    layer = make(I, H, 2, bidirectional=True, rng=1, **dropouts)
    kept = [v.copy() for v in (x, *states, MASK)]
    y, last = layer(x, states if make is LSTM else states[0], mask=MASK)
    dy = np.ones_like(y)
    dx, dstate = layer.backward(dy, last)
    assert {v.dtype for v in (y, *arrays(last), dx, *arrays(dstate))} == {np.dtype(np.float32)}
    assert {p.grad.dtype for p in layer.parameters()} == {np.dtype(np.float32)}
    assert y.flags.c_contiguous
    for before, after in zip(kept, (x, *states, MASK), strict=True):
        assert np.array_equal(before, after)
    assert np.all(dy == 1)


@LAYERS
def test_gradients_add_up_until_they_are_reset(make):
    x, state = random_input(make)
    layer = double(make)
    y, _ = layer(x, state)
    layer.backward(np.ones_like(y))
    once = [p.grad.copy() for p in layer.parameters()]
    layer.backward(np.ones_like(y))
    for p, g in zip(layer.parameters(), once, strict=True):
        np.testing.assert_allclose(p.grad, 2 * g, rtol=1e-13)


@LAYERS
def test_dropout_acts_in_training_only(make):
    x, state = random_input(make, planes=2)
    rates = {"dropout": 0.5, "input_dropout": 0.5, "recurrent_dropout": 0.5}
    plain, layer = double(make, num_layers=2), double(make, num_layers=2, **rates)
    layer.load_state_dict(plain.state_dict())
    y, _ = plain(x, state)
    assert np.array_equal(layer.eval()(x, state)[0], y)
    layer.train()
    first, second = layer(x, state)[0], layer(x, state)[0]
    assert not np.array_equal(first, y)
    assert not np.array_equal(first, second)


def test_constant_dropout_masks_are_one_a_gate_and_one_a_sequence():
    """Equal steps of x give equal pre-activations: the mask does not change with time (h is held at 0)."""
    layer = GRU(I, 50, input_dropout=0.5, rng=1, dtype=np.float64)
    layer.weight_hh_l0.data[...] = 0
    x = np.broadcast_to(np.random.default_rng(2).standard_normal((B, 1, I)), (B, T, I))
    layer(x)
    gates = layer._saved[0]["gates"]  # (T, 3, H, B)
    assert np.array_equal(gates[0, :2], gates[-1, :2])
    drop = layer._saved[0]["drop_x"]
    assert drop.shape == (3, B, I)
    assert set(np.unique(drop)) == {0.0, 2.0}
    assert not np.array_equal(drop[0], drop[1])
    assert not np.array_equal(drop[0, 0], drop[0, 1])


def test_projection_with_masks_is_one_product_a_gate():
    rng = np.random.default_rng(0)
    weight, v, drop = rng.standard_normal((6, 4)), rng.standard_normal((4, 3)), rng.random((2, 3, 4))
    expected = np.concatenate([weight[:3] @ (v * drop[0].T), weight[3:] @ (v * drop[1].T)])
    np.testing.assert_allclose(project(weight, v, drop), expected, rtol=1e-14)
    da = rng.standard_normal((6, 3))
    # <da, project(v)> = <project_backward(da), v>: the backward product is the transposed one.
    left = np.sum(da * expected)
    assert np.sum(project_backward(weight.T, da, drop) * v) == pytest.approx(left, rel=1e-13)
