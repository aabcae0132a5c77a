"""Receptive field against gradients, counts by hand, quantisation and pruning by their definitions."""

import numpy as np
import pytest

from dlcourse import models
from dlcourse.backend import backend, input_gradient, load_state_arrays, predict, state_arrays
from dlcourse.efficiency import (
    prune,
    prune_state,
    quantize,
    quantize_state,
    receptive_field,
    sparsity,
    windows_of,
)

PAIR = ("numpy", "torch")
ARTICLE = [("conv", 3, 1), ("pool", 2, 2)] * 3


def article_cnn(name):
    return models.cnn(backend(name))


# --- receptive field ---------------------------------------------------------------------------------


def test_the_article_cnn_never_looks_at_300_of_784_pixels():
    r, j, n, unseen, start = receptive_field(28, ARTICLE)
    assert (r, j, n, unseen, start) == (22, 8, 1, 300, 0)


@pytest.mark.parametrize("name", PAIR)
def test_the_gradient_reaches_the_same_484_pixels(name):
    model = article_cnn(name)
    assert receptive_field(28, windows_of(model)) == receptive_field(28, ARTICLE)
    x = np.random.default_rng(1).standard_normal((200, 1, 28, 28))
    seen = np.zeros((28, 28), bool)
    for part in np.split(x, 4):
        _, dx = input_gradient(model, part, lambda y: np.random.default_rng(2).standard_normal(y.shape))
        seen |= (dx != 0).any((0, 1))
    assert seen.sum() == 484
    assert seen[:22, :22].all()


@pytest.mark.parametrize(
    ("H", "layers"),
    [
        (17, [("conv", 3, 2, 2, 1), ("conv", 2, 1)]),
        (20, [("conv", 2, 3), ("conv", 2, 2, 3, 2)]),  # a stride larger than the kernel leaves holes
        (9, [("conv", 3, 1, 1, 1), ("conv", 3, 2, 1, 1), ("conv", 3, 1, 1, 1)]),
        (12, [("conv", 3, 1, 4, 0)]),
    ],
)
def test_unseen_pixels_are_those_without_gradient(H, layers):
    nn, rng = backend("numpy"), np.random.default_rng(0)
    convs = [nn.Conv2d(1, 1, k, s, *reversed(rest), rng=rng) for _, k, s, *rest in layers]
    model = nn.Sequential(*convs).to(np.float64)
    load_state_arrays(model, {name: np.abs(w) + 0.1 for name, w in state_arrays(model).items()})
    assert [w[1:] for w in windows_of(model)] == [(*w[1:], *(1, 0)[len(w) - 3 :]) for w in layers]
    y, dx = input_gradient(model, np.ones((1, 1, H, H)), np.ones_like)
    field = receptive_field(H, layers)
    assert field.n == y.shape[-1]
    assert field.unseen == (dx == 0).sum()
    # the middle output alone: first pixel and width of its field
    middle = field.n // 2
    _, dx = input_gradient(
        model, np.ones((1, 1, H, H)), lambda y: np.eye(y.size)[middle * (field.n + 1)].reshape(y.shape)
    )
    pixels = np.flatnonzero(dx[0, 0].any(0))
    first = field.start + middle * field.j
    assert (pixels[0], pixels[-1]) == (max(first, 0), min(first + field.r, H) - 1)


def test_receptive_field_needs_possible_numbers():
    with pytest.raises(ValueError, match="conv spans 3 positions, but its input has 2"):
        receptive_field(2, [("conv", 3, 1)])
    with pytest.raises(ValueError, match=r"layer 1 \(pool\) has k=2, s=0"):
        receptive_field(9, [("conv", 3, 1), ("pool", 2, 0)])
    with pytest.raises(ValueError, match="layer 0 is"):
        receptive_field(9, [("conv", 3)])
    with pytest.raises(ValueError, match="side of 0"):
        receptive_field(0, [])
    assert receptive_field(5, []) == (1, 1, 5, 0, 0)


@pytest.mark.parametrize("name", PAIR)
def test_windows_of_reads_pairs_and_same(name):
    nn = backend(name)
    model = nn.Sequential(nn.Conv2d(1, 1, (3, 5), padding="same"), nn.AvgPool2d(2, 1, 1), nn.MaxPool2d(3))
    assert [w[1:] for w in windows_of(model)] == [(3, 1, 1, 1), (2, 1, 1, 1), (3, 3, 1, 0)]
    assert [w[1:] for w in windows_of(model, axis=1)] == [(5, 1, 1, 2), (2, 1, 1, 1), (3, 3, 1, 0)]
    with pytest.raises(ValueError, match="even kernel"):
        windows_of(nn.Sequential(nn.Conv2d(1, 1, 2, padding="same")))


# --- quantisation ------------------------------------------------------------------------------------


def test_quantize_by_hand():
    w = np.array([[1.27, -0.64, 0.004], [0.0, 0.126, -0.012]])
    q, w_hat = quantize(w, 8)
    np.testing.assert_array_equal(q, [[127, -64, 0], [0, 13, -1]])
    np.testing.assert_allclose(w_hat, q * 0.01, rtol=1e-12)
    assert q.dtype == np.int8
    q, w_hat = quantize(w, 4, axis=0)
    np.testing.assert_array_equal(q, [[7, -4, 0], [0, 7, -1]])
    np.testing.assert_allclose(w_hat[1], np.array([0, 7, -1]) * 0.126 / 7, rtol=1e-12)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_quantize_stays_within_half_a_step(bits, axis, dtype):
    w = np.random.default_rng(0).standard_normal((5, 7, 2)).astype(dtype)
    kept = w.copy()
    q, w_hat = quantize(w, bits, axis)
    levels = 2 ** (bits - 1) - 1
    axes = None if axis is None else tuple({0, 1, 2} - {axis % 3})
    largest = np.abs(w).max(axes, keepdims=True)
    assert (np.abs(q).max(axes) == levels).all()  # the largest weight takes the last level
    assert (np.abs(w - w_hat) <= largest / levels / 2 * (1 + 1e-5)).all()
    assert w_hat.dtype == dtype
    np.testing.assert_array_equal(w, kept)


def test_a_channel_of_zeros_and_the_smallest_numbers():
    tiny = np.finfo(np.float64).smallest_subnormal
    w = np.array([[0.0, 0.0], [1.0, -0.5], [3 * tiny, -150 * tiny]])
    with np.errstate(all="raise", under="ignore"):
        q, w_hat = quantize(w, 8, axis=0)
    np.testing.assert_array_equal(q[0], 0)
    np.testing.assert_array_equal(w_hat[0], 0)
    np.testing.assert_array_equal(q[2], [3, -127])  # 150/127 of the smallest number is rounded to 1
    assert np.isfinite(w_hat).all()
    assert quantize(np.zeros(3), 8)[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("w", "bits", "axis", "sentence"),
    [
        (np.ones(3), 1, None, "bits 1, expected an integer from 2 to 8"),
        (np.ones(3), 9, None, "bits 9"),
        (np.ones(3), 8, 1, "axis 1, but w has 1 axes"),
        (np.array([1, 2]), 8, None, "dtype int64"),
        (np.array([1.0, np.nan]), 8, None, "NaN"),
        (np.ones(0), 8, None, "empty"),
    ],
)
def test_quantize_says_what_is_wrong(w, bits, axis, sentence):
    with pytest.raises(ValueError, match=sentence):
        quantize(w, bits, axis)


@pytest.mark.parametrize("name", PAIR)
def test_a_whole_model_in_eight_bits(name):
    model = article_cnn(name)
    state = model.state_dict()
    quantized = quantize_state(state, 8)
    weights = sum(w.size for w in state_arrays(model).values() if w.ndim > 1)
    biases = 163_850 - weights
    assert quantized.nbytes == weights + 4 * biases + 4 * biases  # one scale and one bias a channel
    assert list(quantized.state()) == list(state)
    x = np.random.default_rng(0).standard_normal((8, 1, 28, 28)).astype(np.float32)
    before = predict(model, x)
    load_state_arrays(model, quantized.state())
    change = np.abs(predict(model, x) - before).max() / np.abs(before).max()
    assert 0 < change < 0.05
    half = quantize_state(state, 4)
    assert half.nbytes == weights // 2 + 8 * biases
    per_tensor = quantize_state(state, 8, axis=None)
    assert per_tensor.nbytes == weights + 4 * biases + 4 * 5
    np.testing.assert_array_equal(per_tensor.state()["0.bias"], state_arrays(model)["0.bias"])


# --- pruning -----------------------------------------------------------------------------------------


def test_prune_by_hand():
    w = np.array([[3.0, -1.0], [0.5, -2.0]])
    np.testing.assert_array_equal(prune(w, 0.5), [[3, 0], [0, -2]])
    np.testing.assert_array_equal(prune(w, 0.74), [[3, 0], [0, -2]])
    np.testing.assert_array_equal(prune(w, 0), w)
    np.testing.assert_array_equal(prune(w, 1), 0 * w)
    np.testing.assert_array_equal(
        prune(np.ones(4), 0.5), [0, 0, 1, 1]
    )  # exactly half, although all are equal
    assert (prune(np.arange(1.0, 101), 0.29) == 0).sum() == 29
    assert w[0, 1] == -1.0


def test_global_pruning_has_one_threshold_for_all_weights():
    state = {"a.weight": np.full((2, 4), 0.1), "a.bias": np.zeros(2), "b.weight": np.full((2, 4), -5.0)}
    state["n"] = np.arange(4).reshape(2, 2)
    pruned = prune_state(state, 0.5)
    assert not pruned["a.weight"].any()
    np.testing.assert_array_equal(pruned["b.weight"], state["b.weight"])
    np.testing.assert_array_equal(pruned["n"], state["n"])
    assert sparsity(pruned) == 0.5
    pruned = prune_state(state, 0.5, scope="tensor")
    assert [(pruned[k] == 0).sum() for k in ("a.weight", "b.weight")] == [4, 4]
    assert state["a.weight"].all()


@pytest.mark.parametrize("name", PAIR)
@pytest.mark.parametrize("scope", ["global", "tensor"])
def test_a_pruned_model_still_runs(name, scope):
    model = article_cnn(name)
    state = prune_state(model.state_dict(), 0.8, scope)
    assert sparsity(state) == pytest.approx(0.8, abs=1e-3)
    load_state_arrays(model, state)
    assert np.isfinite(predict(model, np.ones((1, 1, 28, 28), np.float32))).all()


def test_pruning_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"fraction 1\.5"):
        prune(np.ones(3), 1.5)
    with pytest.raises(ValueError, match="fraction -1"):
        prune_state({}, -1)
    with pytest.raises(ValueError, match="scope 'layer', expected one of global, tensor"):
        prune_state({}, 0.5, "layer")
    assert sparsity({}) == 0
    assert prune_state({"b": np.ones(2)}, 0.5)["b"].all()
