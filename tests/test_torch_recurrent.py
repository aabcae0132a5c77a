"""The recurrent layers beside PyTorch's own: packed sequences, initial weights, what both backends say."""

import numpy as np
import pytest
import torch

from dlcourse import numpy_nn, torch_nn

B, T, I, H = 3, 5, 4, 2  # noqa: E741 (the book's symbol)
X = np.zeros((B, T, I), np.float32)
MASK = np.ones((B, T), bool)


def arrays(state) -> tuple:
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_mask_agrees_with_packed_sequences_of_pytorch(name):
    """torch.nn knows padding only as lengths; there both agree, whatever torch_nn does about masks."""
    lengths = [5, 2, 4]
    mask = np.arange(T) < np.array(lengths)[:, None]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((B, T, I))
    state = rng.standard_normal((4, B, H))
    state = (state, rng.standard_normal((4, B, H))) if name == "LSTM" else state
    ours = getattr(numpy_nn, name)(I, H, 2, bidirectional=True, rng=1, dtype=np.float64)
    theirs = getattr(torch.nn, name)(I, H, 2, bidirectional=True, batch_first=True).double()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(x), lengths, True, enforce_sorted=False)
    states = tuple(torch.tensor(s) for s in arrays(state))
    y_packed, last = theirs(packed, states if name == "LSTM" else states[0])
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(y_packed, batch_first=True)
    y, found = ours(x, state, mask=mask)
    np.testing.assert_allclose(y[mask], expected.detach().numpy()[mask], rtol=1e-12)
    for s, e in zip(arrays(found), arrays(last), strict=True):
        np.testing.assert_allclose(s, e.detach().numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize(
    "arguments", [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False}], ids=str
)
def test_both_backends_start_from_the_same_weights(name, arguments):
    ours = getattr(numpy_nn, name)(I, H, rng=5, **arguments).state_dict()
    theirs = getattr(torch_nn, name)(I, H, rng=5, **arguments).state_dict()
    assert list(ours) == list(theirs) == list(getattr(torch.nn, name)(I, H, **arguments).state_dict())
    for key, value in ours.items():
        assert np.array_equal(value, theirs[key].numpy())
        assert np.abs(value).max() <= 1 / np.sqrt(H)


@pytest.mark.parametrize("nn", [numpy_nn, torch_nn], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"batch_first": False},
            r"batch_first is False; dlcourse knows only batch_first=True, x of shape \(B, T, I\)",
        ),
        ({"dropout": 1.0}, r"dropout is 1.0, expected 0 <= dropout < 1"),
        ({"input_dropout": -0.1}, r"input_dropout is -0.1"),
        ({"recurrent_dropout": 2}, r"recurrent_dropout is 2"),
        ({"num_layers": 0}, r"num_layers is 0, expected an integer of at least 1"),
    ],
)
def test_wrong_arguments_are_told_by_both_backends(nn, arguments, sentence):
    with pytest.raises(ValueError, match=f"^GRU: {sentence}"):
        nn.GRU(I, H, rng=0, **arguments)


@pytest.mark.parametrize(("mask", "error"), [(torch.ones(B, T), TypeError), (MASK, TypeError)])
def test_torch_backend_tells_a_wrong_mask(mask, error):
    with pytest.raises(error, match=r"^GRU: mask is a .*expected a Tensor of booleans"):
        torch_nn.GRU(I, H, rng=0)(torch.tensor(X), mask=mask)


def test_numpy_backend_tells_a_mask_that_is_a_tensor():
    with pytest.raises(TypeError, match=r"^LSTM: mask is a Tensor of torch.bool"):
        numpy_nn.LSTM(I, H, rng=0)(X, mask=torch.ones(B, T, dtype=bool))
