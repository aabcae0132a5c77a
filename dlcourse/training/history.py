"""What a training run leaves behind: one row an epoch."""

from dataclasses import asdict, dataclass, field


@dataclass
class History:
    """Losses and accuracies after each epoch; ``step_loss`` holds the loss of every single update.

    Losses are means over all targets that count (nats), accuracies shares in 0..1. The training values are
    collected while the weights move, the validation values after the epoch. ``best_epoch`` counts from 0.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    valid_loss: list[float] = field(default_factory=list)
    valid_accuracy: list[float] = field(default_factory=list)
    step_loss: list[float] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        return len(self.loss)

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss (training loss, where nothing was validated)."""
        losses = self.valid_loss or self.loss
        return losses.index(min(losses))

    @property
    def stale(self) -> int:
        """How many epochs have passed since ``best_epoch``."""
        return self.epochs - 1 - self.best_epoch if self.epochs else 0

    def as_dict(self) -> dict[str, list[float]]:
        return asdict(self)

    def plot(self):
        """A figure with the curves of loss and accuracy (``dlcourse.plotting.plot_history``)."""
        from dlcourse.plotting import plot_history

        return plot_history(self)
