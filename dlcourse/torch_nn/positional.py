"""Where a token stands: fixed sines and cosines, or one learned vector a position."""

import torch

from dlcourse.numpy_nn.positional import initial_positions, positions_of, sinusoidal_positions


class PositionalEncoding(torch.nn.Module):
    """``numpy_nn.PositionalEncoding`` on PyTorch: y_t = x_t + PE(t)."""

    def __init__(self, d_model: int, max_len: int = 5000):
        super().__init__()
        self.d_model, self.max_len = d_model, max_len
        self._exact = torch.from_numpy(sinusoidal_positions(max_len, d_model))
        self._table = self._exact.float()

    def forward(self, x, cache=None):
        positions = positions_of("PositionalEncoding", x, self.d_model, self.max_len, cache)
        if (self._table.dtype, self._table.device) != (x.dtype, x.device):
            # Once a dtype and device, not once a step: a copy to a GPU makes it wait.
            self._table = self._exact.to(x.dtype).to(x.device)
        return x + self._table[positions]


class PositionalEmbedding(torch.nn.Module):
    """``numpy_nn.PositionalEmbedding`` on PyTorch: y_t = x_t + weight_t, learned."""

    def __init__(self, max_len: int, d_model: int, *, rng=None, **factory):
        super().__init__()
        self.d_model, self.max_len = d_model, max_len
        self.weight = torch.nn.Parameter(torch.empty(max_len, d_model, **factory))
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(initial_positions(rng, max_len, d_model)))

    def forward(self, x, cache=None):
        positions = positions_of("PositionalEmbedding", x, self.d_model, self.max_len, cache)
        return x + self.weight[positions]
