"""Gated recurrent unit, in both forms of the reset gate."""

import numpy as np

from dlcourse.numpy_nn.recurrent import (
    Recurrent,
    columns,
    input_backward,
    padded_steps,
    project,
    project_backward,
    sigmoid_,
    weight_gradient,
)


def gru(
    x,
    h_0,
    weight_ih,
    weight_hh,
    bias_ih=None,
    bias_hh=None,
    *,
    reset_after=True,
    mask=None,
    drop_x=None,
    drop_h=None,
):
    """r, z = σ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)  (rows of r, of z),  h_t = (1-z) ⊙ n + z ⊙ h_{t-1},
    n = tanh(W_n x_t + b_n + r ⊙ (U_n h_{t-1} + b_hn))  if reset_after  (eq-gru),
    n = tanh(W_n x_t + b_n + U_n (r ⊙ h_{t-1}) + b_hn)  otherwise       (eq-gru-reset-before).

    x (B, T, I), h_0 (B, H), weight_ih (3H, I), weight_hh (3H, H), biases (3H,), in the order r, z, n;
    mask (B, T), drop_x (3, B, I), drop_h (3, B, H) -> y (B, T, H), (h_T,), what the backward pass needs.
    Reset before: Cho et al. 2014, version 3. Reset after: its version 1, cuDNN, PyTorch and Keras.
    """
    a = project(weight_ih, x.transpose(1, 2, 0), drop_x)  # (T, 3H, B), all steps at once
    T, (H, B) = len(a), h_0.T.shape
    U_rz, U_n = weight_hh[: 2 * H], weight_hh[2 * H :]
    drop_rz, drop_n = (None, None) if drop_h is None else (drop_h[:2], drop_h[2:])
    b_hn = 0
    if bias_ih is not None:
        a += bias_ih[:, None]
        a[:, : 2 * H] += bias_hh[: 2 * H, None]
        b_hn = bias_hh[2 * H :, None]
    padded = padded_steps(mask)
    h = np.empty((T + 1, H, B), a.dtype)
    u_n = np.empty((T, H, B), a.dtype)  # U_n h_{t-1} + b_hn
    h[0] = h_0.T
    for t in range(T):
        r, z, n = a[t].reshape(3, H, B)  # views: a is overwritten by the gates
        if reset_after:
            u = project(weight_hh, h[t], drop_h)
            a[t, : 2 * H] += u[: 2 * H]
            sigmoid_(a[t, : 2 * H])
            np.add(u[2 * H :], b_hn, out=u_n[t])
            n += r * u_n[t]
        else:
            a[t, : 2 * H] += project(U_rz, h[t], drop_rz)
            sigmoid_(a[t, : 2 * H])
            n += project(U_n, r * h[t], drop_n)
            n += b_hn
        np.tanh(n, out=n)
        np.subtract(h[t], n, out=h[t + 1])
        h[t + 1] *= z
        h[t + 1] += n  # n + z (h - n)
        if padded is not None:
            np.copyto(h[t + 1], h[t], where=padded[t])
    saved = {"x": x, "h": h, "gates": a.reshape(T, 3, H, B), "u_n": u_n, "padded": padded}
    saved |= {"weight_ih": weight_ih, "weight_hh": weight_hh, "drop_x": drop_x, "drop_h": drop_h}
    return h[1:].transpose(2, 0, 1), (h[T].T,), saved | {"reset_after": reset_after}


def gru_backward(dy, dh_T, *, saved):
    """Gradients  (eq-gru-backward).  a_n = dh (1-z)(1-n²),  a_z = dh (h_{t-1} - n) z(1-z), and

    reset after:   a_r = a_n u_n r(1-r),  dh_{t-1} = dh z + U_nᵀ(a_n r) + U_zᵀa_z + U_rᵀa_r;
    reset before:  q = U_nᵀ a_n,  a_r = q h_{t-1} r(1-r),  dh_{t-1} = dh z + q r + U_zᵀa_z + U_rᵀa_r.

    dy (B, T, H), dh_T (B, H) -> dx (B, T, I), (dh_0,), gradients of the parameters in their order.
    """
    r, z, n = saved["gates"].swapaxes(0, 1)
    if saved["padded"] is not None:
        z = np.where(saved["padded"], 1, z)  # carrying the state on is an update gate of 1
    steps = _steps_reset_after if saved["reset_after"] else _steps_reset_before
    return steps(dy, dh_T.T, r, z, n, **saved)


def _steps_reset_after(dy, dh, r, z, n, x, h, u_n, weight_ih, weight_hh, drop_x, drop_h, **_):
    weight_hh_T = np.ascontiguousarray(weight_hh.T)
    T, H, B = n.shape
    # What does not depend on dh is computed for all steps at once; the loop then multiplies dh in.
    # Four blocks, n r z rn: x meets the first three, h the last three (rn stands for r a_n).
    da = np.empty((T, 4, H, B), n.dtype)
    np.multiply(1 - z, 1 - n * n, out=da[:, 0])
    np.multiply(da[:, 0] * u_n, r * (1 - r), out=da[:, 1])
    np.multiply(h[:-1] - n, z * (1 - z), out=da[:, 2])
    np.multiply(da[:, 0], r, out=da[:, 3])
    for t in reversed(range(T)):
        dh = dh + dy[:, t].T
        da[t] *= dh
        dh = dh * z[t]
        dh += project_backward(weight_hh_T, da[t, 1:].reshape(3 * H, B), drop_h)
    da = columns(da.reshape(T, 4 * H, B))
    da_x, da_h = np.roll(da[: 3 * H], -H, axis=0), da[H:]  # both in the order r, z, n
    dx, dweight_ih, dbias_ih = input_backward(da_x, x, weight_ih, drop_x)
    dweight_hh = weight_gradient(da_h, columns(h[:-1]).T, drop_h)
    return dx, (dh.T,), (dweight_ih, dweight_hh, dbias_ih, da_h.sum(1))


def _steps_reset_before(dy, dh, r, z, n, x, h, weight_ih, weight_hh, drop_x, drop_h, **_):
    T, H, B = n.shape
    U_rz_T, U_n_T = np.ascontiguousarray(weight_hh[: 2 * H].T), np.ascontiguousarray(weight_hh[2 * H :].T)
    drop_rz, drop_n = (None, None) if drop_h is None else (drop_h[:2], drop_h[2:])
    da = np.empty((T, 3, H, B), n.dtype)
    np.multiply(h[:-1], r * (1 - r), out=da[:, 0])
    np.multiply(h[:-1] - n, z * (1 - z), out=da[:, 1])
    np.multiply(1 - z, 1 - n * n, out=da[:, 2])
    for t in reversed(range(T)):
        dh = dh + dy[:, t].T
        da[t, 1:] *= dh
        q = project_backward(U_n_T, da[t, 2], drop_n)
        da[t, 0] *= q
        dh = dh * z[t] + q * r[t]
        dh += project_backward(U_rz_T, da[t, :2].reshape(2 * H, B), drop_rz)
    da = columns(da.reshape(T, 3 * H, B))
    dx, dweight_ih, dbias = input_backward(da, x, weight_ih, drop_x)
    dU_rz = weight_gradient(da[: 2 * H], columns(h[:-1]).T, drop_rz)
    dU_n = weight_gradient(da[2 * H :], columns(r * h[:-1]).T, drop_n)
    return dx, (dh.T,), (dweight_ih, np.concatenate([dU_rz, dU_n]), dbias, dbias)


class GRU(Recurrent):
    """``torch.nn.GRU``, ``batch_first=True``; see ``Recurrent`` for arguments and states.

    ``reset_after=False`` is the unit of Cho et al. 2014 (version 3), which torch.nn does not have.
    """

    gates = 3

    def __init__(self, *args, reset_after: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.reset_after = reset_after

    def _run(self, *args, **options):
        return gru(*args, reset_after=self.reset_after, **options)

    _run_backward = staticmethod(gru_backward)
