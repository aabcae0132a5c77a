"""E04 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def _pad(x, p):
    return np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))


def windows(dy, x, w, stride=1, padding=0):
    (P, Q), (H, W) = w.shape[2:], x.shape[2:]
    view = np.lib.stride_tricks.sliding_window_view(_pad(x, padding), (P, Q), axis=(2, 3))
    view = view[:, :, ::stride, ::stride]
    dw = np.tensordot(dy, view, ((0, 2, 3), (0, 2, 3)))
    dxp = np.zeros((*x.shape[:2], H + 2 * padding, W + 2 * padding))
    parts = np.einsum("noij,ocpq->ncijpq", dy, w)
    for i, j in np.ndindex(*dy.shape[2:]):
        dxp[:, :, i * stride : i * stride + P, j * stride : j * stride + Q] += parts[:, :, i, j]
    return dxp[:, :, padding : H + padding, padding : W + padding], dw, np.einsum("noij->o", dy)


def all_loops(dy, x, w, stride=1, padding=0):
    """Every product by itself."""
    xp = _pad(x, padding)
    dxp, dw, db = np.zeros(xp.shape), np.zeros(w.shape), np.zeros(len(w))
    for n, o, i, j in np.ndindex(*dy.shape):
        db[o] += dy[n, o, i, j]
        window = np.s_[n, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
        dw[o] += dy[n, o, i, j] * xp[window]
        dxp[window] += dy[n, o, i, j] * w[o]
    end = [n + padding for n in x.shape[2:]]
    return [dxp[:, :, padding : end[0], padding : end[1]], dw, db]


def dilate_and_correlate(dy, x, w, stride: int = 1, padding: int = 0) -> tuple:
    """dx is a full correlation of the spread dy with the turned kernel."""
    (H, W), (P, Q) = x.shape[2:], w.shape[2:]
    spread = np.zeros((*dy.shape[:2], H + 2 * padding - P + 1, W + 2 * padding - Q + 1))
    spread[:, :, ::stride, ::stride] = dy
    around = np.pad(spread, ((0, 0), (0, 0), (P - 1, P - 1), (Q - 1, Q - 1)))
    view = np.lib.stride_tricks.sliding_window_view(around, (P, Q), axis=(2, 3))
    dx = np.einsum("noijpq,ocpq->ncij", view, w[:, :, ::-1, ::-1])
    size = spread.shape[2:]
    pixels = np.lib.stride_tricks.sliding_window_view(_pad(x, padding), size, axis=(2, 3))
    dw = np.einsum("ncpqij,noij->ocpq", pixels, spread)
    return dx[:, :, padding:, padding:][:, :, :H, :W], dw, dy.sum(axis=(0, 2)).sum(axis=1)


CORRECT = [windows, all_loops, dilate_and_correlate]


def _changed(dx=lambda v, *_: v, dw=lambda v, *_: v, db=lambda v, *_: v):
    """A solution in which one of the three is computed wrongly from the same arguments."""

    def conv2d_backward(dy, x, w, stride=1, padding=0):
        found = all_loops(dy, x, w, stride, padding)
        return tuple(f(v, dy, x, w, stride, padding) for f, v in zip((dx, dw, db), found, strict=True))

    return conv2d_backward


def _offsets(dx_slice=None, dw_slice=None, add=True, kernel=lambda w: w, cut=None):
    """The loop over kernel offsets, with slices of one's own."""

    def conv2d_backward(dy, x, w, stride=1, padding=0):
        Ho, Wo = dy.shape[2:]
        xp = _pad(x, padding)
        dxp, dw = np.zeros(xp.shape), np.zeros(w.shape)

        def right(p, q):
            return np.s_[:, :, p : p + stride * (Ho - 1) + 1 : stride, q : q + stride * (Wo - 1) + 1 : stride]

        def step_one(p, q):
            return np.s_[:, :, p : p + Ho, q : q + Wo]

        where = {None: right, "step one": step_one}
        for p, q in np.ndindex(*w.shape[2:]):
            dw[:, :, p, q] = np.einsum("noij,ncij->oc", dy, xp[where[dw_slice](p, q)])
            part = np.einsum("noij,oc->ncij", dy, kernel(w)[:, :, p, q])
            if add:
                dxp[where[dx_slice](p, q)] += part
            else:
                dxp[where[dx_slice](p, q)] = part
        H, W = x.shape[2:]
        default = dxp[:, :, padding : padding + H, padding : padding + W]
        return default if cut is None else cut(dxp, padding, H, W), dw, dy.sum((0, 2, 3))

    return conv2d_backward


def without_padding(dy, x, w, stride=1, padding=0):
    dx, _, db = all_loops(dy, x, w, stride, padding)
    dw = np.zeros(w.shape)
    for p, q in np.ndindex(*w.shape[2:]):
        part = x[:, :, p::stride, q::stride][:, :, : dy.shape[2], : dy.shape[3]]
        dw[:, :, p, q] = np.einsum("noij,ncij->oc", dy[:, :, : part.shape[2], : part.shape[3]], part)
    return dx, dw, db


def wrong_order(dy, x, w, stride=1, padding=0):
    dx, dw, db = all_loops(dy, x, w, stride, padding)
    return dw, dx, db


def two_values(dy, x, w, stride=1, padding=0):
    return all_loops(dy, x, w, stride, padding)[:2]


def no_bias(dy, x, w, stride=1, padding=0):
    return (*all_loops(dy, x, w, stride, padding)[:2], None)


def changes_dy(dy, x, w, stride=1, padding=0):
    found = all_loops(dy, x, w, stride, padding)
    dy /= len(dy)
    return found


def by_torch(dy, x, w, stride=1, padding=0):
    import torch

    tensors = [torch.from_numpy(a).requires_grad_() for a in (x, w, np.zeros(len(w)))]
    torch.nn.functional.conv2d(*tensors, stride, padding).backward(torch.from_numpy(dy))
    return tuple(t.grad.numpy() for t in tensors)


def a_dictionary(dy, x, w, stride=1, padding=0):
    return dict(zip(("dx", "dw", "db"), all_loops(dy, x, w, stride, padding), strict=True))


WRONG = {
    "db mean": (_changed(db=lambda v, dy, *_: dy.mean(axis=(0, 2, 3))), "db sums over batch and positions"),
    "db over the batch": (
        _changed(db=lambda v, dy, *_: dy.sum(axis=0)),
        "db still has the axes of the positions",
    ),
    "db one number": (_changed(db=lambda v, dy, *_: dy.sum()), "you summed over the channels too"),
    "db first sample": (_changed(db=lambda v, dy, *_: dy[0].sum((1, 2))), "first sample only"),
    "db sign": (_changed(db=lambda v, *_: -v), "db: the sign of every value is wrong. Right are: dx, dw"),
    "padding kept": (_offsets(cut=lambda d, p, H, W: d), "still is in the padded frame"),
    "padding cut at the end": (_offsets(cut=lambda d, p, H, W: d[:, :, :H, :W]), "left and top too"),
    "dx step one": (_offsets(dx_slice="step one"), "scattered with step 1"),
    "dw step one": (_offsets(dw_slice="step one"), "dw pairs dy with neighbouring pixels"),
    "assigned": (_offsets(add=False), "add with +="),
    "flipped": (_offsets(kernel=lambda w: w[:, :, ::-1, ::-1]), "the wrong way round"),
    "kernel transposed": (
        _offsets(kernel=lambda w: w.swapaxes(2, 3) if w.shape[2] == w.shape[3] else w[:, :, ::-1]),
        "rows and columns of the kernel are exchanged",
    ),
    "dw without padding": (without_padding, "dw forgets the padding"),
    "dw mean": (_changed(dw=lambda v, dy, *_: v / len(dy)), "dw sums over the batch"),
    "dw and db mean": (
        _changed(dw=lambda v, dy, *_: v / len(dy), db=lambda v, dy, *_: v / len(dy)),
        "dw and db sum over the batch",
    ),
    "dw flipped": (_changed(dw=lambda v, *_: v[:, :, ::-1, ::-1]), "dw is turned by 180 degrees"),
    "dw axes": (_changed(dw=lambda v, *_: v.swapaxes(0, 1)), "dw has the axes (C, O, P, Q)"),
    "dx mean": (_changed(dx=lambda v, dy, *_: v / len(dy)), "dx is divided by the batch size"),
    "dx first filter": (
        _changed(dx=lambda v, dy, x, w, s, p: all_loops(dy[:, :1], x, w[:1], s, p)[0]),
        "dx uses the first output channel only",
    ),
    "order": (wrong_order, "dx and dw are exchanged"),
    "two values": (two_values, "it returned 2 values, expected 3 values: dx, dw, db"),
    "None": (no_bias, "db is None"),
    "changes dy": (changes_dy, "changes its input array dy"),
    "torch": (by_torch, "torch.nn.functional.conv2d do the work"),
    "dictionary": (a_dictionary, "it returned a dict, expected 3 values"),
}
