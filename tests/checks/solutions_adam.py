"""E10 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def plain(w, grads, lr, b1, b2, eps):
    m, v, w = np.zeros_like(w), np.zeros_like(w), w.copy()
    for i in range(len(grads)):
        g = grads[i]
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        m_hat, v_hat = m / (1 - b1 ** (i + 1)), v / (1 - b2 ** (i + 1))
        w -= lr * m_hat / (v_hat**0.5 + eps)
    return w


def running_powers(w, grads, lr: float, b1: float, b2: float, eps: float) -> np.ndarray:
    first, second, power1, power2 = 0.0, 0.0, 1.0, 1.0
    for g in grads:
        power1, power2 = power1 * b1, power2 * b2
        first += (1 - b1) * (g - first)
        second += (1 - b2) * (np.square(g) - second)
        w = w - lr * first / (1 - power1) / (eps + np.sqrt(second / (1 - power2)))
    return w


def in_closed_form(w, grads, lr, b1, b2, eps):
    """Each mean as a weighted sum over all gradients so far."""
    g = np.stack(grads)
    for t in range(1, len(g) + 1):
        age = np.arange(t)[::-1].reshape(-1, *[1] * w.ndim)
        m = (b1**age * g[:t]).sum(0) / (b1**age).sum()
        v = (b2**age * g[:t] ** 2).sum(0) / (b2**age).sum()
        w = w - lr * m / (np.sqrt(v) + eps)
    return w


def in_place(w, grads, lr, b1, b2, eps):
    w, state = np.array(w), {"m": np.zeros(w.shape), "v": np.zeros(w.shape)}
    for t, g in enumerate(grads, start=1):
        state["m"] *= b1
        state["m"] += (1 - b1) * g
        state["v"] *= b2
        state["v"] += (1 - b2) * g * g
        rate = lr * np.sqrt(1 - b2**t) / (1 - b1**t)
        w -= rate * state["m"] / (np.sqrt(state["v"]) + eps * np.sqrt(1 - b2**t))
    return w


def each_weight(w, grads, lr, b1, b2, eps):
    new = w.copy()
    for index in np.ndindex(w.shape):
        m = v = 0.0
        for t, g in enumerate(grads, 1):
            m, v = b1 * m + (1 - b1) * g[index], b2 * v + (1 - b2) * g[index] ** 2
            new[index] -= lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps)
    return new


CORRECT = [plain, running_powers, in_closed_form, in_place, each_weight]


def _variant(step, first=1):
    """``step(state, g, t, lr, b1, b2, eps)`` returns what is subtracted."""

    def wrong(w, grads, lr, b1, b2, eps):
        state = [0.0, 0.0]
        for t, g in enumerate(grads, first):
            w = w - step(state, g, t, lr, b1, b2, eps)
        return w

    return wrong


def _means(state, g, b1, b2, square=lambda g: g * g):
    state[0] = b1 * state[0] + (1 - b1) * g
    state[1] = b2 * state[1] + (1 - b2) * square(g)
    return state


def uncorrected(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2)
    return lr * m / (np.sqrt(v) + eps)


def eps_inside(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2)
    return lr * m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + eps)


def keras_form(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2)
    return lr * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + eps)


def right_step(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2)
    return lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps)


def only_m_corrected(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2)
    return lr * m / (1 - b1**t) / (np.sqrt(v) + eps)


def without_power(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2)
    return lr * m / (1 - b1) / (np.sqrt(v / (1 - b2)) + eps)


def no_root(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2)
    return lr * m / (1 - b1**t) / (v / (1 - b2**t) + eps)


def g_not_squared(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2, lambda g: g)
    return lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps)


def one_norm(state, g, t, lr, b1, b2, eps):
    m, v = _means(state, g, b1, b2, lambda g: np.linalg.norm(g) ** 2)
    return lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps)


def corrected_is_kept(state, g, t, lr, b1, b2, eps):
    _means(state, g, b1, b2)
    state[0], state[1] = state[0] / (1 - b1**t), state[1] / (1 - b2**t)
    return lr * state[0] / (np.sqrt(state[1]) + eps)


def sums(state, g, t, lr, b1, b2, eps):
    state[0], state[1] = b1 * state[0] + g, b2 * state[1] + g * g
    return lr * state[0] / (1 - b1**t) / (np.sqrt(state[1] / (1 - b2**t)) + eps)


def begins_anew(w, grads, *setting):
    for g in grads:
        w = plain(w, [g], *setting)
    return w


def returns_early(w, grads, lr, b1, b2, eps):
    for g in grads:
        return plain(w, [g], lr, b1, b2, eps)


def changes_w(w, grads, lr, b1, b2, eps):
    w[...] = plain(w, grads, lr, b1, b2, eps)
    return w


def changes_a_gradient(w, grads, lr, b1, b2, eps):
    new = plain(w, grads, lr, b1, b2, eps)
    for g in grads:
        g *= 1 - b1
    return new


def lets_torch(w, grads, lr, b1, b2, eps):
    import torch

    p = torch.tensor(w, requires_grad=True)
    adam = torch.optim.Adam([p], lr, (b1, b2), eps)
    for g in grads:
        p.grad = torch.tensor(g)
        adam.step()
    return p.detach().numpy()


def single_precision(w, grads, *setting):
    return plain(w.astype("f4"), [g.astype("f4") for g in grads], *setting)


def does_not_return(w, grads, lr, b1, b2, eps):
    w = plain(w, grads, lr, b1, b2, eps)


def all_steps(w, grads, *setting):
    return [plain(w, grads[: t + 1], *setting) for t in range(len(grads))]


def _steps(correct_m=lambda b1, b2: b1, correct_v=lambda b1, b2: b2, rate=lambda t: 1.0, largest=False):
    def adam(w, grads, lr, b1, b2, eps):
        m = v = top = np.zeros(np.shape(w))
        for t, g in enumerate(grads, start=1):
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
            top = np.maximum(top, v) if largest else v
            m_hat, v_hat = m / (1 - correct_m(b1, b2) ** t), top / (1 - correct_v(b1, b2) ** t)
            w = w - rate(t) * lr * m_hat / (v_hat**0.5 + eps)
        return w

    return adam


def nadam(w, grads, lr, b1, b2, eps):
    m = v = np.zeros(np.shape(w))
    for t, g in enumerate(grads, start=1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        bar = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1**t)
        w = w - lr * bar / (np.sqrt(v / (1 - b2**t)) + eps)
    return w


WRONG = {
    "v corrected with b1": (_steps(correct_v=lambda b1, b2: b1), "you used b1"),
    "m corrected with b2": (_steps(correct_m=lambda b1, b2: b2), "you used b2"),
    "lr falls": (_steps(rate=lambda t: t**-0.5), "lr does not fall with t"),
    "amsgrad": (_steps(largest=True), "that is AMSGrad"),
    "nadam": (nadam, "that is Nadam"),
    "no bias correction": (_variant(uncorrected), "without bias correction"),
    "v not corrected": (_variant(only_m_corrected), "bias correction of v is missing"),
    "no power": (_variant(without_power), "the power of t is missing"),
    "eps inside": (_variant(eps_inside), "after the square root"),
    "form of Keras": (_variant(keras_form), "before the correction"),
    "t from 0": (_variant(right_step, 0), "with t = 0 you divide by 0"),
    "t from 2": (_variant(right_step, 2), "t is one too large"),
    "betas swapped": (lambda w, g, lr, b1, b2, eps: plain(w, g, lr, b2, b1, eps), "betas are swapped"),
    "one beta": (lambda w, g, lr, b1, b2, eps: plain(w, g, lr, b1, b1, eps), "b1 is used for both"),
    "shares exchanged": (
        lambda w, g, lr, b1, b2, eps: _variant(
            lambda s, g, t, *_: (
                _means(s, g, 1 - b1, 1 - b2),
                lr * s[0] / (1 - b1**t) / (np.sqrt(s[1] / (1 - b2**t)) + eps),
            )[1]
        )(w, g, lr, b1, b2, eps),
        "b and 1-b are exchanged",
    ),
    "no square": (_variant(g_not_squared), "v averages g*g"),
    "square of the norm": (_variant(one_norm), "not the square of the whole norm"),
    "no root": (_variant(no_root), "square root of v is missing"),
    "sums": (_variant(sums), "the factor 1-b"),
    "state lost": (begins_anew, "survive from step to step"),
    "corrected state": (_variant(corrected_is_kept), "keep the uncorrected m and v"),
    "ascent": (lambda w, *a: 2 * w - plain(w, *a), "uphill"),
    "no lr": (lambda w, g, lr, *a: plain(w, g, 1, *a), "learning rate is missing"),
    "no eps": (lambda w, g, lr, b1, b2, eps: plain(w, g, lr, b1, b2, 0), "eps is missing"),
    "return in the loop": (returns_early, "inside the loop"),
    "gradients summed": (lambda w, g, *a: plain(w, [sum(g)], *a), "added up before the first step"),
    "only the change": (lambda w, *a: plain(w, *a) - w, "the new w is asked for"),
    "gradient descent": (lambda w, g, lr, *a: w - lr * sum(g), "plain gradient descent"),
    "momentum": (
        _variant(lambda s, g, t, lr, b1, b2, eps: lr * _means(s, g, b1, b2)[0] / (1 - b1**t)),
        "that is momentum: the division",
    ),
    "RMSprop": (lambda w, g, lr, b1, b2, eps: plain(w, g, lr, 0, b2, eps), "that is RMSprop"),
    "changes w": (changes_w, "changes its input array w"),
    "changes a gradient": (changes_a_gradient, "changes its input array grads"),
    "torch": (lets_torch, "torch.optim.Adam"),
    "single precision": (single_precision, "single precision"),
    "nothing": (does_not_return, "is there a `return`"),
    "a list of steps": (all_steps, "it returned a list"),
}
