"""``dlcourse generate``: text from a language model that ``dlcourse train`` has trained."""

from pathlib import Path
from typing import Annotated

import typer

from dlcourse.cli.saying import errors_as_sentences


def generate(
    checkpoint: Annotated[Path, typer.Argument(help="File that dlcourse train has written")],
    prompt: Annotated[str, typer.Option(help="The beginning of the text")] = "The ",
    length: Annotated[int, typer.Option(min=0, help="Characters to add")] = 300,
    temperature: Annotated[float, typer.Option(min=0, help="0: always the most probable character")] = 0.8,
    top_k: Annotated[int, typer.Option(min=0, help="Only the k most probable; 0: all")] = 0,
    top_p: Annotated[float, typer.Option(help="Only the most probable that hold this share")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same text")] = 0,
    backend: Annotated[str, typer.Option(help="numpy or torch, whichever trained it")] = "numpy",
    device: Annotated[str, typer.Option(help="For torch: cpu, cuda, mps or auto")] = "cpu",
) -> None:
    """Continue a text with a trained language model, one character after the other."""
    with errors_as_sentences():
        import numpy as np

        from dlcourse import decoding
        from dlcourse.models import advance

        model, vocabulary = load_language_model(checkpoint, backend, device)
        step = decoding.CarriedStep(advance(model), model.max_length)
        choose = decoding.greedy
        if temperature:
            choose = decoding.Sampler(np.random.default_rng(seed), temperature, top_k, top_p)
        ids = decoding.generate(step, vocabulary.encode(prompt), length, choose)
        typer.echo(vocabulary.decode(ids))


def load_language_model(path: Path, backend: str, device: str = "cpu"):
    """The model of a checkpoint of ``dlcourse train``, in the wanted backend, and its vocabulary.

    Raises ``ValueError`` for a file of something else than a language model.
    """
    from dlcourse import backend as backends
    from dlcourse.checkpoint import load_checkpoint, read_checkpoint
    from dlcourse.cli.zoo import entry
    from dlcourse.data import Vocabulary

    nn = backends.backend(backend)
    facts, _ = read_checkpoint(path)
    if "model" not in facts or "classes" not in facts:
        raise ValueError(f"{path} does not say which model it holds, expected a file of dlcourse train")
    model = entry(facts["model"]).build(nn, classes=len(facts["classes"]))
    if not hasattr(model, "read"):
        raise ValueError(f"{path} holds a {facts['model']}, expected a language model: gru, transformer, ...")
    load_checkpoint(path, model)
    if backend == "torch":
        from dlcourse.torch_nn.device import pick_device

        model.to(pick_device(device))
    return model, Vocabulary(facts["classes"])
