"""``fit``: both backends walk the same path, an interrupted run ends where an unbroken one does."""

import subprocess
import sys
import tempfile

import numpy as np
import pytest
import torch

from dlcourse import models, numpy_nn, torch_nn
from dlcourse.backend import load_state_arrays, state_arrays
from dlcourse.data import load_mnist
from dlcourse.torch_nn.device import pick_device
from dlcourse.training import History, evaluate, fit, predict

NN = {"numpy": numpy_nn, "torch": torch_nn}
BACKENDS = pytest.mark.parametrize("nn", NN.values(), ids=NN)


def blobs(rows, seed, classes=3, inputs=6, noise=1.0):
    """Points around one centre a class."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((classes, inputs)) * 2
    y = rng.integers(0, classes, rows)
    return centres[y] + noise * rng.standard_normal((rows, inputs)), y


def small(nn, rng=0, inputs=6, classes=3):
    return models.mlp(nn, inputs=inputs, hidden=(8,), classes=classes, rng=rng)


def double(model):
    return model.double() if hasattr(model, "double") else model.to(np.float64)


TRAIN, VALID = blobs(50, 0), blobs(30, 1)


@BACKENDS
def test_it_learns(nn):
    model = small(nn)
    before = evaluate(model, VALID)
    history = fit(
        model, TRAIN, VALID, epochs=30, batch_size=8, optimizer=nn.Adam(model.parameters(), lr=0.01)
    )
    after = evaluate(model, VALID)
    assert after.accuracy > 0.9 > before.accuracy and after.count == 30
    assert history.valid_loss[-1] == after.loss and history.valid_accuracy[-1] == after.accuracy
    assert history.loss[-1] < history.loss[0] / 3
    assert history.epochs == 30 and len(history.step_loss) == 30 * 7


OPTIMISERS = {
    "SGD": lambda nn, p: nn.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda nn, p: nn.Adam(p, lr=3e-3, eps=1e-7, eps_hat=True),
    "AdamW": lambda nn, p: nn.AdamW(p, lr=3e-3),
}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_training_curves_coincide(optimiser):
    """The same path in float64: 100 losses, epoch means, accuracies, and the weights at the end."""
    found = []
    for nn in NN.values():
        model = double(models.cnn(nn, size=22, classes=4))
        rng = np.random.default_rng(0)
        y = rng.integers(0, 4, 80)
        x = rng.standard_normal((4, 1, 22, 22))[y] + rng.standard_normal((80, 1, 22, 22))
        history = fit(
            model,
            (x[:68], y[:68]),
            (x[68:], y[68:]),
            epochs=12,
            batch_size=8,
            optimizer=OPTIMISERS[optimiser](nn, model.parameters()),
            schedule=numpy_nn.one_cycle(0.03 if optimiser == "SGD" else 3e-3, 12 * 9),
            clip=1.0,
            augment=lambda x, rng: np.roll(x, rng.integers(-2, 3, 2), (2, 3)),
        )
        found.append((history, state_arrays(model)))
    (own, own_state), (other, other_state) = found
    assert len(own.step_loss) == 108 and own.loss[-1] < 0.9 * own.loss[0]
    for name, values in own.as_dict().items():
        np.testing.assert_allclose(values, other.as_dict()[name], rtol=1e-7, atol=1e-9, err_msg=name)
    for name, a in own_state.items():
        np.testing.assert_allclose(a, other_state[name], atol=1e-7, err_msg=name)


@BACKENDS
def test_the_seed_decides_the_batches(nn):
    def losses(seed):
        return fit(small(nn), TRAIN, epochs=2, batch_size=8, seed=seed).step_loss

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_every_row_is_seen_once_an_epoch_and_the_last_batch_is_smaller():
    seen = []

    def record(x, rng):
        seen.append(x)
        return x

    fit(small(numpy_nn), TRAIN, epochs=2, batch_size=16, augment=record)
    assert [len(x) for x in seen] == [16, 16, 16, 2] * 2
    for epoch in (seen[:4], seen[4:]):
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch), 0), np.sort(TRAIN[0], 0))
    assert not np.array_equal(seen[0], seen[4])


@BACKENDS
def test_early_stopping_restores_the_best_weights(nn):
    """Few noisy rows and a high rate: the validation loss has its minimum early (experiment X12)."""
    model, kept = small(nn), []
    history = fit(
        model,
        blobs(20, 2, noise=4),
        blobs(40, 3, noise=4),
        epochs=200,
        patience=3,
        optimizer=nn.Adam(model.parameters(), lr=0.05),
        callbacks=[lambda model, history: kept.append(state_arrays(model))],
    )
    assert history.epochs == history.best_epoch + 1 + 3 < 200
    assert history.valid_loss[history.best_epoch] == min(history.valid_loss)
    for name, a in state_arrays(model).items():
        np.testing.assert_array_equal(a, kept[history.best_epoch][name])
    assert any(not np.array_equal(a, kept[-1][name]) for name, a in state_arrays(model).items())


@BACKENDS
def test_clip_bounds_each_step_and_the_schedule_sets_its_length(nn):
    """SGD with clipping moves all weights together by the learning rate times ``clip``, no farther."""
    model, states = small(nn), []
    rates = [0.5, 0.25, 0.125]
    fit(
        model,
        TRAIN,
        epochs=3,
        batch_size=50,
        optimizer=nn.SGD(model.parameters(), lr=9.0),
        clip=1e-2,
        schedule=rates.__getitem__,
        callbacks=[lambda model, history: states.append(state_arrays(model))],
    )
    start = state_arrays(small(nn))
    for rate, before, after in zip(rates, [start, *states], states, strict=False):
        moved = np.sqrt(sum(((after[name] - before[name]) ** 2).sum() for name in start))
        assert moved == pytest.approx(rate * 1e-2, rel=1e-3)


def test_a_used_optimiser_goes_on_and_the_cpu_is_a_device_of_both():
    """Two runs with one optimiser are not one with a fresh optimiser: its moments are kept."""
    found = []
    for nn in NN.values():
        model = double(small(nn))
        optimizer = nn.Adam(model.parameters(), lr=0.01)
        first = fit(model, TRAIN, epochs=2, optimizer=optimizer, device="cpu")
        second = fit(model, TRAIN, epochs=2, optimizer=optimizer, device="auto" if nn is numpy_nn else "cpu")
        assert int(optimizer.state_arrays()["steps"]) == 8
        found.append(first.step_loss + second.step_loss)
    np.testing.assert_allclose(*found, rtol=1e-9)


def test_autocast_trains_nearly_as_float32_does_and_is_refused_in_numpy():
    """bfloat16 has three digits: the losses differ in the fourth, not in the first."""

    def losses(**more):
        model = models.mlp(torch_nn, inputs=6, hidden=(64,), classes=3)
        history = fit(model, TRAIN, epochs=8, **more)
        assert {a.dtype for a in state_arrays(model).values()} == {np.dtype(np.float32)}
        return np.array(history.step_loss)

    exact, rough = losses(), losses(autocast=True)
    assert 0 < np.abs(rough - exact).max() < 0.03
    with pytest.raises(ValueError, match="numpy_nn has no bfloat16"):
        fit(small(numpy_nn), TRAIN, epochs=1, autocast=True)


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


@BACKENDS
def test_a_diverging_run_stops_with_a_sentence(nn):
    model = small(nn)
    with pytest.raises(
        FloatingPointError, match=r"the loss is (nan|inf) in epoch \d+, step \d+.*learning rate"
    ):
        fit(model, TRAIN, epochs=50, batch_size=8, optimizer=nn.SGD(model.parameters(), lr=1e20))


def test_torch_reads_no_number_inside_a_step(monkeypatch):
    """Reading a loss waits for a GPU: only every twentieth step and the last of an epoch may do it."""
    reads = []
    for name in ("item", "tolist", "__float__", "__int__", "__bool__"):
        read = getattr(torch.Tensor, name)
        monkeypatch.setattr(
            torch.Tensor, name, lambda t, *a, read=read, name=name: (reads.append(len(steps)), read(t, *a))[1]
        )
    steps = []
    model = small(torch_nn)
    sgd = torch_nn.SGD(model.parameters(), lr=0.1)
    monkeypatch.setattr(sgd, "step", lambda step=sgd.step: (step(), steps.append(None)))
    rows = np.arange(50) % len(TRAIN[1])
    fit(model, (TRAIN[0][rows], TRAIN[1][rows]), epochs=1, batch_size=2, optimizer=sgd, clip=1.0)
    assert len(steps) == 25
    assert set(reads) == {19, 24}


def test_the_step_that_diverged_is_named_although_it_is_read_later():
    model = small(torch_nn)
    broken = TRAIN[0][:20].copy()
    broken[:, :] = 1e30
    with pytest.raises(FloatingPointError, match=r"in epoch 1, step [123]:"):
        fit(
            model,
            (broken, TRAIN[1][:20]),
            epochs=1,
            batch_size=2,
            optimizer=torch_nn.SGD(model.parameters(), lr=1e9),
        )


IMAGES, LABELS = np.zeros((4, 28, 28, 1), np.float32), np.arange(4)
PROPER = IMAGES.transpose(0, 3, 1, 2)


@BACKENDS
@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        ((IMAGES, LABELS), ValueError, r"x of shape \(N, 28, 28, 1\).*x\.transpose\(0, 3, 1, 2\)"),
        ((IMAGES[..., 0], LABELS), ValueError, r"x of shape \(N, 28, 28\).*x\[:, None\]"),
        ((PROPER.astype(np.uint8), LABELS), ValueError, r"dtype uint8; pixels become floats with x\.astype"),
        ((PROPER, np.eye(10)[:4]), TypeError, r"y has dtype float64 and shape \(4, 10\).*y\.argmax\(-1\)"),
        ((PROPER, LABELS[:3]), ValueError, "x has 4 rows and y has 3, expected equally many"),
        ((PROPER, LABELS + 7), ValueError, r"y holds classes 7\.\.10, expected 0\.\.9"),
        ((PROPER, LABELS[:, None]), ValueError, r"the model gives \(1, 10\) and y has \(1, 1\)"),
        ((PROPER[:0], LABELS[:0]), ValueError, "x has no rows"),
        ((PROPER * np.nan, LABELS), ValueError, "x holds NaN or infinite values"),
        ((PROPER.tolist(), LABELS), TypeError, "x is a list, expected a NumPy array"),
        (PROPER, TypeError, r"is a ndarray, expected a pair \(x, y\)"),
    ],
)
def test_wrong_data_get_a_sentence_before_the_first_step(nn, data, error, sentence):
    model = models.cnn(nn)
    before = state_arrays(model)
    with pytest.raises(error, match="fit: train.*" + sentence):
        fit(model, data, epochs=1)
    with pytest.raises(error, match="fit: valid.*" + sentence):
        fit(model, (PROPER, LABELS), data, epochs=1)
    with pytest.raises(error, match="evaluate.*" + sentence):
        evaluate(model, data)
    for name, a in state_arrays(model).items():
        np.testing.assert_array_equal(a, before[name])


@BACKENDS
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"epochs": 0}, "epochs is 0, expected a whole number of at least 1"),
        ({"epochs": 1, "batch_size": 2.5}, r"batch_size is 2\.5, expected a whole number"),
        ({"epochs": 1, "patience": 2}, "patience needs validation data"),
        ({"epochs": 1, "device": "tpu"}, "device is 'tpu'"),
    ],
)
def test_wrong_settings_get_a_sentence(nn, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        fit(small(nn), TRAIN, **settings)


@BACKENDS
def test_an_optimiser_of_another_model_or_library_is_refused(nn):
    import torch

    with pytest.raises(ValueError, match="the optimizer holds parameters of another model"):
        fit(small(nn), TRAIN, epochs=1, optimizer=nn.SGD(small(nn).parameters()))
    stock = torch.optim.SGD(small(torch_nn).parameters())
    with pytest.raises(
        TypeError, match=r"optimizer is a torch\.optim\.sgd\.SGD, expected SGD, Adam or AdamW"
    ):
        fit(small(nn), TRAIN, epochs=1, optimizer=stock)


@BACKENDS
def test_padding_does_not_count(nn):
    """Targets that the loss ignores change neither loss nor accuracy, however unequal the batches are."""
    x, y = blobs(40, 5)
    ignoring = nn.CrossEntropyLoss(ignore_index=-1)
    padded = np.where(np.arange(40) % 3 == 0, -1, y)
    real = padded >= 0
    model = small(nn)
    got = evaluate(model, (x, padded), loss=ignoring, batch_size=7)
    expected = evaluate(model, (x[real], y[real]))
    assert got == pytest.approx(expected) and got.count == real.sum()
    history = fit(model, (x, padded), epochs=1, batch_size=40, loss=ignoring)
    assert history.loss[0] == pytest.approx(expected.loss, rel=1e-5)


@BACKENDS
def test_modes_and_predictions(nn):
    model = small(nn)
    model.train()
    logits = predict(model, TRAIN[0], batch_size=7)
    assert logits.shape == (50, 3) and logits.dtype == np.float32
    assert evaluate(model, TRAIN).accuracy == pytest.approx((logits.argmax(-1) == TRAIN[1]).mean())
    assert all(module.training for module in model.modules())


def test_torch_draws_outside_the_model_are_not_disturbed():
    import torch

    model = small(torch_nn)
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    fit(model, TRAIN, epochs=1)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("quiet", [True, False])
def test_the_bar_is_silent_unless_asked_for(quiet, monkeypatch, capsys):
    if quiet:
        monkeypatch.setenv("DLCOURSE_QUIET", "1")
    else:
        monkeypatch.delenv("DLCOURSE_QUIET", raising=False)
    fit(small(numpy_nn), TRAIN, epochs=1)
    assert capsys.readouterr() == ("", "")
    fit(small(numpy_nn), TRAIN, epochs=1, progress=True)
    assert bool(capsys.readouterr().err) is not quiet


@BACKENDS
def test_history_is_drawn(nn):
    import matplotlib

    matplotlib.use("Agg")
    history = fit(small(nn), TRAIN, VALID, epochs=4)
    figure = history.plot()
    loss, accuracy = figure.axes
    np.testing.assert_array_equal(loss.lines[0].get_ydata(), history.loss)
    np.testing.assert_array_equal(loss.lines[1].get_ydata(), history.valid_loss)
    np.testing.assert_array_equal(accuracy.lines[1].get_ydata(), history.valid_accuracy)
    np.testing.assert_array_equal(loss.lines[0].get_xdata(), [1, 2, 3, 4])
    assert len(fit(small(nn), TRAIN, epochs=1).plot().axes[0].lines) == 1
    matplotlib.pyplot.close("all")


def test_a_history_that_cannot_be_drawn_gets_a_sentence(monkeypatch):
    with pytest.raises(ValueError, match="the history has no epochs, train with fit first"):
        History().plot()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ModuleNotFoundError, match="plot_history needs Matplotlib: pip install matplotlib"):
        History(loss=[1.0], accuracy=[0.5]).plot()


@pytest.mark.parametrize(
    ("cuda", "mps", "fastest", "missing"),
    [(True, False, "cuda", "mps"), (False, True, "mps", "cuda"), (False, False, "cpu", "cuda")],
)
def test_auto_is_the_fastest_device_that_is_there(cuda, mps, fastest, missing, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device("auto").type == pick_device(fastest).type == fastest
    with pytest.raises(ValueError, match=f"device is '{missing}', expected one of .*cpu"):
        pick_device(missing)


def test_the_cnn_reads_digits():
    """One epoch of the article's network on 4000 digits, trained in NumPy, measured in both."""
    data = load_mnist()
    model, other = models.cnn(numpy_nn), models.cnn(torch_nn, rng=1)
    fit(model, data.train, epochs=1)
    load_state_arrays(other, state_arrays(model))
    found, expected = evaluate(model, data.test), evaluate(other, data.test)
    assert 0.85 < found.accuracy == expected.accuracy and found.count == 500
    assert found.loss == pytest.approx(expected.loss, rel=1e-5)


def test_training_in_numpy_needs_no_torch():
    """Models, data, training, checkpoints with torch out of reach, in a process of its own."""
    code = """
import sys
sys.modules["torch"] = None
import numpy as np
from dlcourse import models, numpy_nn
from dlcourse.training import evaluate, fit
model = models.gru_language_model(numpy_nn, vocab_size=5, embedding_dim=2, units=3)
data = np.zeros((4, 6), int), np.ones((4, 6), int)
fit(model, data, data, epochs=2, patience=1, checkpoint=sys.argv[1])
print(evaluate(model, data).count)
"""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code, f"{folder}/run.npz"], capture_output=True, text=True, check=True
        )
    assert done.stdout == "24\n" and done.stderr == ""


def test_weights_trained_in_one_backend_predict_in_the_other():
    model = small(torch_nn)
    fit(model, TRAIN, epochs=3)
    other = small(numpy_nn, rng=9)
    load_state_arrays(other, state_arrays(model))
    np.testing.assert_allclose(predict(other, VALID[0]), predict(model, VALID[0]), rtol=1e-5, atol=1e-6)
