"""Two-dimensional convolution."""

import numpy as np
import torch

from dlcourse.numpy_nn.init import uniform_fan_in


class Conv2d(torch.nn.Conv2d):
    """``torch.nn.Conv2d`` whose initial weights come from ``rng``, equal to those of ``numpy_nn.Conv2d``."""

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
        **factory,
    ):
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, **factory
        )
        rng = np.random.default_rng(rng)
        fan_in = self.weight[0].numel()
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.from_numpy(uniform_fan_in(rng, tuple(p.shape), fan_in, np.float64)))
