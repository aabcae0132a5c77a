"""What is run against a fault: the conformance cases of its family, properties of what both backends share.

A check raises ``AssertionError``. All imports of dlcourse stand inside, so that they find the faulty copy.
"""

import importlib
import math

import numpy as np


def conformance(*families: str):
    """All cases of these families, NumPy against PyTorch, with the tolerance of ``test_conformance``."""

    def check() -> None:
        from dlcourse.conformance.compare import TOLERANCE, compare

        for family in families:
            for case in importlib.import_module(f"dlcourse.conformance.{family}").CASES:
                for seed in (0, 7):
                    for name, error in compare(case, seed).items():
                        assert error <= TOLERANCE, f"{case}: {name} is off by {error:.1e}"

    return check


def dropout() -> None:
    from dlcourse import numpy_nn as nn

    layer = nn.Dropout(0.3, rng=0)
    y = layer(np.ones((200, 300)))
    np.testing.assert_allclose(y[y != 0], 1 / 0.7)
    assert abs((y == 0).mean() - 0.3) < 0.01
    y = nn.VariationalDropout(0.4, rng=0)(np.ones((50, 4, 30)))
    assert np.array_equal(y, np.broadcast_to(y[:, :1], y.shape)) and 0.3 < (y == 0).mean() < 0.5


def slopes_with_dropout() -> None:
    """PyTorch draws the dropout inside a transformer itself: here finite differences are the judge."""
    from dlcourse.conformance.compare import Case
    from dlcourse.conformance.finite import TOLERANCE, check

    def x(rng):
        return (rng.standard_normal((3, 5, 8)),)

    for norm_first in (False, True):
        options = {"dropout": 0.4, "norm_first": norm_first}
        case = Case("block", lambda nn, rng, o=options: nn.TransformerEncoderLayer(8, 2, 6, rng=rng, **o), x)
        assert max(check(case, places=8).values()) <= TOLERANCE


def dropout_between_layers() -> None:
    from dlcourse.conformance.compare import Case
    from dlcourse.conformance.finite import TOLERANCE, check

    case = Case(
        "GRU",
        lambda nn, rng: nn.GRU(4, 6, num_layers=2, dropout=0.5, rng=rng),
        lambda rng: (rng.standard_normal((3, 5, 4)), None),
    )
    assert max(check(case, places=8).values()) <= TOLERANCE


def sinusoids() -> None:
    from dlcourse.numpy_nn.positional import sinusoidal_positions

    table = sinusoidal_positions(9, 7)
    for t in range(9):
        for column in range(7):
            angle = t / 10000 ** (2 * (column // 2) / 7)
            assert abs(table[t, column] - (math.cos if column % 2 else math.sin)(angle)) < 1e-12


def cached_steps() -> None:
    """Token by token with a cache gives what the whole sequence gives."""
    from dlcourse import numpy_nn as nn

    rng = np.random.default_rng(0)
    positions = nn.PositionalEmbedding(9, 8, rng=rng).to(np.float64)
    positions.weight.data[...] = rng.standard_normal((9, 8))
    block = nn.TransformerEncoderLayer(8, 2, 6, dropout=0.0, rng=rng).to(np.float64).eval()
    x = rng.standard_normal((2, 7, 8))
    cache = nn.KVCache()
    steps = [
        block(positions(x[:, a:b], cache), causal=True, cache=cache) for a, b in ((0, 3), (3, 4), (4, 7))
    ]
    np.testing.assert_allclose(np.concatenate(steps, 1), block(positions(x), causal=True), atol=1e-12)


def optimisers() -> None:
    """Five steps against torch.optim itself, with gradients so small that ε counts."""
    import torch

    from dlcourse import numpy_nn

    for name, arguments in (
        ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True}),
        ("Adam", {"lr": 0.01, "weight_decay": 0.1}),
        ("AdamW", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-5, "weight_decay": 0.2}),
    ):
        rng = np.random.default_rng(0)
        w = rng.standard_normal(6)
        own, other = numpy_nn.Parameter(w.copy()), torch.nn.Parameter(torch.tensor(w))
        steps = getattr(numpy_nn, name)([own], **arguments), getattr(torch.optim, name)([other], **arguments)
        for _ in range(5):
            g = rng.standard_normal(6) * 10.0 ** -np.arange(6)
            own.grad[...], other.grad = g, torch.tensor(g)
            for optimizer in steps:
                optimizer.step()
        np.testing.assert_allclose(own.data, other.detach().numpy(), rtol=1e-10)


def adam_of_keras() -> None:
    from dlcourse import numpy_nn

    p = numpy_nn.Parameter(np.array([1.0]))
    optimizer = numpy_nn.Adam([p], lr=0.01, eps=1e-3, eps_hat=True)
    w, m, v = 1.0, 0.0, 0.0
    for t, g in enumerate((1e-3, -2e-3, 5e-4), start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w -= 0.01 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t) * m / (v**0.5 + 1e-3)
        p.grad[...] = g
        optimizer.step()
    assert abs(p.data[0] - w) < 1e-13


def clipping() -> None:
    from dlcourse import numpy_nn

    def clipped(limit: float) -> list:
        parameters = [numpy_nn.Parameter(np.zeros(2)), numpy_nn.Parameter(np.zeros(1))]
        parameters[0].grad[...], parameters[1].grad[...] = (3, 0), 4
        assert abs(numpy_nn.clip_grad_norm_(parameters, limit) - 5) < 1e-12
        return np.concatenate([p.grad for p in parameters])

    np.testing.assert_allclose(clipped(10), [3, 0, 4])
    np.testing.assert_allclose(clipped(1), [0.6, 0, 0.8])


def schedules() -> None:
    from dlcourse.numpy_nn import cosine, warmup_rsqrt

    np.testing.assert_allclose([cosine(0.3, 8)(t) for t in (0, 4, 8, 12)], [0.3, 0.15, 0, 0], atol=1e-15)
    rates = [warmup_rsqrt(16, 4)(t) for t in (0, 1, 3, 15)]
    np.testing.assert_allclose(rates, [1 / 32, 1 / 16, 1 / 8, 1 / 16])


def initial_weights() -> None:
    from dlcourse.numpy_nn.init import chrono_biases, glorot_uniform, he_uniform, orthogonal

    rng = np.random.default_rng(0)
    for draw, shape, bound in (
        (glorot_uniform, (32, 16, 3, 5), np.sqrt(6 / (48 * 15))),
        (he_uniform, (64, 10, 3, 5), 0.2),
    ):
        w = draw(rng, shape, np.float64)
        assert 0.98 * bound < np.abs(w).max() <= bound
    w = orthogonal(rng, (4, 7), dtype=np.float64)
    np.testing.assert_allclose(w @ w.T, np.eye(4), atol=1e-12)
    b_i, b_f = chrono_biases(rng, 50, 20)
    assert np.array_equal(b_i, -b_f) and b_f.min() >= 0


def frame() -> None:
    """Module and Sequential: gradients are cleared, states are copies, modes reach every child."""
    from dlcourse import numpy_nn as nn

    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Sequential(nn.Tanh(), nn.Linear(4, 2, rng=1)))
    kept = model.state_dict()
    first = kept["0.weight"].copy()
    model(np.ones((2, 3), np.float32))
    model.backward(np.ones((2, 2), np.float32))
    assert all(p.grad.any() for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad.any() for p in model.parameters())
    for p in model.parameters():
        p.data += 1
    np.testing.assert_array_equal(kept["0.weight"], first)
    assert not any(m.training for m in model.eval().modules())


_TRANSFORMER = (conformance("attention", "transformer"), slopes_with_dropout, sinusoids, cached_steps)
CHECKS = {
    "conv.py": (conformance("convolution"),),
    "windows.py": (conformance("convolution", "pooling"),),
    "pooling.py": (conformance("pooling"),),
    "flatten.py": (conformance("pooling"),),
    "linear.py": (conformance("linear", "attention"),),
    "activation.py": (conformance("activation"),),
    "softmax.py": (conformance("activation"),),
    "loss.py": (conformance("loss"),),
    "dropout.py": (conformance("activation"), dropout),
    "embedding.py": (conformance("embedding"),),
    "normalization.py": (conformance("normalization"),),
    "rnn.py": (conformance("recurrent"),),
    "lstm.py": (conformance("recurrent"),),
    "gru.py": (conformance("recurrent"),),
    "recurrent.py": (conformance("recurrent"), dropout_between_layers),
    "attention.py": _TRANSFORMER,
    "multihead.py": _TRANSFORMER,
    "transformer.py": _TRANSFORMER,
    "positional.py": _TRANSFORMER,
    "kv_cache.py": _TRANSFORMER,
    "optim.py": (optimisers, adam_of_keras, clipping),
    "schedule.py": (schedules,),
    "init.py": (initial_weights,),
    "module.py": (frame,),
}
