"""E15 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def by_block(x, h, Wx, Wh, bx, bh, dh, reset_after=True):
    H = h.shape[1]
    Uz, Ur, Un = Wh[:, :H], Wh[:, H : 2 * H], Wh[:, 2 * H :]
    p = x @ Wx + bx
    z = sigmoid(p[:, :H] + h @ Uz + bh[:H])
    r = sigmoid(p[:, H : 2 * H] + h @ Ur + bh[H : 2 * H])
    u = h @ Un + bh[2 * H :]
    n = np.tanh(p[:, 2 * H :] + (r * u if reset_after else (r * h) @ Un + bh[2 * H :]))
    an = dh * (1 - z) * (1 - n**2)
    az = dh * (h - n) * z * (1 - z)
    if reset_after:
        ar, into_u = an * u * r * (1 - r), an * r
        through, dUn = into_u @ Un.T, h.T @ into_u
    else:
        q = an @ Un.T
        ar, into_u = q * h * r * (1 - r), an
        through, dUn = q * r, (r * h).T @ an
    da = np.concatenate([az, ar, an], axis=1)
    dh_prev = dh * z + through + az @ Uz.T + ar @ Ur.T
    dWh = np.concatenate([h.T @ az, h.T @ ar, dUn], axis=1)
    dbh = np.concatenate([az, ar, into_u], axis=1).sum(0)
    return z * h + (1 - z) * n, da @ Wx.T, dh_prev, x.T @ da, dWh, da.sum(0), dbh


def fused(x, h, Wx, Wh, bx, bh, dh, reset_after=True):
    """Two functions, one for each variant; h2 as n + z (h - n)."""
    return (_after if reset_after else _before)(x, h, Wx, Wh, bx, bh, dh)


def _after(x, h, Wx, Wh, bx, bh, dh):
    H = h.shape[-1]
    p, q = x @ Wx + bx, h @ Wh + bh
    zr = 0.5 * (1 + np.tanh((p + q)[:, : 2 * H] / 2))
    z, r = zr[:, :H], zr[:, H:]
    n = np.tanh(p[:, 2 * H :] + r * q[:, 2 * H :])
    dn = dh * (1 - z) / np.cosh(p[:, 2 * H :] + r * q[:, 2 * H :]) ** 2
    gates = np.hstack([dh * (h - n), dn * q[:, 2 * H :]]) * zr * (1 - zr)
    dp, dq = np.hstack([gates, dn]), np.hstack([gates, dn * r])
    return n + z * (h - n), dp @ Wx.T, dh * z + dq @ Wh.T, x.T @ dp, h.T @ dq, dp.sum(0), dq.sum(0)


def _before(x, h, Wx, Wh, bx, bh, dh):
    H = h.shape[-1]
    b = bx + bh  # here they may be merged
    zr = sigmoid(x @ Wx[:, : 2 * H] + h @ Wh[:, : 2 * H] + b[: 2 * H])
    z, r = np.split(zr, 2, axis=1)
    kept = r * h
    n = np.tanh(x @ Wx[:, 2 * H :] + kept @ Wh[:, 2 * H :] + b[2 * H :])
    dn = dh * (1 - z) * (1 - n * n)
    dkept = np.einsum("bj,ij->bi", dn, Wh[:, 2 * H :])
    gates = np.hstack([dh * (h - n), dkept * h]) * (zr - zr**2)
    dp = np.hstack([gates, dn])
    dWh = np.hstack([h.T @ gates, kept.T @ dn])
    return (
        n + z * (h - n),
        dp @ Wx.T,
        dh * z + dkept * r + gates @ Wh[:, : 2 * H].T,
        x.T @ dp,
        dWh,
        dp.sum(0),
        dp.sum(0).copy(),
    )


def row_by_row(x, h, Wx, Wh, bx, bh, dh, reset_after: bool = True):
    """One sequence at a time; the weights add up."""
    found = [
        by_block(x[[k]], h[[k]], Wx, Wh, bx, bh, dh[[k]], reset_after=reset_after) for k in range(len(x))
    ]
    first = [np.vstack([values[k] for values in found]) for k in range(3)]
    return [*first, *(np.sum([values[k] for values in found], axis=0) for k in range(3, 7))]


CORRECT = [by_block, fused, row_by_row]


def variant(
    order=(0, 1, 2),
    curve=np.tanh,
    mix=lambda z, h, n: z * h + (1 - z) * n,
    reset=lambda r: r,
    after=lambda reset_after: reset_after,
    backward_after=lambda reset_after: reset_after,
    merge=False,
    slope=lambda y: y * (1 - y),
    dn=lambda dh, z, n: dh * (1 - z) * (1 - n**2),
    dz=lambda dh, h, n: dh * (h - n),
    dr=lambda an, u, h: an * u,
    direct=lambda dh, z: dh * z,
    through=lambda an, r, Un: (an * r) @ Un.T,
    into=lambda an, r: an * r,
    finish=lambda *values: values,
):
    """``by_block`` with one place changed."""

    def gru_cell(x, h, Wx, Wh, bx, bh, dh, reset_after=True):
        kind = after(reset_after)
        Uz, Ur, Un = (np.split(Wh, 3, 1)[k] for k in order)
        pz, pr, pn = (np.split(x @ Wx + bx, 3, 1)[k] for k in order)
        bz, br, bn = (np.split(bh, 3)[k] for k in order)
        z, r = sigmoid(pz + h @ Uz + bz), sigmoid(pr + h @ Ur + br)
        u = h @ Un + (0 if merge else bn)
        pn = pn + (bn if merge else 0)
        s = reset(r)
        n = curve(pn + (s * u if kind else (s * h) @ Un + (0 if merge else bn)))
        an, az = dn(dh, z, n), dz(dh, h, n) * slope(z)
        if backward_after(kind):
            ar, inner, way, dUn = dr(an, u, h) * slope(r), into(an, r), through(an, r, Un), h.T @ into(an, r)
        else:
            q = an @ Un.T
            ar, inner, way, dUn = q * h * slope(r), an, q * r, (r * h).T @ an
        da = np.concatenate([az, ar, an], axis=1)
        return finish(
            mix(z, h, n),
            da @ Wx.T,
            direct(dh, z) + way + az @ Uz.T + ar @ Ur.T,
            x.T @ da,
            np.concatenate([h.T @ az, h.T @ ar, dUn], axis=1),
            da.sum(0),
            np.concatenate([az, ar, inner], axis=1).sum(0),
        )

    return gru_cell


def only_one_variant(x, h, Wx, Wh, bx, bh, dh):
    return by_block(x, h, Wx, Wh, bx, bh, dh)


def _entry(k, change):
    def gru_cell(x, h, Wx, Wh, bx, bh, dh, reset_after=True):
        values = list(by_block(x, h, Wx, Wh, bx, bh, dh, reset_after))
        values[k] = change(values[k], x, h, dh)
        return tuple(values)

    return gru_cell


def candidate_bias_inside(x, h, Wx, Wh, bx, bh, dh, reset_after=True):
    H = h.shape[1]
    moved_x, moved_h = bx.copy(), bh.copy()
    if reset_after:
        moved_h[2 * H :] += bx[2 * H :]
        moved_x[2 * H :] = 0
    return by_block(x, h, Wx, Wh, moved_x, moved_h, dh, reset_after)


def normalises_h(x, h, Wx, Wh, bx, bh, dh, reset_after=True):
    values = by_block(x, h, Wx, Wh, bx, bh, dh, reset_after)
    h *= 0.5
    return values


WRONG = {
    "z flipped": (variant(mix=lambda z, h, n: (1 - z) * h + z * n), "z keeps the OLD state"),
    "reset on the other side": (variant(after=lambda a: not a), "wrong side of the matrix product"),
    "always after": (variant(after=lambda a: True), "you always reset after"),
    "always before": (variant(after=lambda a: False), "always reset before"),
    "no option": (only_one_variant, "it raised TypeError"),
    "biases merged": (variant(merge=True), "may not be merged"),
    "bx inside": (candidate_bias_inside, "outside the reset product"),
    "no reset gate": (variant(reset=np.ones_like), "the reset gate is not used"),
    "1 - r": (variant(reset=lambda r: 1 - r), "multiplied by 1-r"),
    "r z n": (variant(order=(1, 0, 2)), "You read r, z, n"),
    "candidate sigmoid": (variant(curve=sigmoid), "you used the sigmoid"),
    "candidate linear": (variant(curve=lambda a: a), "left it as it is"),
    "no 1-z": (variant(mix=lambda z, h, n: z * h + n), "factor 1-z is missing"),
    "candidate returned": (variant(mix=lambda z, h, n: n), "you return the candidate"),
    "no bh": (
        lambda x, h, Wx, Wh, bx, bh, dh, reset_after=True: by_block(
            x, h, Wx, Wh, bx, 0 * bh, dh, reset_after
        ),
        "bias bh is missing",
    ),
    "no biases": (
        lambda x, h, Wx, Wh, bx, bh, dh, reset_after=True: by_block(
            x, h, Wx, Wh, 0 * bx, 0 * bh, dh, reset_after
        ),
        "biases are missing",
    ),
    "biases exchanged": (
        lambda x, h, Wx, Wh, bx, bh, dh, reset_after=True: by_block(x, h, Wx, Wh, bh, bx, dh, reset_after),
        "biases are exchanged",
    ),
    "candidate derivative": (variant(dn=lambda dh, z, n: dh * (1 - z)), "1-n^2, the derivative"),
    "without 1-z": (variant(dn=lambda dh, z, n: dh * (1 - n**2)), "carries 1-z."),
    "with z": (variant(dn=lambda dh, z, n: dh * z * (1 - n**2)), "you used z"),
    "dz sign": (variant(dz=lambda dh, h, n: dh * (n - h)), "sign is wrong"),
    "dz without n": (variant(dz=lambda dh, h, n: dh * h), "part of n is missing"),
    "no slopes": (variant(slope=lambda y: 1), "z(1-z) and r(1-r), are missing"),
    "slope of tanh": (variant(slope=lambda y: 1 - y**2), "you used 1-y^2"),
    "no gradient through r": (variant(dr=lambda an, u, h: 0 * an), "through the reset gate is missing"),
    "dr with h": (variant(dr=lambda an, u, h: an * h), "you multiplied by h"),
    "no direct path": (variant(direct=lambda dh, z: 0), "direct term dh*z."),
    "direct path 1-z": (variant(direct=lambda dh, z: dh * (1 - z)), "you used dh*(1-z)"),
    "without r on the way": (variant(through=lambda an, r, Un: an @ Un.T), "the factor r is missing"),
    "r on the wrong side": (variant(through=lambda an, r, Un: (an @ Un.T) * r), "wrong side of Un^T"),
    "gradients of the other variant": (variant(backward_after=lambda a: True), "other side of the product"),
    "no r in dWh and dbh": (variant(into=lambda an, r: an), "lacks the factor r"),
    "dbh is dbx": (variant(finish=lambda *v: (*v[:6], v[5])), "dbh is not dbx"),
    "mean": (_entry(3, lambda d, x, h, dh: d / len(x)), "not averaged"),
    "one value less": (variant(finish=lambda *v: v[:6]), "it returned 6 values"),
    "six values": (variant(finish=lambda *v: {"h2": v[0]}), "it returned a dict"),
    "changes h": (normalises_h, "changes its input array h"),
    "single precision": (
        lambda x, h, Wx, Wh, bx, bh, dh, reset_after=True: by_block(
            *(v.astype("f4") for v in (x, h, Wx, Wh, bx, bh, dh)), reset_after
        ),
        "single precision",
    ),
}
