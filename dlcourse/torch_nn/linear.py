"""Fully connected layer."""

import numpy as np
import torch

from dlcourse.numpy_nn.init import uniform_fan_in


class Linear(torch.nn.Linear):
    """``torch.nn.Linear`` whose initial weights come from ``rng``, equal to those of ``numpy_nn.Linear``."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, rng=None, **factory):
        super().__init__(in_features, out_features, bias, **factory)
        rng = np.random.default_rng(rng)
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.from_numpy(uniform_fan_in(rng, tuple(p.shape), in_features, np.float64)))
