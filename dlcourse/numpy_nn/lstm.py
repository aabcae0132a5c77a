"""Long short-term memory."""

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


def lstm(
    x, h_0, c_0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, mask=None, drop_x=None, drop_h=None
):
    """(i, f, g, o) = (σ, σ, tanh, σ)(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh),
    c_t = f ⊙ c_{t-1} + i ⊙ g,  h_t = o ⊙ tanh(c_t)  (eq-lstm); a masked step keeps both.

    x (B, T, I), h_0 and c_0 (B, H), weight_ih (4H, I), weight_hh (4H, H), biases (4H,), mask (B, T),
    drop_x (4, B, I), drop_h (4, B, H) -> y (B, T, H), (h_T, c_T), what the backward pass needs.
    Hochreiter and Schmidhuber 1997; the forget gate f: Gers et al. 2000.
    """
    a = project(weight_ih, x.transpose(1, 2, 0), drop_x)  # (T, 4H, B), all steps at once
    if bias_ih is not None:
        a += (bias_ih + bias_hh)[:, None]
    T, (H, B) = len(a), h_0.T.shape
    padded = padded_steps(mask)
    h, c, tanh_c = (np.empty((T + 1, H, B), a.dtype) for _ in range(3))
    h[0], c[0] = h_0.T, c_0.T
    for t in range(T):
        a[t] += project(weight_hh, h[t], drop_h)
        i, f, g, o = a[t].reshape(4, H, B)  # views: a is overwritten by the gates
        sigmoid_(a[t, : 2 * H])
        np.tanh(g, out=g)
        sigmoid_(o)
        np.multiply(f, c[t], out=c[t + 1])
        c[t + 1] += i * g
        np.tanh(c[t + 1], out=tanh_c[t + 1])
        np.multiply(o, tanh_c[t + 1], out=h[t + 1])
        if padded is not None:
            np.copyto(c[t + 1], c[t], where=padded[t])
            np.copyto(h[t + 1], h[t], where=padded[t])
    saved = {"x": x, "h": h, "c": c, "tanh_c": tanh_c, "gates": a.reshape(T, 4, H, B), "padded": padded}
    saved |= {"weight_ih": weight_ih, "weight_hh": weight_hh, "drop_x": drop_x, "drop_h": drop_h}
    return h[1:].transpose(2, 0, 1), (h[T].T, c[T].T), saved


def lstm_backward(dy, dh_T, dc_T, *, saved):
    """Gradients  (eq-lstm-backward).  With dc ← dc + dh ⊙ o (1 - tanh² c_t):

    a_i = dc g i(1-i),  a_f = dc c_{t-1} f(1-f),  a_g = dc i (1-g²),  a_o = dh tanh(c_t) o(1-o),
    dh_{t-1} = W_hhᵀ a,  dc_{t-1} = dc ⊙ f.

    dy (B, T, H), dh_T and dc_T (B, H) -> dx (B, T, I), (dh_0, dc_0), gradients of the parameters.
    """
    x, h, c, tanh_c, padded = (saved[k] for k in ("x", "h", "c", "tanh_c", "padded"))
    weight_ih, weight_hh, drop_x, drop_h = (saved[k] for k in ("weight_ih", "weight_hh", "drop_x", "drop_h"))
    weight_hh_T = np.ascontiguousarray(weight_hh.T)
    i, f, g, o = saved["gates"].swapaxes(0, 1)
    # What does not depend on dh and dc is computed for all steps at once; the loop then multiplies it in.
    da = np.empty_like(saved["gates"])
    np.multiply(g * i, 1 - i, out=da[:, 0])
    np.multiply(c[:-1] * f, 1 - f, out=da[:, 1])
    np.multiply(i, 1 - g * g, out=da[:, 2])
    np.multiply(tanh_c[1:] * o, 1 - o, out=da[:, 3])
    from_h = o * (1 - tanh_c[1:] ** 2)
    if padded is not None:
        da *= ~padded[:, None]
        from_h *= ~padded
        f = np.where(padded, 1, f)
    dh, dc = dh_T.T.copy(), dc_T.T.copy()
    for t in reversed(range(len(da))):
        dh += dy[:, t].T
        dc += dh * from_h[t]
        da[t, :3] *= dc
        da[t, 3] *= dh
        dh_before = project_backward(weight_hh_T, da[t].reshape(-1, dh.shape[1]), drop_h)
        dh = dh_before if padded is None else dh_before + dh * padded[t]
        dc *= f[t]
    T, _, H, B = da.shape
    da = columns(da.reshape(T, 4 * H, B))
    dx, dweight_ih, dbias = input_backward(da, x, weight_ih, drop_x)
    dweight_hh = weight_gradient(da, columns(h[:-1]).T, drop_h)
    return dx, (dh.T, dc.T), (dweight_ih, dweight_hh, dbias, dbias)


class LSTM(Recurrent):
    """``torch.nn.LSTM``, ``batch_first=True``; the state is the pair (h, c). See ``Recurrent``."""

    gates = 4
    state_names = ("h_0", "c_0")
    _run, _run_backward = staticmethod(lstm), staticmethod(lstm_backward)
