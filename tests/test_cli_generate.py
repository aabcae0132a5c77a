"""dlcourse generate: a trained language model writes, the same text in both backends."""

import dataclasses
from functools import partial

import numpy as np
import pytest
from typer.testing import CliRunner

from dlcourse import models, numpy_nn
from dlcourse.checkpoint import save_checkpoint
from dlcourse.cli import app, zoo
from dlcourse.cli.generate import load_language_model
from dlcourse.data import load_english
from dlcourse.decoding import WholeStep, greedy
from dlcourse.decoding import generate as write

TRAINED = ("gru", "transformer")


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One checkpoint of each language model, trained for an epoch on little text."""
    path = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        for name in TRAINED:
            little = partial(load_english, split=(320, 64, 64), length=zoo.LENGTH)
            patch.setitem(zoo.ZOO, name, dataclasses.replace(zoo.ZOO[name], load=little))
            done = run("train", name, "--epochs", 1, "--batch-size", 16, "--out", path / f"{name}.npz")
            assert done.exit_code == 0, done.stderr
            assert "bits a character" in done.stdout
    return path


@pytest.mark.parametrize("name", TRAINED)
def test_the_text_depends_on_the_seed_and_not_on_the_backend(folder, name):
    def text(*options):
        result = run("generate", folder / f"{name}.npz", "--length", 90, "--prompt", "If a", *options)
        assert result.exit_code == 0, result.stderr
        return result.stdout.removesuffix("\n")

    first = text("--seed", 1)
    assert first.startswith("If a")
    assert len(first) == 4 + 90  # the transformer goes on beyond its 64 positions
    assert text("--seed", 1) == first
    assert text("--seed", 1, "--backend", "torch") == first
    assert text("--seed", 2) != first


@pytest.mark.parametrize("name", TRAINED)
def test_temperature_zero_is_greedy(folder, name):
    path = folder / f"{name}.npz"
    result = run("generate", path, "--temperature", 0, "--length", 30, "--seed", 9)
    model, vocabulary = load_language_model(path, "torch")
    expected = write(WholeStep(model, model.max_length), vocabulary.encode("The "), 30, greedy)
    assert result.stdout == vocabulary.decode(expected) + "\n"


def test_top_k_of_one_is_greedy_too(folder):
    path = folder / "gru.npz"
    texts = [
        run("generate", path, *o).stdout for o in (["--temperature", 0], ["--top-k", 1], ["--top-p", 1e-9])
    ]
    assert texts[0] == texts[1] == texts[2]


def test_wrong_files_and_options_get_a_sentence(folder, tmp_path):
    save_checkpoint(
        tmp_path / "cnn.npz", models.cnn(numpy_nn), facts={"model": "cnn", "classes": list("0123456789")}
    )
    save_checkpoint(tmp_path / "bare.npz", models.mlp(numpy_nn))
    np.savez(tmp_path / "foreign.npz", a=np.zeros(3))
    for arguments, sentence in [
        ([tmp_path / "none.npz"], "does not exist"),
        ([tmp_path / "cnn.npz"], "holds a cnn, expected a language model"),
        ([tmp_path / "bare.npz"], "does not say which model it holds"),
        ([tmp_path / "foreign.npz"], "no dlcourse checkpoint"),
        ([folder / "gru.npz", "--prompt", "日"], "'日' not among the 103 symbols"),
        ([folder / "gru.npz", "--prompt", ""], "prompt is empty"),
        ([folder / "gru.npz", "--top-p", 0], "top_p 0.0, expected 0 < top_p <= 1"),
        ([folder / "gru.npz", "--backend", "torch", "--device", "tpu"], "device is 'tpu'"),
    ]:
        result = run("generate", *arguments)
        assert result.exit_code == 1
        assert sentence in result.stderr
        assert "Traceback" not in result.stderr
