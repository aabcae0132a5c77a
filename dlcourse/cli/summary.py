"""``dlcourse summary``: what a model consists of, and what it costs."""

from typing import Annotated

import typer

from dlcourse.cli.saying import errors_as_sentences


def summary(
    model: Annotated[
        str, typer.Argument(help="cnn, cnn-same, mlp, vit, classifier, rnn, lstm, gru, transformer")
    ],
    backend: Annotated[str, typer.Option(help="numpy or torch; the numbers are the same.")] = "numpy",
) -> None:
    """Print layers, output shapes, parameters and multiply-accumulates for one sample."""
    with errors_as_sentences():
        from dlcourse import backend as backends
        from dlcourse.cli.zoo import entry
        from dlcourse.efficiency import summary as summarise

        chosen = entry(model)
        built = chosen.build(backends.backend(backend), classes=chosen.classes)
        typer.echo(str(summarise(built, chosen.example())))
