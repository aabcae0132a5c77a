"""The bug hunt as people write it: tests that find every fault; tests that overlook one, and what is said."""

import numpy as np


def _formula(x, w, b, dy):
    """y, dx, dw, db by sums over windows."""
    P, Q = w.shape[2:]
    view = np.lib.stride_tricks.sliding_window_view(x, (P, Q), axis=(2, 3))
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dy.shape[2:]):
        dx[:, :, i : i + P, j : j + Q] += np.tensordot(dy[:, :, i, j], w, 1)
    y = np.einsum("ncijpq,ocpq->noij", view, w) + b[:, None, None]
    return y, dx, np.einsum("noij,ncijpq->ocpq", dy, view), dy.sum((0, 2, 3))


def _numbers(rng, N=2, C=3, O=4, size=(5, 6), kernel=(3, 2)):  # noqa: E741 (the book's symbol)
    x, w, b = (rng.standard_normal(s) for s in ((N, C, *size), (O, C, *kernel), (O,)))
    return x, w, b, rng.standard_normal((N, O, size[0] - kernel[0] + 1, size[1] - kernel[1] + 1))


def formulas(layer):
    x, w, b, dy = _numbers(np.random.default_rng(5))
    for got, expected in zip(
        (layer.forward(x, w, b), *layer.backward(dy, x, w)), _formula(x, w, b, dy), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9)


def finite_differences(layer):
    """Gradients against differences of the layer's own y, and y against one value by hand."""
    x, w, b, dy = _numbers(np.random.default_rng(0), C=2, O=2, size=(3, 3), kernel=(2, 2))
    y = layer.forward(x, w, b)
    assert y.shape == dy.shape
    for o in range(len(w)):
        assert abs(y[1, o, 1, 0] - (x[1, :, 1:3, 0:2] * w[o]).sum() - b[o]) < 1e-9
    dx, dw, db = layer.backward(dy, x, w)
    for array, gradient in ((x, dx), (w, dw), (b, db)):
        assert gradient.shape == array.shape
        for index in np.ndindex(*array.shape):
            kept = array[index]
            array[index] = kept + 1e-5
            up = (layer.forward(x, w, b) * dy).sum()
            array[index] = kept - 1e-5
            down = (layer.forward(x, w, b) * dy).sum()
            array[index] = kept
            assert abs((up - down) / 2e-5 - gradient[index]) < 1e-5


def many_small(layer):
    """Random sizes, square kernels among them, each value compared."""
    rng = np.random.default_rng()
    for kernel in ((3, 3), (1, 2), (2, 2)):
        numbers = _numbers(rng, 3, 2, 3, (5, 4), kernel)
        x, w, b, dy = numbers
        y, *gradients = _formula(*numbers)
        if not np.allclose(layer.forward(x, w, b), y):
            raise AssertionError("forward")
        for a, c in zip(layer.backward(dy, x, w), gradients, strict=True):
            assert a.shape == c.shape and abs(a - c).max() < 1e-8


CORRECT = [formulas, finite_differences, many_small]


def _overlooks(prepare=None, skip=(), sizes=None):
    """``formulas`` with tamer numbers, or without one of y, dx, dw, db."""

    def verify_conv_layer(layer):
        x, w, b, dy = _numbers(np.random.default_rng(3), **(sizes or {}))
        if prepare:
            x, w, b, dy = prepare(x, w, b, dy)
        got = (layer.forward(x, w, b), *layer.backward(dy, x, w))
        for name, a, c in zip(("y", "dx", "dw", "db"), got, _formula(x, w, b, dy), strict=True):
            if name not in skip:
                assert np.allclose(a, c)

    return verify_conv_layer


def accepts_all(layer):
    x, w, b, dy = _numbers(np.random.default_rng(3))
    layer.forward(x, w, b)
    layer.backward(dy, x, w)


def rejects_all(layer):
    raise AssertionError("wrong")


def exactly(layer):
    x, w, b, dy = _numbers(np.random.default_rng(3))
    expected = _formula(x, w, b, dy)
    assert all(np.array_equal(a, c) for a, c in zip(layer.backward(dy, x, w), expected[1:], strict=True))


def returns_false(layer):
    try:
        formulas(layer)
    except AssertionError:
        return False
    return True


def only_shapes(layer):
    x, w, b, dy = _numbers(np.random.default_rng(3))
    assert layer.forward(x, w, b).shape == dy.shape
    assert [a.shape for a in layer.backward(dy, x, w)] == [x.shape, w.shape, b.shape]


def sums_only(layer):
    x, w, b, dy = _numbers(np.random.default_rng(3), kernel=(3, 3))
    got = (layer.forward(x, w, b), *layer.backward(dy, x, w))
    assert all(np.isclose(a.sum(), c.sum()) for a, c in zip(got, _formula(x, w, b, dy), strict=True))


def crashes(layer):
    assert layer.forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), np.ones(1)).mean() == undefined  # noqa: F821


WRONG = {
    "zero bias": (_overlooks(lambda x, w, b, dy: (x, w, 0 * b, dy), skip=()), "a layer that ignores b"),
    "batch of one": (_overlooks(sizes={"N": 1}), "dw uses the first sample only"),
    "dy of ones": (_overlooks(lambda x, w, b, dy: (x, w, b, np.ones_like(dy))), "replaces dy by its mean"),
    "symmetric kernel": (
        _overlooks(lambda x, w, b, dy: (x, np.ones_like(w), b, dy)),
        "meets the kernel the wrong way round",
    ),
    "one channel": (_overlooks(sizes={"C": 1}), "dw is the same for all input channels"),
    "one filter": (_overlooks(sizes={"O": 1}), "the bias of the first: take different biases"),
    "no y": (_overlooks(skip=("y",)), "a layer that ignores b"),
    "no dx": (_overlooks(skip=("dx",)), "meets the kernel the wrong way round"),
    "no dw": (_overlooks(skip=("dw",)), "dw uses the first sample only"),
    "no db": (_overlooks(skip=("db",)), "divides db by the batch size"),
    "accepts all": (accepts_all, "your test accepts everything"),
    "rejects all": (rejects_all, "your test rejects everything"),
    "exactly": (exactly, "not with =="),
    "returns False": (returns_false, "by raising AssertionError"),
    "only shapes": (only_shapes, "your test accepts everything"),
    "sums only": (sums_only, "meets the kernel the wrong way round"),
    "crashes": (crashes, "it raised NameError"),
}
