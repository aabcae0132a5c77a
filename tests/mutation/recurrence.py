"""Faults in RNN, LSTM, GRU."""

from mutation import Fault

FAULTS = [
    Fault("rnn.py", "da = 1 - h[1:] ** 2", "da = 1 - h[:-1] ** 2", "tanh' at the state before"),
    Fault(
        "rnn.py",
        "dweight_hh = weight_gradient(da, columns(h[:-1]).T",
        "dweight_hh = weight_gradient(da, columns(h[1:]).T",
        "dW_hh with the state after the step",
    ),
    Fault("rnn.py", "        da *= ~padded\n", "        pass\n", "padding gets a gradient"),
    Fault(
        "rnn.py",
        "dh_before if padded is None else dh_before + dh * padded[t]",
        "dh_before",
        "the gradient ends at a masked step",
    ),
    Fault(
        "rnn.py",
        "        dh = dh + dy[:, t].T\n",
        "        dh = dy[:, t].T\n",
        "no gradient from later steps: no BPTT",
    ),
    Fault(
        "rnn.py", "    dh = dh_T.T\n", "    dh = dh_T.T * 0\n", "the gradient of the last state is dropped"
    ),
    Fault(
        "rnn.py",
        "np.copyto(h[t + 1], h[t], where=padded[t])",
        "np.copyto(h[t + 1], 0, where=padded[t])",
        "padding sets the state to 0",
    ),
    Fault(
        "lstm.py",
        "i, f, g, o = a[t].reshape",
        "i, f, o, g = a[t].reshape",
        "gate order i f o g in the forward pass",
    ),
    Fault(
        "lstm.py",
        "i, f, g, o = saved",
        "f, i, g, o = saved",
        "input and forget gate exchanged in the backward pass",
    ),
    Fault(
        "lstm.py",
        "a += (bias_ih + bias_hh)[:, None]",
        "a += bias_ih[:, None]",
        "one of two biases (invisible if they start at 0)",
    ),
    Fault(
        "lstm.py",
        "np.multiply(o, tanh_c[t + 1], out=h[t + 1])",
        "np.multiply(o, c[t + 1], out=h[t + 1])",
        "the output without tanh(c)",
    ),
    Fault(
        "lstm.py",
        "np.multiply(c[:-1] * f, 1 - f,",
        "np.multiply(c[1:] * f, 1 - f,",
        "the forget gate with the new cell",
    ),
    Fault(
        "lstm.py", "from_h = o * (1 - tanh_c[1:] ** 2)", "from_h = o * (1 - tanh_c[1:])", "tanh' = 1 - tanh"
    ),
    Fault(
        "lstm.py",
        "from_h = o * (1 - tanh_c[1:] ** 2)",
        "from_h = 1 - tanh_c[1:] ** 2",
        "dc without the output gate",
    ),
    Fault(
        "lstm.py", "        dc *= f[t]\n", "", "the memory's gradient is not multiplied by the forget gate"
    ),
    Fault(
        "lstm.py",
        "        dc += dh * from_h[t]\n",
        "        dc = dh * from_h[t]\n",
        "the memory's gradient from later steps is lost",
    ),
    Fault("lstm.py", "np.multiply(i, 1 - g * g,", "np.multiply(i, g * (1 - g),", "g has tanh, not σ"),
    Fault("lstm.py", "        f = np.where(padded, 1, f)\n", "", "a masked step forgets"),
    Fault(
        "lstm.py",
        "dh, dc = dh_T.T.copy(), dc_T.T.copy()",
        "dh, dc = dh_T.T.copy(), 0 * dc_T.T",
        "the gradient of the last cell is dropped",
    ),
    Fault(
        "lstm.py",
        "(dweight_ih, dweight_hh, dbias, dbias)",
        "(dweight_ih, dweight_hh, dbias, 0 * dbias)",
        "the second bias gets no gradient",
    ),
    Fault(
        "gru.py",
        "r, z, n = a[t].reshape(3, H, B)",
        "z, r, n = a[t].reshape(3, H, B)",
        "Keras' gate order z r h",
    ),
    Fault(
        "gru.py",
        "        h[t + 1] *= z\n",
        "        h[t + 1] *= 1 - z\n",
        "z and 1 - z exchanged (Chung et al. 2014)",
    ),
    Fault(
        "gru.py",
        "            n += r * u_n[t]\n",
        "            n += r * u[2 * H :] + b_hn\n",
        "the bias b_hn outside the reset gate (invisible if it is 0)",
    ),
    Fault(
        "gru.py",
        "np.multiply(da[:, 0], r, out=da[:, 3])",
        "np.copyto(da[:, 3], da[:, 0])",
        "U_n's gradient without r",
    ),
    Fault(
        "gru.py",
        "np.multiply(da[:, 0] * u_n, r * (1 - r), out=da[:, 1])",
        "np.multiply(da[:, 0] * h[:-1], r * (1 - r), out=da[:, 1])",
        "a_r with h instead of U_n h + b",
    ),
    Fault(
        "gru.py", "        dh = dh * z[t]\n", "        dh = dh * 0\n", "the way around the gates is forgotten"
    ),
    Fault(
        "gru.py",
        "        dh = dh * z[t] + q * r[t]\n",
        "        dh = dh * z[t] + q\n",
        "reset before: q without r",
    ),
    Fault(
        "gru.py",
        "        dh = dh * z[t] + q * r[t]\n",
        "        dh = dh * (1 - z[t]) + q * r[t]\n",
        "z and 1 - z exchanged in the backward pass",
    ),
    Fault("gru.py", "columns(r * h[:-1]).T", "columns(h[:-1]).T", "reset before: U_n saw r h, not h"),
    Fault("gru.py", 'z = np.where(saved["padded"], 1, z)', "pass", "the backward pass knows no mask"),
    Fault(
        "gru.py",
        "a[:, : 2 * H] += bias_hh[: 2 * H, None]",
        "pass",
        "gates without their second bias (invisible if it is 0)",
    ),
    Fault(
        "gru.py",
        "np.roll(da[: 3 * H], -H, axis=0)",
        "np.roll(da[: 3 * H], H, axis=0)",
        "the gate blocks of dW_ih in the wrong order",
    ),
    Fault(
        "gru.py",
        "(dweight_ih, dweight_hh, dbias_ih, da_h.sum(1))",
        "(dweight_ih, dweight_hh, dbias_ih, dbias_ih)",
        "both biases get the same gradient, as in an LSTM",
    ),
    Fault("recurrent.py", "    u *= 0.5\n    np.tanh", "    np.tanh", "σ(2u)"),
    Fault("recurrent.py", "da @ v\n", "da @ v / v.shape[0]\n", "the mean over time for the sum"),
    Fault("recurrent.py", "dweight, da.sum(1)", "dweight, da.mean(1)", "the bias' gradient as a mean"),
    Fault(
        "recurrent.py",
        "                dxs.append(dx[:, order])",
        "                dxs.append(dx)",
        "the reverse direction's dx is not turned back",
    ),
    Fault(
        "recurrent.py",
        "                ys.append(y[:, order])",
        "                ys.append(y)",
        "the reverse direction's y is not turned back",
    ),
    Fault("recurrent.py", "dy = sum(dxs[1:], dxs[0])", "dy = dxs[0]", "dx of the forward direction only"),
    Fault(
        "recurrent.py",
        "mask=None if mask is None else mask[:, order]",
        "mask=mask",
        "the mask is not turned for the reverse direction",
    ),
    Fault(
        "recurrent.py",
        "                    w.grad += gradient",
        "                    w.grad[...] = gradient",
        "= for +=",
    ),
    Fault(
        "recurrent.py",
        "                dy = dy * self._between[k]",
        "                pass",
        "dropout between layers without its backward pass",
    ),
    Fault(
        "recurrent.py",
        'drop_h": (self.recurrent_dropout, self.hidden_size)',
        'drop_h": (self.input_dropout, self.hidden_size)',
        "the wrong dropout rate on the state",
    ),
    Fault(
        "recurrent.py",
        "return None if mask is None else ~mask.T[:, None]",
        "return None if mask is None else mask.T[:, None]",
        "True means padding",
    ),
]
