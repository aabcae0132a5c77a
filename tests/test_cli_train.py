"""dlcourse train: what it writes, how it goes on, and what a Ctrl-C leaves behind."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest
from typer.testing import CliRunner

from dlcourse.checkpoint import read_checkpoint
from dlcourse.cli import app, zoo
from dlcourse.cli import train as train_command
from dlcourse.data import load_english, load_mnist

SMALL = partial(load_mnist, split=(128, 64, 64))


@pytest.fixture(autouse=True)
def little_data(monkeypatch, tmp_path):
    monkeypatch.setitem(zoo.ZOO, "cnn", dataclasses.replace(zoo.ZOO["cnn"], load=SMALL))
    monkeypatch.chdir(tmp_path)


def train(*arguments):
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


def numbers(path):
    facts, groups = read_checkpoint(path)
    return facts["history"]["step_loss"], groups["model"] | groups["optimizer"]


def test_a_run_says_each_epoch_and_leaves_a_checkpoint():
    result = train("cnn", "--epochs", 2)
    assert result.exit_code == 0, result.stderr
    first, second, test, last = result.stdout.splitlines()
    assert re.fullmatch(
        r"epoch 1/2: loss \d\.\d{4}, accuracy \d\.\d{3}; validation loss \d\.\d{4}, accuracy \d\.\d{3}", first
    )
    assert second.startswith("epoch 2/2: ")
    assert re.fullmatch(r"test: accuracy \d\.\d{3} \(95 % interval \d\.\d{3} to \d\.\d{3}\)", test)
    assert last == "2 epochs: cnn.npz"
    facts, groups = read_checkpoint("cnn.npz")
    assert facts["model"] == "cnn"
    assert facts["classes"] == list("0123456789")
    assert sum(a.size for a in groups["model"].values()) == 163_850


@pytest.mark.parametrize(("first", "then"), [("numpy", "numpy"), ("torch", "torch"), ("torch", "numpy")])
def test_a_resumed_run_ends_like_an_unbroken_one(first, then):
    assert train("cnn", "--epochs", 2, "--backend", then, "--out", "whole.npz", "--seed", 3).exit_code == 0
    assert train("cnn", "--epochs", 1, "--backend", first, "--out", "parts.npz", "--seed", 3).exit_code == 0
    result = train("cnn", "--epochs", 2, "--backend", then, "--out", "parts.npz", "--seed", 3, "--resume")
    assert result.stdout.startswith("epoch 2/2")
    (losses, arrays), (expected_losses, expected) = numbers("parts.npz"), numbers("whole.npz")
    assert arrays.keys() == expected.keys()
    exact = first == then
    np.testing.assert_allclose(losses, expected_losses, rtol=0 if exact else 1e-4)
    for name, array in arrays.items():
        np.testing.assert_allclose(array, expected[name], rtol=0, atol=0 if exact else 1e-4, err_msg=name)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mlp"], "there is no model 'mlp' here, expected one of cnn"),
        (["cnn", "--backend", "jax"], "backend 'jax' does not exist"),
        (["cnn", "--resume"], "cnn.npz does not exist"),
        (["cnn", "--device", "tpu"], "device is 'tpu'"),
    ],
)
def test_wrong_arguments_get_a_sentence(arguments, sentence):
    result = train(*arguments)
    assert result.exit_code == 1
    assert sentence in result.stderr


def test_a_checkpoint_is_not_overwritten_unasked(tmp_path):
    (tmp_path / "cnn.npz").write_bytes(b"precious")
    result = train("cnn")
    assert result.exit_code == 1
    assert "cnn.npz exists; go on from it with --resume, or name another file with --out" in result.stderr
    assert (tmp_path / "cnn.npz").read_bytes() == b"precious"


RUN = """
import dataclasses, sys
from functools import partial
from dlcourse.cli import app, zoo
from dlcourse.cli import train as train_command
from dlcourse.data import load_english, load_mnist
zoo.ZOO["cnn"] = dataclasses.replace(zoo.ZOO["cnn"], load=partial(load_mnist, split=(128, 64, 64)))
app(sys.argv[1:], prog_name="dlcourse")
"""


def test_ctrl_c_leaves_the_last_checkpoint_whole(tmp_path):
    command = [sys.executable, "-c", RUN, "train", "cnn", "--epochs", "100000", "--out", "long.npz"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "long.npz").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    facts, _ = read_checkpoint("long.npz")
    epochs = len(facts["history"]["loss"])
    assert f"Stopped. long.npz holds {epochs} epochs; go on with --resume." in stderr
    assert "Traceback" not in stderr
    assert [path.name for path in tmp_path.iterdir()] == ["long.npz"]
    assert train("cnn", "--epochs", epochs + 1, "--out", "long.npz", "--resume").exit_code == 0
    assert train("cnn", "--epochs", epochs + 1, "--out", "whole.npz").exit_code == 0
    (losses, arrays), (expected_losses, expected) = numbers("long.npz"), numbers("whole.npz")
    assert losses == expected_losses
    for name, array in expected.items():
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)


def test_ctrl_c_in_the_first_epoch(monkeypatch):
    def stopped(seed):
        raise KeyboardInterrupt

    monkeypatch.setitem(zoo.ZOO, "cnn", dataclasses.replace(zoo.ZOO["cnn"], load=stopped))
    result = train("cnn")
    assert result.exit_code == 130
    assert "there is no checkpoint yet" in result.stderr


def test_a_language_model_is_measured_in_perplexity_and_bits(monkeypatch):
    little = partial(load_english, split=(16, 8, 8))
    monkeypatch.setitem(
        zoo.ZOO, "gru", dataclasses.replace(zoo.ZOO["gru"], load=lambda seed: little(seed=seed))
    )
    result = train("gru", "--epochs", 1)
    assert result.exit_code == 0, result.stderr
    perplexity, bits = re.search(
        r"test: perplexity ([\d.]+), ([\d.]+) bits a character", result.stdout
    ).groups()
    assert float(perplexity) == pytest.approx(2 ** float(bits), rel=1e-2)
    assert 5 < float(bits) < 7.5  # hardly trained: log2 of about a hundred characters


def test_ctrl_c_after_an_epoch_says_what_the_checkpoint_holds(monkeypatch):
    def interrupt(history, epochs):
        raise KeyboardInterrupt

    monkeypatch.setattr(train_command, "_say_epoch", interrupt)
    result = train("cnn", "--epochs", 3)
    assert result.exit_code == 130
    assert "Stopped. cnn.npz holds 1 epochs; go on with --resume." in result.stderr
    assert len(numbers("cnn.npz")[0]) == 2  # 128 rows in batches of 64
