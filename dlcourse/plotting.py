"""Figures. Words stand in captions, so that one figure serves every language."""

import importlib


def plot_history(history):
    """Loss (left) and accuracy (right) by epoch: training solid, validation dashed; a Matplotlib figure.

    The dot marks the epoch with the lowest validation loss. Raises ``ModuleNotFoundError`` with the pip
    command without Matplotlib, ``ValueError`` for a history without epochs.
    """
    try:
        plt = importlib.import_module("matplotlib.pyplot")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("plot_history needs Matplotlib: pip install matplotlib") from error
    if not history.epochs:
        raise ValueError("plot_history: the history has no epochs, train with fit first")
    figure, panels = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    epochs = range(1, history.epochs + 1)
    for axes, label in zip(panels, ("loss", "accuracy"), strict=True):
        axes.plot(epochs, getattr(history, label), "-", color="C0", label="train")
        valid = getattr(history, f"valid_{label}")
        if valid:
            axes.plot(epochs, valid, "--", color="C1", label="valid")
            axes.plot(history.best_epoch + 1, valid[history.best_epoch], "o", color="C1")
        axes.set_xlabel("epoch")
        axes.set_ylabel(label)
        axes.xaxis.get_major_locator().set_params(integer=True)
    panels[0].legend(frameon=False)
    return figure
