"""Two-dimensional convolution (a cross-correlation, as everywhere in deep learning)."""

import numpy as np

from dlcourse.numpy_nn.init import uniform_fan_in
from dlcourse.numpy_nn.module import Module, Parameter
from dlcourse.numpy_nn.validate import pair, require_float, require_positive, require_shape
from dlcourse.numpy_nn.windows import Window, as_rows, channels_first, channels_last, chunks


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1) -> np.ndarray:
    """y[n,o,i,j] = b[o] + Σ_cpq x̃[n, c, s·i + d·p, s·j + d·q] w[o,c,p,q]  (eq-conv2d).

    x (N, C, H, W), weight (O, C/groups, P, Q), bias (O,) -> y (N, O, H_o, W_o); x̃ is x with a border of
    zeros. Every window becomes a row of a matrix, the sum a matrix product (im2col; Chellapilla et al. 2006).
    """
    if groups > 1:
        parts = zip(
            np.split(x, groups, axis=1),
            np.split(weight, groups),
            [None] * groups if bias is None else np.split(bias, groups),
            strict=True,
        )
        return np.concatenate([conv2d(*part, stride, padding, dilation) for part in parts], axis=1)

    window = Window("Conv2d", weight.shape[2:], stride, padding, dilation)
    patches = window.patches(window.pad(channels_last(x)))  # (N, H_o, W_o, P, Q, C), a view
    w = weight.transpose(2, 3, 1, 0).reshape(-1, len(weight))  # (P·Q·C, O)
    y = np.empty((*patches.shape[:3], len(weight)), np.result_type(x, weight))
    for n in chunks(patches):
        out = y[n].reshape(-1, len(weight))
        np.matmul(as_rows(patches[n]), w, out=out)
        if bias is not None:
            out += bias
    return channels_first(y)


def conv2d_backward(dy, x, weight, stride=1, padding=0, dilation=1, groups=1, input_grad=True):
    """The gradients of ``conv2d``  (eq-conv2d-backward).

    dbias[o] = Σ_nij dy[n,o,i,j]; dweight[o,c,p,q] = Σ_nij dy[n,o,i,j] x̃[n, c, s·i + d·p, s·j + d·q];
    dx̃[n, c, s·i + d·p, s·j + d·q] += Σ_o dy[n,o,i,j] w[o,c,p,q], then the border is cut off.

    dy (N, O, H_o, W_o) -> dx like x, dweight like weight, dbias (O,). Without ``input_grad`` dx stays zero:
    data need no gradient, and it is half of the work.
    """
    if groups > 1:
        parts = zip(
            np.split(dy, groups, axis=1), np.split(x, groups, axis=1), np.split(weight, groups), strict=True
        )
        grads = [conv2d_backward(*part, stride, padding, dilation, 1, input_grad) for part in parts]
        dx, dweight, dbias = zip(*grads, strict=True)
        return np.concatenate(dx, axis=1), np.concatenate(dweight), np.concatenate(dbias)

    window = Window("Conv2d", weight.shape[2:], stride, padding, dilation)
    dy, x = channels_last(dy), window.pad(channels_last(x))
    patches = window.patches(x)
    outputs, channels = weight.shape[:2]
    w = weight.transpose(2, 3, 0, 1).reshape(-1, outputs, channels)  # one matrix (O, C) per kernel offset
    dw = np.zeros((channels * w.shape[0], outputs), weight.dtype)
    db = np.zeros(outputs, weight.dtype)
    dx = np.zeros_like(x)
    for n in chunks(patches):
        rows = dy[n].reshape(-1, outputs)
        dw += as_rows(patches[n]).T @ rows
        db += np.ones(len(rows), rows.dtype) @ rows  # = rows.sum(0), but much faster for narrow rows
        if input_grad:
            for w_pq, pixels in zip(w, window.views(dx[n]), strict=True):
                pixels += (rows @ w_pq).reshape(pixels.shape)
    dweight = dw.reshape(*window.kernel, channels, outputs).transpose(3, 2, 0, 1)
    return channels_first(window.crop(dx)), dweight, db


class Conv2d(Module):
    """``torch.nn.Conv2d``: x (N, C, H, W) -> y (N, O, H_o, W_o), see ``conv2d``.

    ``kernel_size``, ``stride``, ``padding``, ``dilation`` are an int or a pair; ``padding="same"`` keeps the
    size (stride 1). ``rng`` draws weights and biases from U(±1/√fan_in), as PyTorch does.
    Raises ``TypeError`` for a dtype other than float32/float64, ``ValueError`` for wrong channels,
    an input smaller than the kernel, or ``groups`` that do not divide the channels.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups: int = 1,
        bias: bool = True,
        *,
        rng=None,
        dtype=np.float32,
    ):
        require_positive("Conv2d", in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"Conv2d: groups is {groups}, expected a divisor of in_channels {in_channels} and "
                f"out_channels {out_channels}"
            )
        Window("Conv2d", kernel_size, stride, padding, dilation)  # says what is wrong with them
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair("Conv2d", "kernel_size", kernel_size)
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups
        rng = np.random.default_rng(rng)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        fan_in = shape[1] * shape[2] * shape[3]
        self.weight = Parameter(uniform_fan_in(rng, shape, fan_in, dtype))
        self.bias = Parameter(uniform_fan_in(rng, (out_channels,), fan_in, dtype)) if bias else None

    def forward(self, x: np.ndarray) -> np.ndarray:
        require_float("Conv2d", x)
        require_shape("Conv2d", x, ("N", self.in_channels, "H", "W"))
        self._x = x
        bias = None if self.bias is None else self.bias.data
        return conv2d(x, self.weight.data, bias, self.stride, self.padding, self.dilation, self.groups)

    def backward(self, dy: np.ndarray, input_grad: bool = True) -> np.ndarray:
        options = (self.stride, self.padding, self.dilation, self.groups)
        dx, dweight, dbias = conv2d_backward(dy, self._x, self.weight.data, *options, input_grad)
        self.weight.grad += dweight
        if self.bias is not None:
            self.bias.grad += dbias
        return dx

    def backward_parameters(self, dy: np.ndarray) -> None:
        self.backward(dy, input_grad=False)
