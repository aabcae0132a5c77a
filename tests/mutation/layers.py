"""Faults in the small layers: linear, activations, softmax, loss, dropout, embedding, norms."""

from mutation import Fault

FAULTS = [
    Fault(
        "linear.py",
        "    y = x @ weight.T\n",
        "    y = x @ weight\n",
        "Keras' layout (in, out): no error where in = out",
    ),
    Fault(
        "linear.py",
        "rows_dy.T @ rows_x, rows_dy.sum(0)",
        "rows_dy.T @ rows_x, rows_dy.mean(0)",
        "mean for sum",
    ),
    Fault(
        "linear.py",
        "return dy @ weight, rows_dy",
        "return dy @ weight * len(dy), rows_dy",
        "dx times the batch size",
    ),
    Fault("linear.py", "self.weight.grad += dweight", "self.weight.grad[...] = dweight", "= for +="),
    Fault(
        "linear.py", "            self.bias.grad += dbias\n", "            pass\n", "no gradient for the bias"
    ),
    Fault(
        "activation.py",
        "dx = (y > 0).astype",
        "dx = (y >= 0).astype",
        "slope 1 at 0, and y is 0 for all x < 0",
    ),
    Fault("activation.py", "dy * (1 - y * y)", "dy * (1 - y)", "tanh' = 1 - y"),
    Fault("activation.py", "return dy * y * (1 - y)", "return dy * (1 - y)", "σ' without its factor y"),
    Fault(
        "activation.py",
        "dy * (cdf + x * density)",
        "dy * cdf",
        "x Φ(x) differentiated without the product rule",
    ),
    Fault("activation.py", "x * x * -0.5", "x * x * -1.0", "exp(-x²) for exp(-x²/2)"),
    Fault(
        "softmax.py",
        "dx = dp - (dp * p).sum(axis, keepdims=True)",
        "dx = dp - dp * p",
        "only the diagonal of the Jacobian",
    ),
    Fault(
        "softmax.py", "    dx *= p\n", "", "softmax backward without p (invisible with a cotangent of ones)"
    ),
    Fault("softmax.py", "p /= p.sum(axis,", "p /= p.sum(-1,", "always the last axis"),
    Fault(
        "softmax.py", "p = x - x.max(axis, keepdims=True)", "p = x + 0.0", "exp overflows for large logits"
    ),
    Fault(
        "softmax.py",
        "np.exp(y) * dy.sum(axis, keepdims=True)",
        "np.exp(y) * dy",
        "log-softmax without the sum",
    ),
    Fault(
        "softmax.py",
        "y = x - x.max(axis, keepdims=True)",
        "y = x + 0.0",
        "log-softmax overflows for large logits",
    ),
    Fault(
        "loss.py",
        "(m / max(1, m.sum()))",
        "(m / max(1, m.size))",
        "the mean over all targets, ignored ones too",
    ),
    Fault("loss.py", "m = t != ignore_index", "m = t != -100", "the loss knows only one ignore_index"),
    Fault(
        "loss.py",
        "(label_smoothing / V)",
        "(label_smoothing / (V - 1))",
        "ε spread over the wrong classes only",
    ),
    Fault(
        "loss.py",
        "t] -= (1 - label_smoothing) * share",
        "t] -= share",
        "the backward pass forgets the smoothing",
    ),
    Fault(
        "loss.py",
        "float(share @ (np.log(s) - q_dot_z))",
        "float(share @ -q_dot_z)",
        "the loss without log Σ exp",
    ),
    Fault("dropout.py", "        mask *= 1 / (1 - p)\n", "        pass\n", "what is left is not scaled up"),
    Fault("dropout.py", "mask *= 1 / (1 - p)", "mask *= 1 / p", "scaled by the wrong probability"),
    Fault("dropout.py", ">= p).astype", "< p).astype", "p taken as the share that stays"),
    Fault("dropout.py", "if not self.training or self.p == 0:", "if self.p == 0:", "dropout in evaluation"),
    Fault(
        "dropout.py",
        "return dy if self._mask is None else dy * self._mask",
        "return dy",
        "backward without the mask",
    ),
    Fault(
        "dropout.py",
        "tuple(1 if axis == time_axis % len(shape) else n",
        "tuple(n",
        "variational dropout with a new mask at every step",
    ),
    Fault(
        "embedding.py",
        "        dweight[padding_idx] = 0\n",
        "        pass\n",
        "the padding row is trained",
    ),
    Fault(
        "embedding.py",
        "de[second - 1] += de[second]",
        "pass",
        "of a token that occurs twice only one gradient counts",
    ),
    Fault("embedding.py", "self.weight.grad += embedding", "self.weight.grad = embedding", "= for +="),
    Fault(
        "normalization.py",
        "rstd = 1 / np.sqrt(_row_mean(x_hat, x_hat) + x.dtype.type(eps))",
        "rstd = 1 / (np.sqrt(_row_mean(x_hat, x_hat)) + x.dtype.type(eps))",
        "layer norm with ε outside the root",
    ),
    Fault(
        "normalization.py",
        "rstd = 1 / np.sqrt(var + x.dtype.type(eps))",
        "rstd = 1 / (np.sqrt(var) + x.dtype.type(eps))",
        "batch norm with ε outside the root",
    ),
    Fault(
        "normalization.py",
        "/ a.dtype.type(a.shape[-1])",
        "/ a.dtype.type(a.shape[-1] - 1)",
        "the unbiased variance",
    ),
    Fault(
        "normalization.py",
        "* _row_mean(dx, x_hat)\n",
        "* 0\n",
        "layer norm backward as if the variance were a constant",
    ),
    Fault(
        "normalization.py",
        "dx -= _row_mean(dy, weight) + x_hat",
        "dx -= x_hat",
        "layer norm without the mean term",
    ),
    Fault("normalization.py", "    dx *= rstd\n", "", "layer norm backward without 1/√(v + ε)"),
    Fault(
        "normalization.py",
        "(dbias + x_hat * dweight)",
        "dbias",
        "batch norm backward without the variance's part",
    ),
    Fault(
        "normalization.py",
        "/ dy.dtype.type(len(dy)) if training else dy",
        "/ dy.dtype.type(len(dy))",
        "in evaluation, too, as if the statistics came from the batch",
    ),
    Fault(
        "normalization.py", "return dx * (weight * rstd)", "return dx * rstd", "batch norm backward without γ"
    ),
    Fault(
        "normalization.py", "var * (count / (count - 1))", "var", "the running variance as in Keras, biased"
    ),
    Fault(
        "normalization.py",
        "running.data += self.momentum * (new - running.data)",
        "running.data += (1 - self.momentum) * (new - running.data)",
        "momentum as in Keras, the share of the old value",
    ),
    Fault(
        "normalization.py",
        "        if self.training:\n            mean",
        "        if True:\n            mean",
        "statistics of the batch in evaluation",
    ),
]
