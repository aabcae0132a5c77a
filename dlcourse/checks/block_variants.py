"""A transformer block whose parts can be exchanged: the reference of E23, and what people write instead."""

import math

import numpy as np

from dlcourse.checks.attention import softmax
from dlcourse.checks.multi_head_attention import merge, split


def normalised(x, gamma, beta, axis=-1, eps=1e-5):
    return gamma * (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps) + beta


def attention(x, p, h, axis=-1, scale=None):
    q, k, v = (split(x @ p[name], h) for name in ("Wq", "Wk", "Wv"))
    scores = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale(q, x))
    return merge(softmax(scores, axis) @ v) @ p["Wo"]


def relu(z):
    return np.maximum(z, 0)


def feed_forward(x, p, act=relu, last=lambda y: y):
    return last(act(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"])


def post(x, branch, norm):
    return norm(x + branch(x))


def pre(x, branch, norm):
    return x + branch(norm(x))


def norms_of(p, normalise=normalised, names="12"):
    """The normalisation of each branch, with its own gamma and beta."""
    return [lambda z, n=n: normalise(z, p[f"gamma{n}"], p[f"beta{n}"]) for n in names]


RIGHT = {"post": post, "pre": pre}


def with_parts(
    post=post,
    pre=pre,
    attend=attention,
    feed=feed_forward,
    normalise=normalised,
    order=(0, 1),
    names="12",
    end=None,
):
    """A block with parts exchanged: how a residual is built, the two branches, the normalisation, the
    order of the branches, the parameters of the two norms, what happens at the end."""

    def wrong(x, p, h, norm):
        step = {"post": post, "pre": pre}[norm]
        norms = norms_of(p, normalise, names)
        branches = [(lambda z: attend(z, p, h), norms[0]), (lambda z: feed(z, p), norms[1])]
        y = x
        for i in order:
            y = step(y, *branches[i])
        return end(y, norms, norm) if end else y

    return wrong


_right = with_parts()


def block(x, params, h, norm):
    """The reference of E23."""
    return _right(x, params, h, norm)


def only_around(which):
    """The residual is missing around one of the two branches."""

    def wrong(x, p, h, norm):
        norms = norms_of(p)
        y = x
        for i, branch in enumerate((lambda z: attention(z, p, h), lambda z: feed_forward(z, p))):
            if i == which:
                y = norms[i](branch(y)) if norm == "post" else branch(norms[i](y))
            else:
                y = RIGHT[norm](y, branch, norms[i])
        return y

    return wrong


def first_input(x, p, h, norm):
    """The feed-forward part is added to, and sees, the input of the block."""
    norms = norms_of(p)
    a = attention(x if norm == "post" else norms[0](x), p, h)
    f = feed_forward(x if norm == "post" else norms[1](x), p)
    return x + a + f if norm == "pre" else norms[1](norms[0](x + a) + f)


def residual_of_the_block(x, p, h, norm):
    """The second residual adds the input of the block in place of the result of the first branch."""
    norms = norms_of(p)
    if norm == "post":
        return norms[1](x + feed_forward(norms[0](x + attention(x, p, h)), p))
    return x + feed_forward(norms[1](x + attention(norms[0](x), p, h)), p)


def with_params(change):
    return lambda x, p, h, norm: block(x, p | change(p), h, norm)


def transposed(*names):
    return with_params(lambda p: {name: p[name].T for name in names})


def gelu(z):
    return 0.5 * z * (1 + np.vectorize(math.erf)(z / math.sqrt(2)))


def gelu_tanh(z):
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))


def cut(first):
    """Heads cut, where ``first`` says so, and merged by a plain reshape."""

    def plain(x, p, h):
        B, T, E = x.shape
        projected = [x @ p[name] for name in ("Wq", "Wk", "Wv")]
        q, k, v = (z.reshape(B, h, T, E // h) if first else split(z, h) for z in projected)
        return (softmax(q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5) @ v).reshape(B, T, E) @ p["Wo"]

    return plain


def one_norm(x, p, h, norm, kept):
    """Only one of the two branches is normalised."""
    y = x
    for i, branch in enumerate((lambda z: attention(z, p, h), lambda z: feed_forward(z, p))):
        y = RIGHT[norm](y, branch, norms_of(p)[i]) if i == kept else y + branch(y)
    return y


def causal(x, p, h):
    q, k, v = (split(x @ p[name], h) for name in ("Wq", "Wk", "Wv"))
    scores = q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5
    return merge(softmax(np.where(np.tri(x.shape[1], dtype=bool), scores, -np.inf)) @ v) @ p["Wo"]


def no_maximum(x, p, h):
    q, k, v = (split(x @ p[name], h) for name in ("Wq", "Wk", "Wv"))
    e = np.exp(q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5)
    return merge(e / e.sum(-1, keepdims=True) @ v) @ p["Wo"]
