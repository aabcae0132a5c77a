"""A checkpoint moves between the backends, appears whole or not at all, and refuses foreign files."""

import pickle

import numpy as np
import pytest

from dlcourse import files, models, numpy_nn, torch_nn
from dlcourse.backend import state_arrays, to_model
from dlcourse.checkpoint import load_checkpoint, read_checkpoint, save_checkpoint

NN = {"numpy": numpy_nn, "torch": torch_nn}


def trained(backend, seed=0):
    """A small model after one Adam step, and its optimiser."""
    nn = NN[backend]
    model = models.mlp(nn, inputs=6, hidden=(4,), classes=3, rng=seed)
    optimizer = nn.Adam(model.parameters())
    x = np.random.default_rng(seed).standard_normal((5, 6)).astype(np.float32)
    loss = nn.CrossEntropyLoss()
    value = loss(model(to_model(model, x)), to_model(model, np.arange(5) % 3))
    if backend == "torch":
        value.backward()
    else:
        model.backward(loss.backward())
    optimizer.step()
    return model, optimizer


def assert_equal(got, expected):
    assert got.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(got[name], expected[name], err_msg=name)


@pytest.mark.parametrize("saved_by", NN)
@pytest.mark.parametrize("loaded_by", NN)
def test_model_optimiser_facts_and_extra_come_back_in_either_backend(saved_by, loaded_by, tmp_path):
    model, optimizer = trained(saved_by)
    save_checkpoint(tmp_path / "a.npz", model, optimizer, facts={"epoch": 3}, extra={"best": np.arange(3)})
    other, other_optimizer = trained(loaded_by, seed=1)
    facts, extra = load_checkpoint(tmp_path / "a.npz", other, other_optimizer)
    assert_equal(state_arrays(other), state_arrays(model))
    assert_equal(other_optimizer.state_arrays(), optimizer.state_arrays())
    assert facts == {"epoch": 3}
    assert_equal(extra, {"best": np.arange(3)})


def test_stopping_in_the_middle_keeps_the_previous_file(tmp_path, monkeypatch):
    model, _ = trained("numpy")
    path = tmp_path / "a.npz"
    save_checkpoint(path, model, facts={"epoch": 1})
    real = np.savez_compressed

    def interrupted(file, **arrays):
        real(file, **dict(list(arrays.items())[:2]))
        raise KeyboardInterrupt

    monkeypatch.setattr(files.np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(path, model, facts={"epoch": 2})
    assert read_checkpoint(path)[0] == {"epoch": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_damaged_and_foreign_files_get_a_sentence_and_change_nothing(tmp_path):
    model, optimizer = trained("numpy")
    path = tmp_path / "a.npz"
    save_checkpoint(path, model, optimizer)
    whole = path.read_bytes()
    before = state_arrays(model)
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"a\.npz is no whole \.npz of plain arrays"):
            load_checkpoint(path, model)
    path.write_bytes(pickle.dumps({"model": 1}))
    with pytest.raises(ValueError, match=r"a\.npz is no whole \.npz of plain arrays"):
        load_checkpoint(path, model)
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(ValueError, match=r"a\.npz is no dlcourse checkpoint"):
        load_checkpoint(path, model)
    np.savez(path, header=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match=r"a\.npz is no whole \.npz of plain arrays"):
        load_checkpoint(path, model)
    with pytest.raises(FileNotFoundError, match=r"b\.npz does not exist"):
        load_checkpoint(tmp_path / "b.npz", model)
    assert_equal(state_arrays(model), before)


@pytest.mark.parametrize("backend", NN)
def test_the_checkpoint_of_another_model_or_without_optimiser_is_refused(backend, tmp_path):
    path = tmp_path / "a.npz"
    model, optimizer = trained(backend)
    save_checkpoint(path, model)
    with pytest.raises(ValueError, match=r"a\.npz does not fit: it holds no optimiser state"):
        load_checkpoint(path, model, optimizer)
    save_checkpoint(path, models.mlp(NN[backend], inputs=7, hidden=(4,), classes=3))
    with pytest.raises(
        ValueError, match=r"a\.npz does not fit: .*1\.weight has shape \(4, 7\), expected \(4, 6\)"
    ):
        load_checkpoint(path, model)


def test_python_objects_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="extra/a hold Python objects"):
        save_checkpoint(tmp_path / "a.npz", trained("numpy")[0], extra={"a": np.array([None])})
    assert not list(tmp_path.iterdir())
