"""The training loop, the same for both backends."""

import os
import sys
from collections.abc import Callable, Iterable
from math import isfinite
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dlcourse.backend import load_state_arrays, state_arrays
from dlcourse.checkpoint import load_checkpoint, save_checkpoint
from dlcourse.training.checks import require_fit, require_split
from dlcourse.training.evaluation import Evaluation, Totals, measure, take
from dlcourse.training.history import History
from dlcourse.training.runner import make_runner, reseed


def fit(
    model,
    train,
    valid=None,
    *,
    epochs: int,
    batch_size: int = 32,
    optimizer=None,
    loss=None,
    seed: int = 0,
    schedule: Callable[[int], float] | None = None,
    clip: float | None = None,
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    facts: dict | None = None,
    device: str | None = None,
    autocast: bool = False,
    progress: bool | None = None,
    callbacks: Iterable[Callable] = (),
) -> History:
    """Train ``model`` (of either backend) on ``train`` = (x, y) and return its ``History``.

    Each epoch shuffles the rows with (``seed``, epoch), so both backends see the same batches; then for each
    batch: forward, loss, backward, clip, step. The default optimiser is Adam, the default loss
    cross-entropy; give instances of the model's backend, ``nn.SGD(model.parameters(), lr=0.1)``.

    ``schedule(step)`` sets the learning rate, ``clip`` is the largest global norm of the gradients,
    ``augment(x, rng)`` changes the inputs of each training batch, ``callbacks`` are called after each epoch
    with (model, history). With ``patience`` the run stops after that many epochs without a lower loss on
    ``valid``, and the best weights are restored. ``device`` is "cpu", "cuda", "mps" or "auto" (torch);
    ``autocast=True`` computes products in bfloat16 there and keeps weights and loss in float32.

    ``checkpoint`` names a file that is written whole after every epoch; Ctrl-C leaves the last one.
    ``resume=True`` goes on from it to the same result as an unbroken run; ``epochs`` is the total.
    ``facts`` (JSON) are kept in the file: what a reader needs to build the model again.
    ``progress=None`` shows a bar on a terminal only, and never if DLCOURSE_QUIET is set.

    Raises ``ValueError`` or ``TypeError`` before the first step if data, model and settings do not fit;
    ``FloatingPointError`` if the loss is NaN or infinite: at once for numpy_nn, for torch after at most 20
    more steps, since a look at every loss would make each step wait for a GPU.
    """
    train = require_split("fit: train", train)
    valid = None if valid is None else require_split("fit: valid", valid)
    _require_settings(epochs, batch_size, patience, valid, checkpoint, resume)
    runner = make_runner(model, loss, device, autocast)
    for name, data in (("train", train), ("valid", valid)):
        if data is not None:
            require_fit(f"fit: {name}", model, data, runner.loss.ignore_index)
    optimizer = runner.nn.Adam(model.parameters()) if optimizer is None else optimizer
    _require_optimizer(optimizer, model)
    if device is not None:  # moments of an earlier run follow the weights
        optimizer.load_state_arrays(optimizer.state_arrays())
    run = _Run(runner, optimizer, seed, schedule, clip, augment)
    setting = {"seed": seed, "batch_size": batch_size, "rows": len(train.y)}
    history, best = History(), {}
    if resume:
        history, best = _resume(checkpoint, model, optimizer, setting)

    steps = -(-len(train.y) // batch_size)
    with runner.own_randomness(), _bar(epochs * steps, history.epochs * steps, progress) as bar:
        while history.epochs < epochs and not (patience and history.stale >= patience):
            result, losses = run.epoch(train, history.epochs, batch_size, bar)
            history.loss.append(result.loss)
            history.accuracy.append(result.accuracy)
            history.step_loss += losses
            if valid is not None:
                checked = measure(runner, valid, max(batch_size, 256))
                history.valid_loss.append(checked.loss)
                history.valid_accuracy.append(checked.accuracy)
            if patience and history.stale == 0:
                best = state_arrays(model)
            if checkpoint:
                kept = {**(facts or {}), "history": history.as_dict(), "setting": setting}
                save_checkpoint(checkpoint, model, optimizer, facts=kept, extra=best)
            for callback in callbacks:
                callback(model, history)
    if best:
        load_state_arrays(model, best)
    return history


class _Run:
    """What stays the same in all epochs of one ``fit``."""

    def __init__(self, runner, optimizer, seed, schedule, clip, augment):
        self.runner, self.optimizer, self.seed = runner, optimizer, seed
        self.schedule, self.clip, self.augment = schedule, clip, augment

    def epoch(self, train, epoch: int, batch_size: int, bar: tqdm) -> tuple[Evaluation, list[float]]:
        """One pass over the shuffled rows; the totals and the loss of each step."""
        reseed(self.runner, self.seed, epoch)
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(train.y))
        steps = -(-len(order) // batch_size)
        total, losses, unread = Totals(), [], []
        self.runner.model.train()
        for i in range(steps):
            rows = order[i * batch_size : (i + 1) * batch_size]
            inputs = take(train.x, rows)
            if self.augment:
                inputs = (self.augment(inputs[0], rng), *inputs[1:])
            if self.schedule:
                self.optimizer.lr = self.schedule(epoch * steps + i)
            unread.append(self.runner.learn(inputs, train.y[rows]))
            if len(unread) == self.runner.steps_between_reads or i + 1 == steps:
                for loss, hits, real in unread:
                    losses.append(self._finite(float(loss), epoch, len(losses)))
                    total.add(loss, hits, real)
                unread.clear()
                bar.set_postfix_str(
                    f"epoch {epoch + 1}, loss {total.loss / max(1, total.real):.3f}", refresh=False
                )
            if self.clip:
                self.runner.nn.clip_grad_norm_(self.optimizer.params, self.clip)
            self.optimizer.step()
            bar.update()
        return total.evaluation(), losses

    def _finite(self, loss: float, epoch: int, step: int) -> float:
        if isfinite(loss):
            return loss
        raise FloatingPointError(
            f"fit: the loss is {loss} in epoch {epoch + 1}, step {step + 1}: training has diverged. "
            f"Lower the learning rate (it is {self.optimizer.lr:.3g}) or clip gradients (clip=1.0)"
        )


def _resume(checkpoint, model, optimizer, setting: dict) -> tuple[History, dict[str, np.ndarray]]:
    facts, best = load_checkpoint(checkpoint, model, optimizer)
    if facts.get("setting") != setting:
        raise ValueError(
            f"fit: {checkpoint} was written with {facts.get('setting')}, this run has {setting}; use "
            "the same settings, or another file"
        )
    return History(**facts["history"]), best


def _require_settings(epochs, batch_size, patience, valid, checkpoint, resume) -> None:
    for name, value in (("epochs", epochs), ("batch_size", batch_size), ("patience", patience)):
        if value is not None and (not isinstance(value, int) or value < 1):
            raise ValueError(f"fit: {name} is {value!r}, expected a whole number of at least 1")
    if patience and valid is None:
        raise ValueError("fit: patience needs validation data, fit(model, train, valid, patience=...)")
    if resume and checkpoint is None:
        raise ValueError('fit: resume=True needs the file to go on from, checkpoint="run.npz"')


def _require_optimizer(optimizer, model) -> None:
    if not hasattr(optimizer, "state_arrays"):
        kind = f"{type(optimizer).__module__}.{type(optimizer).__qualname__}"
        raise TypeError(f"fit: optimizer is a {kind}, expected SGD, Adam or AdamW of the model's own backend")
    own = {id(p) for p in model.parameters()}
    if not all(id(p) in own for p in optimizer.params):
        raise ValueError(
            "fit: the optimizer holds parameters of another model; make it from this one: "
            "nn.Adam(model.parameters())"
        )


def _bar(total: int, done: int, progress: bool | None) -> tqdm:
    quiet = bool(os.environ.get("DLCOURSE_QUIET"))
    shown = not quiet and (sys.stderr.isatty() if progress is None else progress)
    return tqdm(total=total, initial=done, disable=not shown, leave=False, unit="step")
