"""E23 ``transformer_block``: what is asked for, and the mistakes people make."""

import math

import numpy as np

from dlcourse.checks import OTHERS_WORK, Call, Exercise, Misconception, Output, Property, call
from dlcourse.checks.block_variants import (
    attention,
    block,
    causal,
    cut,
    feed_forward,
    first_input,
    gelu,
    gelu_tanh,
    no_maximum,
    normalised,
    one_norm,
    only_around,
    post,
    pre,
    relu,
    residual_of_the_block,
    transposed,
    with_params,
    with_parts,
)


def block_input(
    rng: np.random.Generator, B: int, T: int, E: int, F: int, h: int, norm: str, size=1.0
) -> Call:
    """x (B, T, E), the parameters of a block with F hidden units, h, norm. All random, no bias is 0.

    ``size`` multiplies the scores of attention."""
    shapes = dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (E, E)) | {"W1": (E, F), "W2": (F, E)}
    params = {name: 1.5 * rng.standard_normal(shape) / math.sqrt(shape[0]) for name, shape in shapes.items()}
    params["Wq"] *= size
    params |= {"b1": rng.standard_normal(F), "b2": rng.standard_normal(E)}
    for n in "12":
        params[f"gamma{n}"] = rng.uniform(0.5, 2, E) * rng.choice([-1, 1], E)
        params[f"beta{n}"] = rng.standard_normal(E)
    return call(1 + 1.5 * rng.standard_normal((B, T, E)), params, h, norm)


NO_RESIDUAL = "the residual connection x + f(x) is missing"
RESHAPE = "heads need a reshape to (B,T,h,d) AND a transpose, in and out: a plain reshape mixes time steps."

MISTAKES = (
    Misconception(
        f"{NO_RESIDUAL}, around attention and around the feed-forward part.",
        with_parts(lambda x, f, n: n(f(x)), lambda x, f, n: f(n(x))),
    ),
    Misconception(f"{NO_RESIDUAL} around attention.", only_around(0)),
    Misconception(f"{NO_RESIDUAL} around the feed-forward part.", only_around(1)),
    Misconception(
        'norm="pre": normalise the input of the sub-layer, not the sum (you always do what "post" means).',
        with_parts(pre=post),
    ),
    Misconception(
        'norm="post": normalise the sum x + f(x) (you always do what "pre" means).', with_parts(post=pre)
    ),
    Misconception('"post" and "pre" are exchanged.', with_parts(pre, post)),
    Misconception(
        "residual and normalisation are in the wrong order: post-norm is LN(x + f(x)), not x + LN(f(x)).",
        with_parts(post=lambda x, f, n: x + n(f(x))),
    ),
    Misconception(
        "residual and normalisation are in the wrong order: pre-norm is x + f(LN(x)), not x + LN(f(x)).",
        with_parts(pre=lambda x, f, n: x + n(f(x))),
    ),
    Misconception(
        "residual and normalisation are in the wrong order: post-norm is LN(x + f(x)), not LN(x) + f(x).",
        with_parts(post=lambda x, f, n: n(x) + f(x)),
    ),
    Misconception(
        "pre-norm is x + f(LN(x)): the residual path carries x itself, you normalised it too.",
        with_parts(pre=lambda x, f, n: n(x) + f(n(x))),
    ),
    Misconception(
        "post-norm is LN(x + f(x)): f sees x itself, you normalised it before and after.",
        with_parts(post=lambda x, f, n: n(x + f(n(x)))),
    ),
    Misconception(
        "pre-norm is x + f(LN(x)): you normalise the sum as well.",
        with_parts(pre=lambda x, f, n: n(x + f(n(x)))),
    ),
    Misconception(
        "the normalisations are missing.", with_parts(lambda x, f, n: x + f(x), lambda x, f, n: x + f(x))
    ),
    Misconception(
        'norm="pre" means that the normalisation comes first, not that there is none.',
        with_parts(pre=lambda x, f, n: x + f(x)),
    ),
    Misconception(
        "pre-norm has two normalisations in a block; a third one stands behind the whole stack of blocks.",
        with_parts(end=lambda y, norms, norm: norms[1](y) if norm == "pre" else y),
    ),
    Misconception(
        "each sub-layer has its own normalisation: the second uses gamma2 and beta2.", with_parts(names="11")
    ),
    Misconception(
        "each sub-layer has its own normalisation: the first uses gamma1 and beta1.", with_parts(names="22")
    ),
    Misconception("the two normalisations have exchanged their gamma and beta.", with_parts(names="21")),
    Misconception(
        "each sub-layer has its own normalisation, two per block: that of the feed-forward part is missing.",
        lambda x, p, h, norm: one_norm(x, p, h, norm, 0),
    ),
    Misconception(
        "each sub-layer has its own normalisation, two per block: that of attention is missing.",
        lambda x, p, h, norm: one_norm(x, p, h, norm, 1),
    ),
    Misconception("attention first, then the feed-forward part.", with_parts(order=(1, 0))),
    Misconception("attention first, then the feed-forward part.", with_parts(order=(1, 0), names="21")),
    Misconception("the feed-forward part is missing.", with_parts(order=(0,))),
    Misconception("the feed-forward part is missing.", with_parts(feed=lambda x, p: 0 * x)),
    Misconception("attention is missing.", with_parts(order=(1,))),
    Misconception("attention is missing.", with_parts(attend=lambda x, p, h: 0 * x)),
    Misconception(
        "the feed-forward part works on the result of attention; yours works on the input of the block.",
        first_input,
    ),
    Misconception(
        "the second residual adds the result of the first sub-layer; you add the input of the block again.",
        residual_of_the_block,
    ),
    Misconception(
        "without the nonlinearity the two feed-forward matrices collapse into one: max(0, xW1+b1).",
        with_parts(feed=lambda x, p: feed_forward(x, p, act=lambda z: z)),
    ),
    Misconception(
        "no activation after the second matrix: it would forbid negative updates.",
        with_parts(feed=lambda x, p: feed_forward(x, p, last=relu)),
    ),
    Misconception(
        "the ReLU stands between the two matrices, not after the second.",
        with_parts(feed=lambda x, p: feed_forward(x, p, act=lambda z: z, last=relu)),
    ),
    Misconception(
        "the feed-forward part uses ReLU here: max(0, z), not GELU.",
        with_parts(feed=lambda x, p: feed_forward(x, p, act=gelu)),
    ),
    Misconception(
        "the feed-forward part uses ReLU here: max(0, z), not GELU.",
        with_parts(feed=lambda x, p: feed_forward(x, p, act=gelu_tanh)),
    ),
    Misconception(
        "the feed-forward part uses ReLU here: max(0, z), not tanh.",
        with_parts(feed=lambda x, p: feed_forward(x, p, act=np.tanh)),
    ),
    Misconception("the bias b1 is missing.", with_params(lambda p: {"b1": 0 * p["b1"]})),
    Misconception("the bias b2 is missing.", with_params(lambda p: {"b2": 0 * p["b2"]})),
    Misconception(
        "the biases b1 and b2 are missing.", with_params(lambda p: {"b1": 0 * p["b1"], "b2": 0 * p["b2"]})
    ),
    Misconception(
        "the ReLU comes after the bias: max(0, xW1 + b1).",
        with_parts(feed=lambda x, p: (relu(x @ p["W1"]) + p["b1"]) @ p["W2"] + p["b2"]),
    ),
    Misconception(
        "the output projection Wo is missing.",
        with_parts(attend=lambda x, p, h: attention(x, p | {"Wo": np.eye(len(p["Wo"]))}, h)),
    ),
    Misconception("queries and keys are exchanged.", with_params(lambda p: {"Wq": p["Wk"], "Wk": p["Wq"]})),
    Misconception(
        "the matrices are applied from the right: x @ W, not x @ W.T.", transposed("Wq", "Wk", "Wv", "Wo")
    ),
    Misconception("Wq, Wk and Wv are applied as x @ W, not x @ W.T.", transposed("Wq", "Wk", "Wv")),
    Misconception("Wo is applied as y @ Wo, not y @ Wo.T.", transposed("Wo")),
    Misconception("h has no effect: there is one head.", lambda x, p, h, norm: block(x, p, 1, norm)),
    Misconception(RESHAPE, with_parts(attend=cut(True))),
    Misconception(
        "bring the heads back behind the time axis before you merge them.", with_parts(attend=cut(False))
    ),
    Misconception(
        "the factor 1/sqrt(d) is missing in the scores.",
        with_parts(attend=lambda x, p, h: attention(x, p, h, scale=lambda q, x: 1)),
    ),
    Misconception(
        "each head scales by sqrt(E/h), not by sqrt(E).",
        with_parts(attend=lambda x, p, h: attention(x, p, h, scale=lambda q, x: x.shape[-1] ** -0.5)),
    ),
    Misconception(
        "each query row must sum to 1: softmax over the keys, the last axis.",
        with_parts(attend=lambda x, p, h: attention(x, p, h, axis=-2)),
    ),
    Misconception(
        "normalise over the features (the last axis), not over the time.",
        with_parts(normalise=lambda *a: normalised(*a, axis=1)),
    ),
    Misconception(
        "normalise over the features (the last axis), not over the batch.",
        with_parts(normalise=lambda *a: normalised(*a, axis=0)),
    ),
    Misconception(
        "the variance divides by E; you divide by E-1 (ddof=1).",
        with_parts(
            normalise=lambda x, gamma, beta: (
                gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + 1e-5)
                + beta
            )
        ),
    ),
    Misconception(
        "the normalisation forgets gamma.",
        with_parts(normalise=lambda x, gamma, beta: normalised(x, 1, beta)),
    ),
    Misconception(
        "the normalisation forgets beta.",
        with_parts(normalise=lambda x, gamma, beta: normalised(x, gamma, 0)),
    ),
    Misconception(
        "the normalisation forgets gamma and beta.",
        with_parts(normalise=lambda x, gamma, beta: normalised(x, 1, 0)),
    ),
    *(
        Misconception(
            "the eps of the normalisation is 1e-5.",
            with_parts(normalise=lambda *a, eps=eps: normalised(*a, eps=eps)),
        )
        for eps in (0, 1e-12, 1e-8, 1e-6, 1e-3)
    ),
    Misconception(
        "eps belongs under the root: sqrt(v + eps), not sqrt(v) + eps.",
        with_parts(
            normalise=lambda x, gamma, beta: (
                gamma * (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + 1e-5) + beta
            )
        ),
    ),
    Misconception(
        "exp overflows for large scores: subtract the maximum of each row first.",
        with_parts(attend=no_maximum),
    ),
    Misconception(
        "a causal mask was not asked for: every position sees all positions.",
        with_parts(attend=causal),
    ),
)

EXERCISE = Exercise(
    name="transformer_block",
    reference=block,
    properties=(
        Property("post-norm, one head", lambda rng: [block_input(rng, 1, 4, 6, 9, 1, "post")]),
        Property("pre-norm, one head", lambda rng: [block_input(rng, 1, 5, 6, 7, 1, "pre")]),
        Property(
            "several heads, a batch",
            lambda rng: [block_input(rng, 2, 4, 6, 11, 2, "post"), block_input(rng, 3, 5, 8, 7, 2, "pre")],
        ),
    ),
    misconceptions=MISTAKES,
    outputs=(Output("", ("sequence", "position", "column")),),
    forbidden=OTHERS_WORK,
)
