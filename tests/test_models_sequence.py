"""Language models, classifier, seq2seq, vision transformer: sizes, causality, states, padding, learning."""

import numpy as np
import pytest

from dlcourse import models, numpy_nn, torch_nn
from dlcourse.backend import load_state_arrays, predict, state_arrays
from dlcourse.conformance.compare import random_state
from dlcourse.decoding import CarriedStep, WholeStep, generate
from dlcourse.training import evaluate, fit

NN = {"numpy": numpy_nn, "torch": torch_nn}
BACKENDS = pytest.mark.parametrize("nn", NN.values(), ids=NN)


def recurrent(kind, nn, **more):
    arguments = {"vocab_size": 50, "embedding_dim": 16, "units": 32} | more
    return getattr(models, f"{kind}_language_model")(nn, **arguments)


def transformer(nn, **more):
    sizes = {"vocab_size": 50, "max_length": 20, "d_model": 32, "num_heads": 4, "num_layers": 2, "dff": 64}
    return models.transformer_language_model(nn, **sizes | more)


LANGUAGE_MODELS = {
    "rnn": lambda nn, **more: recurrent("rnn", nn, **more),
    "lstm": lambda nn, **more: recurrent("lstm", nn, **more),
    "gru": lambda nn, **more: recurrent("gru", nn, **more),
    "transformer": transformer,
    "pre-norm": lambda nn, **more: transformer(nn, norm_first=True, **more),
}


def count(model):
    return sum(a.size for a in state_arrays(model).values())


def awake(model):
    """The model in float64 with no parameter at zero, so that nothing is hidden by a start at zero."""
    model = model.double() if hasattr(model, "double") else model.to(np.float64)
    state = random_state(model, np.random.default_rng(1))
    load_state_arrays(model, {name: 0.5 * a for name, a in state.items()})
    return model


@BACKENDS
def test_parameter_counts_of_the_listings(nn):
    assert count(recurrent("gru", nn)) == 8_306
    assert count(recurrent("rnn", nn)) == 8_306 - 2 * (16 * 32 + 32 * 32 + 2 * 32)
    assert count(recurrent("lstm", nn)) == 8_306 + (16 * 32 + 32 * 32 + 2 * 32)
    assert count(transformer(nn)) == 20_978
    assert count(transformer(nn, num_layers=3)) - count(transformer(nn)) == 8_544  # num_layers counts
    assert count(transformer(nn, norm_first=True)) == 20_978 + 2 * 32


@pytest.mark.parametrize("kind", LANGUAGE_MODELS)
def test_both_backends_start_equal(kind):
    own, other = (state_arrays(LANGUAGE_MODELS[kind](nn, rng=5)) for nn in NN.values())
    assert own.keys() == other.keys()
    for name, a in own.items():
        np.testing.assert_array_equal(a, other[name], err_msg=name)


@BACKENDS
def test_tokens_start_no_louder_than_positions(nn):
    state = state_arrays(transformer(nn, vocab_size=400, max_length=300))
    assert state["embedding.weight"].std() == pytest.approx(0.02, rel=0.05)
    assert state["positions.weight"].std() == pytest.approx(0.02, rel=0.05)


def test_recurrent_models_start_as_in_keras():
    state = state_arrays(recurrent("lstm", numpy_nn))
    assert np.abs(state["embedding.weight"]).max() <= 0.05
    assert state["recurrent.bias_ih_l0"].reshape(4, 32).mean(1).tolist() == [0, 1, 0, 0]
    assert not state["recurrent.bias_hh_l0"].any() and not state["output.bias"].any()
    w = state["recurrent.weight_hh_l0"]  # (4H, H): orthonormal columns over all gates together
    np.testing.assert_allclose(w.T @ w, np.eye(32), atol=1e-6)
    assert not state_arrays(recurrent("gru", numpy_nn))["recurrent.bias_ih_l0"].any()


@BACKENDS
@pytest.mark.parametrize("kind", LANGUAGE_MODELS)
def test_position_t_depends_on_ids_up_to_t_only(nn, kind):
    model = awake(LANGUAGE_MODELS[kind](nn))
    ids = np.random.default_rng(0).integers(0, 50, (2, 20))
    edited = ids.copy()
    edited[:, 10] = (edited[:, 10] + 1) % 50
    change = np.abs(predict(model, ids) - predict(model, edited)).max((0, 2))
    assert not change[:10].any() and (change[10:] > 0).all()


@BACKENDS
@pytest.mark.parametrize("kind", LANGUAGE_MODELS)
def test_reading_on_from_a_state_is_reading_the_whole(nn, kind):
    """Token by token with the carried state, with two continuations of the same state, against the whole."""
    model = awake(LANGUAGE_MODELS[kind](nn))
    whole, carried = WholeStep(model), CarriedStep(models.advance(model))
    prompt = [3, 1, 4, 1, 5]
    np.testing.assert_allclose(carried(prompt), whole(prompt), atol=1e-10)
    for token in (9, 2):
        np.testing.assert_allclose(carried([*prompt, token]), whole([*prompt, token]), atol=1e-10)
    assert generate(carried, prompt, 12) == generate(whole, prompt, 12)
    assert all(module.training for module in model.modules())


@BACKENDS
def test_a_transformer_reads_no_further_than_max_length(nn):
    model = transformer(nn)
    with pytest.raises(ValueError, match="max_len 20"):
        predict(model, np.zeros((1, 21), np.int64))
    step = CarriedStep(models.advance(model), limit=model.max_length)
    assert len(generate(step, [1], 30)) == 31


@BACKENDS
@pytest.mark.parametrize("kind", ["gru", "transformer"])
def test_language_models_learn_to_count(nn, kind):
    """Arithmetic sequences modulo 12: the step is known after two tokens."""
    rng = np.random.default_rng(0)
    start, step = rng.integers(0, 12, (2, 400, 1))
    rows = (start + step * np.arange(9)) % 12
    # Dropout off: PyTorch would need its loop over the steps instead of its fast GRU.
    small = {
        "gru": {"units": 48, "dropout": 0.0, "recurrent_dropout": 0.0},
        "transformer": {"max_length": 8},
    }[kind]
    model = LANGUAGE_MODELS[kind](nn, vocab_size=12, **small)
    optimizer = nn.Adam(model.parameters(), lr=5e-3)
    fit(model, (rows[:320, :-1], rows[:320, 1:]), epochs=25, batch_size=16, optimizer=optimizer, clip=1.0)
    x, y = rows[320:, 2:-1], rows[320:, 3:]
    assert (predict(model, rows[320:, :-1])[:, 2:].argmax(-1) == y).mean() > 0.95
    # A model that repeats the last token is right where the step is 0 only.
    assert (x == y).mean() < 0.2


def test_training_curves_of_the_gru_model_coincide_with_both_dropouts_on():
    """120 steps, the same dropout masks in both backends."""
    rng = np.random.default_rng(0)
    rows, curves = rng.integers(0, 12, (96, 8)).cumsum(1) % 12, []
    for nn in NN.values():
        model = recurrent("gru", nn, vocab_size=12)
        model = model.double() if nn is torch_nn else model.to(np.float64)
        optimizer = nn.Adam(model.parameters(), lr=1e-3, eps=1e-7, eps_hat=True)
        history = fit(model, (rows[:, :-1], rows[:, 1:]), epochs=20, batch_size=16, optimizer=optimizer)
        curves.append(history.step_loss)
    assert len(curves[0]) == 120
    np.testing.assert_allclose(*curves, rtol=1e-9)


@pytest.mark.parametrize("build", ["transformer", "classifier", "seq2seq", "vision"])
def test_training_curves_of_the_other_models_coincide(build):
    rng = np.random.default_rng(0)
    ids, curves = rng.integers(1, 12, (48, 7)), []
    data = {
        "transformer": (ids[:, :-1], ids[:, 1:]),
        "classifier": (ids, ids[:, 0] % 3),
        "seq2seq": ((ids, ids[:, ::-1][:, :-1]), ids[:, ::-1][:, 1:]),
        "vision": (rng.standard_normal((48, 2, 8, 8)), ids[:, 0] % 3),
    }[build]
    sizes = {"vocab_size": 12, "embedding_dim": 8, "units": 10}
    for nn in NN.values():
        model = {
            "transformer": lambda nn=nn: transformer(nn, vocab_size=12, dropout=0.0),
            "classifier": lambda nn=nn: models.text_classifier(nn, **sizes, classes=3),
            "seq2seq": lambda nn=nn: models.seq2seq(nn, **sizes),
            "vision": lambda nn=nn: models.vision_transformer(nn, in_channels=2, size=8, patch=4, classes=3),
        }[build]()
        model = model.double() if nn is torch_nn else model.to(np.float64)
        optimizer = nn.AdamW(model.parameters(), lr=3e-3)
        curves.append(fit(model, data, epochs=34, batch_size=16, optimizer=optimizer, clip=1.0).step_loss)
    assert len(curves[0]) == 102 and np.mean(curves[0][-3:]) < 0.9 * np.mean(curves[0][:3])
    np.testing.assert_allclose(*curves, rtol=1e-7)


@pytest.mark.parametrize("first", NN)
def test_an_interrupted_run_with_dropout_ends_where_an_unbroken_one_does(first, tmp_path):
    """The masks depend on seed and epoch alone; a transformer has dropout in every block."""
    nn, path = NN[first], tmp_path / "run.npz"
    rows = np.random.default_rng(0).integers(0, 50, (40, 9))
    data = rows[:, :-1], rows[:, 1:]

    def run(epochs, **more):
        model = transformer(nn, dropout=0.5)
        history = fit(model, data, epochs=epochs, checkpoint=path, **more)
        return history, state_arrays(model)

    history, weights = run(4)
    run(2)
    resumed, resumed_weights = run(4, resume=True)
    assert resumed == history
    for name, a in weights.items():
        np.testing.assert_array_equal(resumed_weights[name], a, err_msg=name)


@BACKENDS
def test_padding_changes_nothing_for_classifier_and_seq2seq(nn):
    sizes = {"vocab_size": 12, "embedding_dim": 5, "units": 6}
    ids = np.random.default_rng(0).integers(1, 12, (3, 4))
    longer = np.pad(ids, ((0, 0), (0, 3)))
    classifier = awake(models.text_classifier(nn, **sizes, classes=3))
    np.testing.assert_allclose(predict(classifier, longer), predict(classifier, ids), atol=1e-12)
    target = ids[:, ::-1].copy()
    for attention in (True, False):
        model = awake(models.seq2seq(nn, **sizes, attention=attention))
        np.testing.assert_allclose(predict(model, longer, target), predict(model, ids, target), atol=1e-12)


@BACKENDS
def test_translate_is_the_greedy_answer_of_the_whole_model(nn):
    sizes = {"vocab_size": 12, "embedding_dim": 5, "units": 6}
    source = np.random.default_rng(0).integers(1, 12, (4, 6))
    for attention in (True, False):
        model = awake(models.seq2seq(nn, **sizes, attention=attention))
        answer = models.translate(model, source, bos=1, length=5)
        given = np.concatenate([np.ones((4, 1), np.int64), answer[:, :-1]], axis=1)
        np.testing.assert_array_equal(predict(model, source, given).argmax(-1), answer)


def test_attention_holds_what_one_state_cannot():
    """Reversing eight letters with the same training: without attention one state must hold them all."""
    rng = np.random.default_rng(0)
    source = rng.integers(2, 12, (700, 8))
    target = np.concatenate([np.ones((700, 1), np.int64), source[:, ::-1]], axis=1)
    train, accuracy = ((source[:600], target[:600, :-1]), target[:600, 1:]), {}
    for attention in (True, False):
        model = models.seq2seq(numpy_nn, vocab_size=12, embedding_dim=16, units=32, attention=attention)
        optimizer = numpy_nn.Adam(model.parameters(), lr=5e-3)
        fit(model, train, epochs=25, batch_size=16, optimizer=optimizer, clip=1.0)
        answer = models.translate(model, source[600:], bos=1, length=8)
        accuracy[attention] = (answer == target[600:, 1:]).mean()
    assert accuracy[True] > 0.75 and accuracy[True] > accuracy[False] + 0.15, accuracy


@BACKENDS
def test_a_classifier_learns_from_order(nn):
    """Whether 1 comes before 2: the same tokens in both classes, so that counting them does not help."""
    rng = np.random.default_rng(0)
    noise = rng.integers(3, 12, (500, 10))
    places = np.sort([rng.permutation(10)[:2] for _ in noise], axis=1)
    y = rng.integers(0, 2, 500)
    noise[np.arange(500), places[:, 0]] = 1 + y
    noise[np.arange(500), places[:, 1]] = 2 - y
    model = models.text_classifier(nn, vocab_size=12, embedding_dim=8, units=16, classes=2)
    optimizer = nn.Adam(model.parameters(), lr=1e-2)
    fit(model, (noise[:400], y[:400]), epochs=15, batch_size=16, optimizer=optimizer)
    assert evaluate(model, (noise[400:], y[400:])).accuracy > 0.95


@BACKENDS
def test_vision_transformer(nn):
    model = models.vision_transformer(nn)
    assert 70_000 < count(model) < 75_000
    assert predict(model, np.zeros((2, 1, 28, 28), np.float32)).shape == (2, 10)
    with pytest.raises(ValueError, match="vision_transformer: patch 5 does not divide size 28"):
        models.vision_transformer(nn, patch=5)
    # Stripes across or along, at random places: needs positions within and between patches.
    rng = np.random.default_rng(0)
    x, y = 0.3 * rng.standard_normal((300, 1, 8, 8)).astype(np.float32), rng.integers(0, 2, 300)
    for image, label, place in zip(x, y, rng.integers(0, 8, 300), strict=True):
        (image[0] if label else image[0].T)[place] += 1
    model = models.vision_transformer(nn, size=8, patch=4, d_model=32, num_layers=1, dff=32, classes=2)
    optimizer = nn.Adam(model.parameters(), lr=3e-3)
    fit(model, (x[:240], y[:240]), epochs=12, batch_size=16, optimizer=optimizer)
    assert evaluate(model, (x[240:], y[240:])).accuracy > 0.95


@BACKENDS
def test_ids_out_of_range_get_a_sentence_before_training(nn):
    rows = np.full((4, 5), 50)
    with pytest.raises(
        ValueError, match=r"fit: train: the model does not take x of shape \(N, 5\) and dtype int64"
    ):
        fit(recurrent("gru", nn), (rows, rows), epochs=1)
