"""The benchmark on tiny sizes: all sides compute the same numbers, the file is whole. Nothing is timed."""

import json
import math
from itertools import chain

import numpy as np
import pytest
from tqdm import tqdm
from typer.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import (
    epochs,
    growth,
    layers,
    learn,
    memory,
    peers,
    profile,
    results,
    sections,
    steps,
    waiting,
)
from benchmarks.machine import clean_environment, facts
from benchmarks.timing import TOLERANCE, Work, compare, disagreement, sgemm_peaks
from dlcourse import numpy_nn

ATTENTION = ("attention T=1024", "attention T=1024, causal")


def tiny_works():
    models = {"tiny": (numpy_nn.Linear(3, 2, rng=0), 1.0)}
    return list(
        chain(
            layers.convolution(2),
            layers.recurrence(5, 3, (6, 7)),
            layers.attention((20,), 2, 2, 8),
            layers.block(16, 2, 32, 6, 3),
            layers.dense(((3, 4, 5, None),)),
            steps.cross_entropy(((5, 7),)),
            steps.embedding(11, 4, 3, 5),
            steps.optimisers(models),
            steps.whole_cnn((4,)),
            peers.works(2, 7, (2, 3), 20, 5, 6),
            (work for _, _, work in growth.works({"T": (16,), "batch": (2,), "channels": (4,)})),
        )
    )


@pytest.mark.parametrize("work", tiny_works(), ids=lambda work: f"{work.name}, {work.part}")
def test_all_sides_compute_the_same(work):
    assert len(work.sides) > 1
    assert disagreement(work) < TOLERANCE


def test_sides_that_differ_are_not_timed():
    with pytest.raises(ValueError, match=r"sum, forward: the sides differ by 1\.0e-01"):
        compare(Work("sum", "forward", {"a": lambda: 1.0, "b": lambda: 1.1}), 1, 0)
    with pytest.raises(ValueError, match="return different shapes"):
        compare(Work("sum", "forward", {"a": lambda: np.ones(2), "b": lambda: np.ones(3)}), 1, 0)


def test_a_result_that_is_no_number_is_noticed():
    with pytest.raises(ValueError, match="differ by nan"):
        compare(Work("sum", "forward", {"a": lambda: 1.0, "b": lambda: math.nan}), 1, 0)


def test_a_row_holds_every_side_and_takes_turns():
    called = []
    sides = {name: lambda name=name: called.append(name) or 1.0 for name in "abc"}
    row = compare(Work("turns", "forward", sides, flops=5, target=2), 3, 0)
    assert set(row["cpu"]) == set(row["wall_min"]) == set("abc")
    assert row["ratio"] == row["cpu"]["a"] / row["cpu"]["b"]
    assert row["target"] == 2 and row["flops"] == 5 and row["error"] == 0
    assert called[-9:] == list("abcbcacab")


def test_promises_are_those_of_the_page():
    """The table of promised ratios, written once more: a changed promise is a decision, no accident."""
    works = chain(tiny_works(), layers.recurrence(1, 1), layers.attention((1024,), 1, 1, 1))
    promised = {(w.name, w.part): w.target for w in works if w.target is not None}
    assert promised["convolution 2", "forward"] == promised["convolution 2", "backward"] == 1.25
    assert (promised["convolution 3", "forward"], promised["convolution 3", "backward"]) == (1.1, 0.9)
    assert promised["max pooling", "both ways"] == 0.5
    assert (promised["GRU H=128", "both ways"], promised["GRU H=256", "both ways"]) == (0.85, 0.95)
    assert promised["LSTM H=128", "both ways"] == promised["LSTM H=256", "both ways"] == 1.35
    attention = [promised[name, part] for name in ATTENTION for part in ("forward", "backward")]
    assert attention == [1.4, 0.85, 1.1, 0.9]
    assert (promised["CNN, batch 4", "answers"], promised["CNN, batch 4", "training step"]) == (0.6, 0.9)


@pytest.mark.parametrize("name", epochs.MODELS)
def test_an_epoch_trains_both_sides_alike(name):
    with tqdm(disable=True) as bar:
        row = epochs.epoch(name, bar, windows=8, batch=4, tolerance=1e-4)
    assert row["steps"] == 2 and row["characters"] == 8 * 64
    assert set(row["cpu"]) == {"numpy", "torch"}


@pytest.mark.parametrize("backend", learn.BACKENDS)
def test_learning_reports_every_epoch(backend):
    row = learn.digits(backend, 0, epochs=2, rows=(64, 20, 20))
    assert len(row["seconds"]) == len(row["accuracy"]) == 2
    assert row["seconds"][0] < row["seconds"][1]
    row = learn.characters("GRU", backend, epochs=1, rows=(320, 16, 16))
    assert len(row["bits"]) == 1 and 0 < row["bits"][0] < 8


def test_shifted_digits_only_move():
    x = np.zeros((50, 1, 8, 8), np.float32)
    x[:, 0, 4, 4] = 1
    moved = learn.shifted(x, np.random.default_rng(0))
    _, _, i, j = np.nonzero(moved)
    assert moved.shape == x.shape and moved.sum() == 50
    assert set(i - 4) == set(j - 4) == {-2, -1, 0, 1, 2}


def test_memory_of_query_blocks_is_far_below_all_scores():
    T = 512
    blocks, at_once = (memory.peak("T", side, T) for side in ("numpy", "all scores at once"))
    scores = 8 * T * T * 4 / memory.MEGABYTE
    assert at_once["allocated"] > 2 * scores
    assert blocks["allocated"] < scores
    assert memory.peak("T", "torch", 64)["allocated"] is None


def test_profile_names_every_layer_twice():
    rows = profile.step_profile(batch=4, steps=2)
    assert [row["layer"] for row in rows if row["part"] == "forward"][:3] == ["Conv2d", "ReLU", "MaxPool2d"]
    assert len(rows) == 2 * (13 + 1) + 1
    assert all(row["cpu"] >= 0 for row in rows)


def test_every_wait_has_a_limit_and_a_way_to_measure_it(monkeypatch):
    monkeypatch.setattr(waiting, "WAITS", {"nothing": (1.0, lambda: waiting.inside("print(0.25)"))})
    with tqdm(disable=True) as bar:
        assert waiting.measure(2, bar) == [{"wait": "nothing", "limit": 1.0, "median": 0.25, "min": 0.25}]
    assert waiting.inside(waiting.IMPORT) > 0
    assert waiting.inside(waiting.MNIST) > 0
    assert waiting.whole(waiting.HELP, "--help") > 0


def test_peaks_are_positive():
    assert set(sgemm_peaks(sizes=(32,), rounds=1)) == {"numpy", "torch"}


def test_environment_of_a_measurement(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "512")
    environment = clean_environment(2)
    assert "OPENBLAS_CORETYPE" not in environment and "OPENBLAS_L2_SIZE" not in environment
    assert environment["OPENBLAS_NUM_THREADS"] == environment["OMP_NUM_THREADS"] == "2"


def test_facts_name_what_a_reader_must_know():
    found = facts()
    assert found["blas"] and found["cpu"] and found["versions"]["numpy"] == np.__version__
    assert len(found["load"]) == 3


def test_results_are_written_whole(tmp_path):
    path = tmp_path / "data" / "results.json"
    results.write({"a": {"x": 1.23456789, "rows": (1, 2)}}, path)
    assert results.read(path) == {"a": {"x": 1.235, "rows": [1, 2]}}
    with pytest.raises(TypeError):
        results.write({"a": object()}, path)
    assert results.read(path) == {"a": {"x": 1.235, "rows": [1, 2]}}
    assert [p.name for p in path.parent.iterdir()] == ["results.json"]
    path.write_text("{")
    with pytest.raises(ValueError, match="is no JSON"):
        results.read(path)


def test_run_keeps_the_other_sections(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    monkeypatch.setattr(results.write, "__defaults__", (path,))
    monkeypatch.setattr(results.read, "__defaults__", (path,))
    monkeypatch.setattr(command, "_in_fresh_process", lambda name: {"rows": [name]})
    results.write({"learn": {"rows": ["kept"]}})
    assert CliRunner().invoke(command.app, ["run", "waiting", "peers"]).exit_code == 0
    assert json.loads(path.read_text()) == {
        "learn": {"rows": ["kept"]},
        "waiting": {"rows": ["waiting"]},
        "peers": {"rows": ["peers"]},
    }
    refused = CliRunner().invoke(command.app, ["run", "wating"])
    assert refused.exit_code == 2 and "No section wating; there are layers" in refused.output
    assert set(command.DEFAULT) == set(sections.SECTIONS) - {"learn"}
