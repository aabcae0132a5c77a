"""A whole epoch of each language model, NumPy and PyTorch in turns of a few steps."""

import gc
import time
from statistics import median

import numpy as np

from benchmarks.pairs import NUMPY, TORCH
from dlcourse import models, numpy_nn, torch_nn
from dlcourse.data import load_english
from dlcourse.training.runner import make_runner

TURN = 5  # steps of one side before the other goes on
# Without dropout both backends compute the same losses, and PyTorch can use its fastest recurrent layers.
RECURRENT = {"embedding_dim": 64, "units": 256, "dropout": 0.0, "recurrent_dropout": 0.0}
TRANSFORMER = {
    **{"d_model": 96, "num_heads": 4, "num_layers": 2, "dff": 384, "max_length": 64, "dropout": 0.0},
    "norm_first": True,  # pre-norm bears the high rate that learns within a minute
}
MODELS = {
    "RNN": (models.rnn_language_model, RECURRENT),
    "LSTM": (models.lstm_language_model, RECURRENT),
    "GRU": (models.gru_language_model, RECURRENT),
    "transformer": (models.transformer_language_model, TRANSFORMER),
}


class Training:
    """One side of an epoch: the model, its optimiser, the CPU seconds and the losses so far."""

    def __init__(self, nn, blueprint, arguments: dict):
        self.model = blueprint(nn, **arguments)
        self.runner, self.optimiser = make_runner(self.model, None, None), nn.Adam(self.model.parameters())
        self.nn, self.seconds, self.losses = nn, [], []

    def turn(self, batches: list) -> None:
        """Train on each batch as ``dlcourse.training.fit`` does, and note the time."""
        start = time.process_time()
        for x, y in batches:
            self.losses.append(float(self.runner.learn((x,), y)[0]))
            self.nn.clip_grad_norm_(self.optimiser.params, 1.0)
            self.optimiser.step()
        self.seconds.append(time.process_time() - start)


def epoch(name: str, bar, windows: int = 4000, batch: int = 32, tolerance: float = 0.02) -> dict:
    """CPU seconds of one epoch on the English text in both backends; the losses must agree.

    Rounding grows over an epoch, hence the tolerance on the mean loss; the first steps are compared exactly
    by the tests of the models. Raises ``ValueError`` if the backends learn differently.
    """
    english = load_english()
    x, y = (a[:windows] for a in english.train)
    blueprint, arguments = MODELS[name]
    arguments = arguments | {"vocab_size": len(english.classes)}
    sides = {key: Training(nn, blueprint, arguments) for key, nn in ((NUMPY, numpy_nn), (TORCH, torch_nn))}
    batches = [(x[i : i + batch], y[i : i + batch]) for i in range(0, len(y), batch)]
    turns = [batches[i : i + TURN] for i in range(0, len(batches), TURN)]
    gc.collect()
    gc.disable()
    try:
        for k, turn in enumerate(turns):
            for side in list(sides.values())[:: -1 if k % 2 else 1]:
                side.turn(turn)
            bar.update(1 / len(turns))
    finally:
        gc.enable()
    ours, theirs = sides[NUMPY], sides[TORCH]
    if not np.isclose(np.mean(ours.losses), np.mean(theirs.losses), rtol=tolerance):
        raise ValueError(
            f"{name}: mean losses {np.mean(ours.losses):.4f} and {np.mean(theirs.losses):.4f} differ"
        )
    return {
        "model": name,
        "characters": int(y.size),
        "steps": len(batches),
        "cpu": {key: sum(side.seconds) for key, side in sides.items()},
        "ratio": median(ours.seconds) / median(theirs.seconds),
        "loss": {key: float(np.mean(side.losses)) for key, side in sides.items()},
    }
