"""How long until a model has learned: the CNN on digits, and character models on English text."""

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.epochs import MODELS
from dlcourse import models, numpy_nn, torch_nn
from dlcourse.data import load_english, load_mnist
from dlcourse.data.dataset import Split
from dlcourse.metrics import bits_per_character
from dlcourse.numpy_nn.schedule import one_cycle
from dlcourse.training import fit

BACKENDS = {"numpy": numpy_nn, "torch": torch_nn}
PIXELS = 2  # a digit may move so far in each direction
# Small batches: more steps matter more than the speed of one.
BATCH, RATES = 16, {"GRU": 3e-3, "LSTM": 5e-3, "transformer": 6e-3}


def shifted(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every picture of x (N, C, H, W) moved by up to two pixels each way; what comes in is empty."""
    H, W = x.shape[2:]
    border = ((0, 0), (0, 0), (PIXELS, PIXELS), (PIXELS, PIXELS))
    padded = np.pad(x, border)
    moves = rng.integers(2 * PIXELS + 1, size=(len(x), 2))
    return np.stack([p[:, i : i + H, j : j + W] for p, (i, j) in zip(padded, moves, strict=True)])


def digits(backend: str, seed: int, epochs: int = 20, rows=(4000, 500, 500), batch: int = 32) -> dict:
    """Train the article's CNN with Adam and a one-cycle rate; CPU seconds and accuracy after each epoch."""
    data, nn = load_mnist(seed, rows), BACKENDS[backend]
    held_out = Split(*(np.concatenate(pair) for pair in zip(data.valid, data.test, strict=True)))
    model = models.cnn(nn, rng=seed)
    schedule = one_cycle(3e-3, epochs * -(-rows[0] // batch))
    return _run("CNN", backend, seed, model, data.train, held_out, epochs, batch, schedule, augment=shifted)


def characters(name: str, backend: str, seed: int = 0, epochs: int = 6, rows=(4600, 500, 500)) -> dict:
    """Train a character model; CPU seconds and bits per character on unseen text after each epoch."""
    english, nn = load_english(seed, rows), BACKENDS[backend]
    blueprint, arguments = MODELS[name]
    model = blueprint(nn, **arguments, vocab_size=len(english.classes), rng=seed)
    schedule = one_cycle(RATES[name], epochs * -(-len(english.train.y) // BATCH), warmup=0.1)
    return _run(name, backend, seed, model, english.train, english.valid, epochs, BATCH, schedule, clip=1.0)


def _run(name, backend, seed, model, train, valid, epochs, batch, schedule, **options) -> dict:
    seconds, start = [], time.process_time()
    history = fit(
        model,
        train,
        valid,
        epochs=epochs,
        batch_size=batch,
        schedule=schedule,
        seed=seed,
        optimizer=BACKENDS[backend].Adam(model.parameters()),
        callbacks=[lambda *_: seconds.append(time.process_time() - start)],
        **options,
    )
    return {
        "model": name,
        "backend": backend,
        "seed": seed,
        "seconds": seconds,
        "accuracy": history.valid_accuracy,
        "bits": [bits_per_character(loss) for loss in history.valid_loss],
    }


def runs(seeds=(0, 1, 2)) -> Iterator[tuple]:
    """What ``python -m benchmarks learn`` does, as functions and their arguments."""
    for seed in seeds:
        for backend in BACKENDS:
            yield digits, backend, seed
    for name in RATES:
        for backend in BACKENDS:
            yield characters, name, backend
