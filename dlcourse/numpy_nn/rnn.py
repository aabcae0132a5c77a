"""The simple recurrent network of Elman."""

import numpy as np

from dlcourse.numpy_nn.recurrent import (
    Recurrent,
    columns,
    input_backward,
    padded_steps,
    project,
    project_backward,
    weight_gradient,
)


def rnn(x, h_0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, mask=None, drop_x=None, drop_h=None):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)  (eq-rnn); a masked step keeps h_t = h_{t-1}.

    x (B, T, I), h_0 (B, H), weight_ih (H, I), weight_hh (H, H), biases (H,), mask (B, T), constant
    dropout masks drop_x (1, B, I), drop_h (1, B, H) -> y (B, T, H), (h_T,), what the backward pass needs.
    Elman 1990.
    """
    a = project(weight_ih, x.transpose(1, 2, 0), drop_x)  # (T, H, B), all steps at once
    if bias_ih is not None:
        a += (bias_ih + bias_hh)[:, None]
    T, H, B = a.shape
    padded = padded_steps(mask)
    h = np.empty((T + 1, H, B), a.dtype)
    h[0] = h_0.T
    for t in range(T):
        a[t] += project(weight_hh, h[t], drop_h)
        np.tanh(a[t], out=h[t + 1])
        if padded is not None:
            np.copyto(h[t + 1], h[t], where=padded[t])
    saved = {"x": x, "h": h, "padded": padded, "weight_ih": weight_ih, "weight_hh": weight_hh}
    return h[1:].transpose(2, 0, 1), (h[T].T,), saved | {"drop_x": drop_x, "drop_h": drop_h}


def rnn_backward(dy, dh_T, *, saved):
    """Backpropagation through time  (eq-rnn-backward): a_t = (dy_t + δ_t) ⊙ (1 - h_t²), δ_{t-1} = W_hhᵀ a_t.

    dy (B, T, H), dh_T (B, H) -> dx (B, T, I), (dh_0,), gradients of the parameters in their order.
    Werbos 1990.
    """
    x, h, padded, drop_x, drop_h = (saved[k] for k in ("x", "h", "padded", "drop_x", "drop_h"))
    weight_ih, weight_hh = saved["weight_ih"], saved["weight_hh"]
    weight_hh_T = np.ascontiguousarray(weight_hh.T)
    da = 1 - h[1:] ** 2  # first the slopes of all steps; the loop turns them into gradients
    if padded is not None:
        da *= ~padded
    dh = dh_T.T
    for t in reversed(range(len(da))):
        dh = dh + dy[:, t].T
        da[t] *= dh
        dh_before = project_backward(weight_hh_T, da[t], drop_h)
        dh = dh_before if padded is None else dh_before + dh * padded[t]
    da = columns(da)
    dx, dweight_ih, dbias = input_backward(da, x, weight_ih, drop_x)
    dweight_hh = weight_gradient(da, columns(h[:-1]).T, drop_h)
    return dx, (dh.T,), (dweight_ih, dweight_hh, dbias, dbias)


class RNN(Recurrent):
    """``torch.nn.RNN`` with tanh (no other ``nonlinearity``), ``batch_first=True``; see ``Recurrent``."""

    _run, _run_backward = staticmethod(rnn), staticmethod(rnn_backward)
