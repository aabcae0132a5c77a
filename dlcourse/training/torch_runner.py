"""One batch through a torch module, on the device where it is."""

import numpy as np
import torch

from dlcourse import torch_nn
from dlcourse.backend import to_model
from dlcourse.metrics import count_hits
from dlcourse.torch_nn.device import pick_device


class TorchRunner:
    """As ``NumpyRunner``; ``device`` moves the model, ``None`` leaves it where it is."""

    nn = torch_nn
    steps_between_reads = 20  # reading a number waits for the GPU, so losses are read together

    def __init__(self, model, loss, device, autocast):
        if device is not None:
            model.to(pick_device(device))
        self.model, self.loss, self.autocast = model, loss or torch_nn.CrossEntropyLoss(), autocast

    def seed(self, entropy: list[int]) -> None:
        """Seed the generators of all torch devices (dropout draws from them)."""
        torch.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))

    def own_randomness(self):
        """A context after which the generators of torch are where they were."""
        cuda = {p.device.index for p in self.model.parameters() if p.device.type == "cuda"}
        return torch.random.fork_rng(sorted(cuda))

    def learn(self, inputs: tuple, target: np.ndarray) -> tuple[torch.Tensor, ...]:
        inputs, target = to_model(self.model, inputs), to_model(self.model, target.astype(np.int64))
        self.model.zero_grad()
        with torch.autocast(target.device.type, torch.bfloat16, enabled=self.autocast):
            logits = self.model(*inputs)
        loss = self.loss(logits.float() if self.autocast else logits, target)
        loss.backward()
        return loss.detach(), *count_hits(logits.detach(), target, self.loss.ignore_index)

    def measure(self, inputs: tuple, target: np.ndarray) -> tuple[torch.Tensor, ...]:
        inputs, target = to_model(self.model, inputs), to_model(self.model, target.astype(np.int64))
        with torch.inference_mode():
            logits = self.model(*inputs)
            return self.loss(logits, target), *count_hits(logits, target, self.loss.ignore_index)
