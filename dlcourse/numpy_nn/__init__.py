"""Neural network layers written from their formulas in NumPy, forward and backward."""

from dlcourse.numpy_nn.linear import Linear
from dlcourse.numpy_nn.module import Buffer, Module, Parameter, Sequential

__all__ = ["Buffer", "Linear", "Module", "Parameter", "Sequential"]
