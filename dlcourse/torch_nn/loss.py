"""Softmax cross-entropy."""

import torch


class CrossEntropyLoss(torch.nn.Module):
    """Cross-entropy with the classes on the **last** axis, as in ``numpy_nn``.

    logits (N, C) or (B, T, V) and integer target (N,) or (B, T) -> the mean over all targets that are not
    ``ignore_index``; 0 if there is none (PyTorch's own class gives NaN and wants the classes on axis 1).
    """

    def __init__(self, *, ignore_index: int = -100, label_smoothing: float = 0.0):
        super().__init__()
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        if target.shape != logits.shape[:-1]:
            raise ValueError(
                f"CrossEntropyLoss: logits have shape {tuple(logits.shape)}, target {tuple(target.shape)}; "
                "expected (..., classes) and (...)"
            )
        total = torch.nn.functional.cross_entropy(
            logits.reshape(-1, logits.shape[-1]),
            target.reshape(-1),
            ignore_index=self.ignore_index,
            reduction="sum",
            label_smoothing=self.label_smoothing,
        )
        return total / (target != self.ignore_index).sum().clamp(min=1)
