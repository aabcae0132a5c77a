"""``dlcourse train``: a model of the article on a data set that needs no download."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dlcourse.cli.saying import errors_as_sentences, stop


def train(
    model: Annotated[
        str,
        typer.Argument(help="cnn, vit (digits); classifier (names); rnn, lstm, gru, transformer (English)"),
    ],
    backend: Annotated[str, typer.Option(help="numpy or torch")] = "numpy",
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto; numpy computes on the CPU")] = "auto",
    epochs: Annotated[
        int, typer.Option(min=1, help="Passes over the data, those of a resumed run included")
    ] = 3,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples an update")] = 64,
    seed: Annotated[int, typer.Option(min=0, help="Of the split, the initial weights and the batches")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Checkpoint, written after every epoch [default: MODEL.npz]")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint, in either backend")
    ] = False,
) -> None:
    """Train a model. Both backends load the checkpoint (.npz); Ctrl-C leaves the last one whole."""
    path = out or Path(f"{model}.npz")
    with errors_as_sentences():
        try:
            _train(model, backend, device, epochs, batch_size, seed, path, resume)
        except KeyboardInterrupt:
            raise stop(_farewell(path), 130) from None


def _train(name, backend, device, epochs, batch_size, seed, path, resume) -> None:
    from dlcourse import backend as backends
    from dlcourse.cli.zoo import trainable
    from dlcourse.training import evaluate, fit

    entry = trainable(name)
    nn = backends.backend(backend)
    if path.exists() and not resume:
        raise ValueError(f"{path} exists; go on from it with --resume, or name another file with --out")
    dataset = entry.load(seed=seed)
    model = entry.build(nn, classes=len(dataset.classes), rng=seed)
    history = fit(
        model,
        dataset.train,
        dataset.valid,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=nn.Adam(model.parameters(), lr=entry.lr),
        clip=1.0,
        seed=seed,
        checkpoint=path,
        resume=resume,
        facts={"model": name, "classes": list(dataset.classes)},
        device=device,
        callbacks=[lambda model, history: _say_epoch(history, epochs)],
    )
    _say_result(evaluate(model, dataset.test), text=dataset.train.y.ndim > 1)
    typer.echo(f"{history.epochs} epochs: {path}")


def _say_epoch(history, epochs: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")  # take the progress bar out of the way
    typer.echo(
        f"epoch {history.epochs}/{epochs}: loss {history.loss[-1]:.4f}, accuracy {history.accuracy[-1]:.3f}; "
        f"validation loss {history.valid_loss[-1]:.4f}, accuracy {history.valid_accuracy[-1]:.3f}"
    )


def _say_result(result, text: bool) -> None:
    from dlcourse import metrics

    if text:
        typer.echo(
            f"test: perplexity {metrics.perplexity(result.loss):.2f}, "
            f"{metrics.bits_per_character(result.loss):.3f} bits a character"
        )
    else:
        low, high = metrics.wilson_interval(round(result.accuracy * result.count), result.count)
        typer.echo(f"test: accuracy {result.accuracy:.3f} (95 % interval {low:.3f} to {high:.3f})")


def _farewell(path: Path) -> str:
    if not path.exists():
        return "Stopped in the first epoch: there is no checkpoint yet."
    from dlcourse.checkpoint import read_checkpoint

    facts, _ = read_checkpoint(path)
    return f"Stopped. {path} holds {len(facts['history']['loss'])} epochs; go on with --resume."
