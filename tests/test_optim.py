"""Optimisers, clipping and schedules: by hand, against plain torch.optim, and backend against backend."""

import numpy as np
import pytest
import torch

from dlcourse import numpy_nn, torch_nn
from dlcourse.conformance.compare import TOLERANCE, relative_error

SHAPES = [(3, 5), (4,), (2, 1, 3, 2)]

OPTIMISERS = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD, decay": ("SGD", {"lr": 0.1, "weight_decay": 0.05}),
    "momentum": ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
    "Nesterov": ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True}),
    "Adam": ("Adam", {"lr": 0.01}),
    "Adam, L2": ("Adam", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1}),
    "Adam, eps-hat": ("Adam", {"lr": 0.01, "eps": 1e-3, "eps_hat": True}),
    "AdamW": ("AdamW", {"lr": 0.01, "weight_decay": 0.2}),
    "AdamW, eps-hat": ("AdamW", {"lr": 0.01, "eps": 1e-3, "eps_hat": True}),
}


def random_arrays(seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for shape in SHAPES]


def numpy_parameters(dtype=np.float64):
    return [numpy_nn.Parameter(a) for a in random_arrays(0, dtype)]


def torch_parameters(dtype=np.float64):
    return [torch.nn.Parameter(torch.from_numpy(a)) for a in random_arrays(0, dtype)]


def run(params, optimizer, steps, first=0, clip=None, schedule=None):
    """Steps with gradients drawn from the step number; one tensor has tiny ones, where eps matters."""
    is_numpy = isinstance(params[0], numpy_nn.Parameter)
    for t in range(first, first + steps):
        grads = [g * scale for g, scale in zip(random_arrays(100 + t), (1.0, 1e-4, 10.0), strict=True)]
        optimizer.zero_grad()
        for p, g in zip(params, grads, strict=True):
            if is_numpy:
                p.grad += g
            else:
                p.grad = torch.from_numpy(g)
        if clip:
            (numpy_nn if is_numpy else torch_nn).clip_grad_norm_(params, clip)
        if schedule:
            optimizer.lr = schedule(t)
        optimizer.step()
    return [p.data if is_numpy else p.detach().numpy() for p in params]


def assert_same(got, expected, tolerance=TOLERANCE):
    for a, b in zip(got, expected, strict=True):
        assert relative_error(a, b) <= tolerance


@pytest.mark.parametrize("clip", [None, 1.0])
@pytest.mark.parametrize("case", OPTIMISERS)
def test_five_steps_agree_between_the_backends(case, clip):
    name, arguments = OPTIMISERS[case]
    schedule = numpy_nn.cosine(arguments["lr"], 4)
    own, other = numpy_parameters(), torch_parameters()
    got = run(own, getattr(numpy_nn, name)(own, **arguments), 5, clip=clip, schedule=schedule)
    expected = run(other, getattr(torch_nn, name)(other, **arguments), 5, clip=clip, schedule=schedule)
    assert_same(got, expected)
    assert np.abs(got[0] - random_arrays(0)[0]).max() > 1e-3  # something moved


@pytest.mark.parametrize(
    "case", [c for c, (_, arguments) in OPTIMISERS.items() if "eps_hat" not in arguments]
)
def test_five_steps_agree_with_torch_optim_itself(case):
    name, arguments = OPTIMISERS[case]
    own, other = numpy_parameters(), torch_parameters()
    assert_same(
        run(own, getattr(numpy_nn, name)(own, **arguments), 5),
        run(other, getattr(torch.optim, name)(other, **arguments), 5),
    )


def test_eps_hat_form_is_the_formula_of_keras():
    w, m, v, lr, eps = 1.0, 0.0, 0.0, 0.01, 1e-3
    p = [numpy_nn.Parameter(np.array([w]))]
    optimizer = numpy_nn.Adam(p, lr=lr, eps=eps, eps_hat=True)
    for t, g in enumerate([1e-3, -2e-3, 5e-4], start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w -= lr * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t) * m / (v**0.5 + eps)
        p[0].grad[...] = g
        optimizer.step()
        assert p[0].data[0] == pytest.approx(w, abs=1e-14)


def test_the_two_adam_forms_differ_where_gradients_are_small():
    """One step, lr 0.01, |g| = 1e-5 and eps 1e-7: ε acts 31.6 times as large in Keras' form."""
    moved = []
    for eps_hat in (False, True):
        p = [numpy_nn.Parameter(np.zeros(1))]
        p[0].grad[...] = 1e-5
        numpy_nn.Adam(p, lr=0.01, eps=1e-7, eps_hat=eps_hat).step()
        moved.append(-p[0].data[0])
    assert moved[0] == pytest.approx(0.01 * 1e-5 / (1e-5 + 1e-7))
    assert moved[1] == pytest.approx(0.01 * 1e-5 / (1e-5 + 1e-7 / np.sqrt(0.001)))


def test_momentum_and_nesterov_by_hand():
    for nesterov, expected in ((False, [-0.1, -0.29]), (True, [-0.19, -0.461])):
        p = [numpy_nn.Parameter(np.zeros(1))]
        optimizer = numpy_nn.SGD(p, lr=0.1, momentum=0.9, nesterov=nesterov)
        p[0].grad[...] = 1
        for value in expected:
            optimizer.step()
            assert p[0].data[0] == pytest.approx(value)


def test_adamw_shrinks_weights_without_a_gradient_and_adam_does_not_scale_that_decay():
    p = [numpy_nn.Parameter(np.array([2.0]))]
    numpy_nn.AdamW(p, lr=0.1, weight_decay=0.5).step()
    assert p[0].data[0] == pytest.approx(2 * (1 - 0.1 * 0.5))


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_clipping_scales_all_gradients_by_one_factor(backend):
    grads = [np.array([3.0, 0.0]), np.array([[4.0]])]
    if backend == "numpy":
        params = [numpy_nn.Parameter(np.zeros_like(g)) for g in grads]
        for p, g in zip(params, grads, strict=True):
            p.grad += g
        clip = numpy_nn.clip_grad_norm_
    else:
        params = [torch.nn.Parameter(torch.zeros(g.shape, dtype=torch.float64)) for g in grads]
        for p, g in zip(params, grads, strict=True):
            p.grad = torch.from_numpy(g.copy())
        clip = torch_nn.clip_grad_norm_
    assert float(clip(params, 10)) == pytest.approx(5)
    assert_same([np.asarray(p.grad) for p in params], grads, 0)
    assert float(clip(params, 1)) == pytest.approx(5)
    assert_same([np.asarray(p.grad) for p in params], [g / 5 for g in grads], 1e-15)
    with pytest.raises(ValueError, match="max_norm is 0, expected a positive number"):
        clip(params, 0)


def test_clipping_in_torch_keeps_the_norm_on_the_device():
    p = torch.nn.Parameter(torch.zeros(2))
    assert float(torch_nn.clip_grad_norm_([p], 1)) == 0  # no gradient yet
    p.grad = torch.zeros(2)
    assert isinstance(torch_nn.clip_grad_norm_([p], 1), torch.Tensor)
    assert p.grad.tolist() == [0, 0]  # 1/0 is clamped, not NaN


@pytest.mark.parametrize("case", ["momentum", "Adam", "Adam, eps-hat", "AdamW"])
@pytest.mark.parametrize("start", ["numpy", "torch", "torch, fused"])
@pytest.mark.parametrize("then", ["numpy", "torch", "torch, fused"])
def test_state_moves_between_the_backends(case, start, then):
    """Three steps in one backend, state carried over, two steps in the other: as five unbroken ones."""
    name, arguments = OPTIMISERS[case]

    def fresh(backend):
        nn, params = (numpy_nn, numpy_parameters()) if backend == "numpy" else (torch_nn, torch_parameters())
        fused = {"fused": True} if "fused" in backend and name != "SGD" else {}
        return params, getattr(nn, name)(params, **arguments, **fused)

    params, optimizer = fresh("numpy")
    unbroken = [a.copy() for a in run(params, optimizer, 5)]

    params, optimizer = fresh(start)
    weights = [a.copy() for a in run(params, optimizer, 3)]
    params, second = fresh(then)
    for p, w in zip(params, weights, strict=True):
        (p.data if then == "numpy" else p.detach().numpy())[...] = w
    second.load_state_arrays(optimizer.state_arrays())
    assert_same(run(params, second, 2, first=3), unbroken)


@pytest.mark.parametrize("nn", [numpy_nn, torch_nn], ids=["numpy", "torch"])
def test_wrong_arguments_and_states_get_a_sentence(nn):
    params = numpy_parameters() if nn is numpy_nn else torch_parameters()
    with pytest.raises(ValueError, match="SGD: lr is -1, expected a finite number of at least 0"):
        nn.SGD(params, lr=-1)
    with pytest.raises(ValueError, match="SGD: nesterov=True needs a momentum above 0"):
        nn.SGD(params, nesterov=True)
    with pytest.raises(ValueError, match=r"Adam: betas are \(0.9, 1.0\), expected two numbers in \[0, 1\)"):
        nn.Adam(params, betas=(0.9, 1.0))
    with pytest.raises(ValueError):
        nn.Adam([])
    optimizer = nn.Adam(params)
    state = optimizer.state_arrays()
    del state["exp_avg.0"]
    state["exp_avg_sq.1"] = np.zeros(7)
    with pytest.raises(
        ValueError, match=r"Adam.*missing: exp_avg.0; exp_avg_sq.1 has shape \(7,\), expected \(4,\)"
    ):
        optimizer.load_state_arrays(state)


def test_float32_stays_float32():
    params = numpy_parameters(np.float32)
    for p in params:
        p.grad += 1
    numpy_nn.AdamW(params).step()
    assert all(p.data.dtype == np.float32 for p in params)


def test_schedules_are_those_of_torch():
    def rates(scheduler_class, lr, steps, **arguments):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
        scheduler = scheduler_class(optimizer, **arguments)
        found = []
        for _ in range(steps):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return found

    schedulers = torch.optim.lr_scheduler
    cosine = numpy_nn.cosine(0.3, 20, final=0.01)
    np.testing.assert_allclose(
        [cosine(t) for t in range(20)], rates(schedulers.CosineAnnealingLR, 0.3, 20, T_max=20, eta_min=0.01)
    )
    assert cosine(20) == cosine(99) == 0.01
    one_cycle = numpy_nn.one_cycle(0.3, 37, warmup=0.4)
    np.testing.assert_allclose(
        [one_cycle(t) for t in range(37)],
        [*rates(schedulers.OneCycleLR, 0.3, 36, max_lr=0.3, total_steps=37, pct_start=0.4), 0.3 / 25 / 1e4],
    )


def test_warmup_rsqrt_rises_linearly_then_falls_as_one_over_root():
    schedule = numpy_nn.warmup_rsqrt(512, 4000)
    assert schedule(0) == pytest.approx(512**-0.5 * 4000**-1.5)
    assert schedule(1999) == pytest.approx(2000 * schedule(0))
    assert (
        schedule(3999)
        == pytest.approx((512 * 4000) ** -0.5)
        == pytest.approx(max(map(schedule, range(9000))))
    )
    assert schedule(15999) == pytest.approx(schedule(3999) / 2)
    assert numpy_nn.constant(0.5)(7) == 0.5
    with pytest.raises(ValueError, match="cosine: 0 steps, expected at least 1"):
        numpy_nn.cosine(0.1, 0)
    with pytest.raises(ValueError, match=r"one_cycle: warmup 1\.5 of 10 steps"):
        numpy_nn.one_cycle(0.1, 10, warmup=1.5)
