"""``fit`` in either backend: batches, early stopping, clipping, schedules, ignored targets; the history."""

import sys

import numpy as np
import pytest
from training_examples import BACKENDS, TRAIN, VALID, blobs, small

from dlcourse import numpy_nn
from dlcourse.backend import state_arrays
from dlcourse.training import History, evaluate, fit, predict


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
