"""The sentences that RNN, LSTM and GRU say about wrong input."""

import numpy as np
import pytest

from dlcourse.numpy_nn import GRU, LSTM, RNN

B, T, I, H = 3, 5, 4, 2  # noqa: E741 (the book's symbol)
MASK = np.ones((B, T), bool)
X = np.zeros((B, T, I), np.float32)
STATE = np.zeros((1, B, H), np.float32)
WRONG_CALLS = [
    (lambda r: r(X[0]), ValueError, r"x has shape \(5, 4\), expected \(B, T, 4\)"),
    (lambda r: r(X[..., :3]), ValueError, r"x has shape \(3, 5, 3\), expected \(B, T, 4\)"),
    (lambda r: r(X[:, :0]), ValueError, r"no time step, expected T >= 1"),
    (lambda r: r(X.astype(int)), TypeError, r"x has dtype int64, expected float32 or float64"),
    (lambda r: r(X, mask=np.ones((B, T))), TypeError, r"ndarray of float64, expected a ndarray of booleans"),
    (lambda r: r(X, mask=[[True] * T] * B), TypeError, r"mask is a list, expected"),
    (lambda r: r(X, mask=np.ones((T, B), bool)), ValueError, r"mask has shape \(5, 3\), expected \(3, 5\)"),
    (lambda r: r(X, mask=np.ones((B, T, 1), bool)), ValueError, r"mask has shape \(3, 5, 1\), expected"),
]


@pytest.mark.parametrize("make", [RNN, LSTM, GRU])
@pytest.mark.parametrize(("call", "error", "sentence"), WRONG_CALLS)
def test_wrong_input_is_told(make, call, error, sentence):
    with pytest.raises(error, match=f"^{make.__name__}: .*{sentence}"):
        call(make(I, H, rng=0))


@pytest.mark.parametrize(
    ("make", "state", "error", "sentence"),
    [
        (GRU, STATE[0], ValueError, r"h_0 has shape \(3, 2\), expected \(1, 3, 2\)"),
        (GRU, STATE[:, :2], ValueError, r"h_0 has shape \(1, 2, 2\), expected \(1, 3, 2\)"),
        (GRU, STATE.astype(int), TypeError, r"h_0 has dtype int64"),
        (RNN, (STATE, STATE), ValueError, r"the state holds 2 arrays, expected h_0"),
        (LSTM, STATE, ValueError, r"the state holds 1 arrays, expected h_0, c_0"),
        (LSTM, (STATE, STATE[:, :1]), ValueError, r"c_0 has shape \(1, 1, 2\), expected \(1, 3, 2\)"),
    ],
)
def test_wrong_state_is_told(make, state, error, sentence):
    with pytest.raises(error, match=f"^{make.__name__}: {sentence}"):
        make(I, H, rng=0)(X, state)


def test_wrong_cotangent_is_told():
    layer = LSTM(I, H, rng=0)
    y, _ = layer(X)
    with pytest.raises(ValueError, match=r"^LSTM: dy has shape \(3, 5, 1\), expected \(3, 5, 2\)"):
        layer.backward(y[..., :1])
    with pytest.raises(ValueError, match=r"^LSTM: dc_n has shape \(3, 2\), expected \(1, 3, 2\)"):
        layer.backward(y, (STATE, STATE[0]))
