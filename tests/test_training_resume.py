"""``fit``: an interrupted run ends where an unbroken one does, in the same or the other backend."""

import numpy as np
import pytest
from training_examples import NN, TRAIN, blobs, double, small

from dlcourse import numpy_nn
from dlcourse.backend import state_arrays
from dlcourse.training import fit


class StopHere(KeyboardInterrupt):
    """Ctrl-C at a chosen place."""


@pytest.mark.parametrize("first", NN)
@pytest.mark.parametrize("then", NN)
@pytest.mark.parametrize("patience", [None, 2])
def test_an_interrupted_run_ends_where_an_unbroken_one_does(first, then, patience, tmp_path):
    """Ctrl-C in the middle of epoch 3; the run goes on from the file, in the same or the other backend."""
    path = tmp_path / "run.npz"
    noisy = blobs(45, 2, noise=3), blobs(40, 3, noise=3)

    def run(backend, stop_at=None, **more):
        nn, calls = NN[backend], []

        def augment(x, rng):
            calls.append(1)
            if len(calls) == stop_at:
                raise StopHere
            return x + 0.1 * rng.standard_normal(x.shape)

        model = double(small(nn, rng=5 if more.get("resume") else 0))
        settings = {"epochs": 9, "batch_size": 8, "patience": patience, "augment": augment, "clip": 5.0}
        optimizer = nn.AdamW(model.parameters(), lr=0.05)
        schedule = numpy_nn.cosine(0.05, 54)
        history = fit(model, *noisy, optimizer=optimizer, schedule=schedule, **settings, **more)
        return history, state_arrays(model), optimizer.state_arrays()

    history, weights, moments = run("numpy")
    with pytest.raises(StopHere):
        run(first, stop_at=2 * 6 + 4, checkpoint=path)
    resumed_history, resumed_weights, resumed_moments = run(then, checkpoint=path, resume=True)

    same = first == then == "numpy"
    compare = (
        np.testing.assert_array_equal if same else lambda a, b: np.testing.assert_allclose(a, b, atol=1e-9)
    )
    for name, values in history.as_dict().items():
        compare(values, resumed_history.as_dict()[name])
    for expected, got in ((weights, resumed_weights), (moments, resumed_moments)):
        assert expected.keys() == got.keys()
        for name in expected:
            compare(got[name], expected[name])
    # Going on from a finished run changes nothing more.
    again, _, _ = run(then, checkpoint=path, resume=True)
    assert again == resumed_history


def test_resume_with_other_settings_or_without_a_file_gets_a_sentence(tmp_path):
    path = tmp_path / "run.npz"
    fit(small(numpy_nn), TRAIN, epochs=1, checkpoint=path)
    with pytest.raises(ValueError, match=r"run\.npz was written with .*'seed': 0.*this run has .*'seed': 1"):
        fit(small(numpy_nn), TRAIN, epochs=2, checkpoint=path, resume=True, seed=1)
    with pytest.raises(FileNotFoundError, match=r"none\.npz does not exist"):
        fit(small(numpy_nn), TRAIN, epochs=2, checkpoint=tmp_path / "none.npz", resume=True)
    with pytest.raises(ValueError, match="resume=True needs the file to go on from"):
        fit(small(numpy_nn), TRAIN, epochs=2, resume=True)
