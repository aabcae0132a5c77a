"""The layers of ``numpy_nn`` under the same names and arguments, on ``torch.nn``."""

from torch.nn import Sequential

from dlcourse.torch_nn.linear import Linear

__all__ = ["Linear", "Sequential"]
