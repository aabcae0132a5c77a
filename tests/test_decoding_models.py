"""The language models write the same text with a carried state (hidden vector, KV cache) and without it."""

import numpy as np
import pytest

from dlcourse import models
from dlcourse.backend import backend, predict
from dlcourse.decoding import CarriedStep, Sampler, WholeStep, beam_search, generate
from dlcourse.decoding.sampling import log_softmax

V, EOS = 11, 10
KINDS = {
    "rnn": lambda nn: models.rnn_language_model(nn, vocab_size=V, embedding_dim=6, units=7),
    "lstm": lambda nn: models.lstm_language_model(nn, vocab_size=V, embedding_dim=6, units=7),
    "gru": lambda nn: models.gru_language_model(nn, vocab_size=V, embedding_dim=6, units=7),
    "transformer": lambda nn: models.transformer_language_model(
        nn, vocab_size=V, max_length=16, d_model=8, num_heads=2, num_layers=2, dff=12
    ),
    "pre-norm": lambda nn: models.transformer_language_model(
        nn, vocab_size=V, max_length=16, d_model=8, num_heads=2, num_layers=2, dff=12, norm_first=True
    ),
}


def lively(kind, name):
    """A model with large weights, whose predictions change from token to token."""
    model = KINDS[kind](backend(name))
    model = model.to(np.float64) if name == "numpy" else model.double()
    rng = np.random.default_rng(5)
    state = model.state_dict()
    for key, value in state.items():
        drawn = rng.standard_normal(tuple(value.shape)) * 1.5
        state[key] = drawn if name == "numpy" else value.new_tensor(drawn)
    model.load_state_dict(state)
    return model


def steps(model):
    return WholeStep(model, model.max_length), CarriedStep(models.advance(model), model.max_length)


@pytest.fixture(params=["numpy", "torch"])
def name(request):
    return request.param


@pytest.mark.parametrize("kind", KINDS)
def test_greedy_and_sampled_texts_are_identical(kind, name):
    whole, carried = steps(lively(kind, name).train())
    greedy = generate(whole, [1, 2, 3], 25)  # beyond the 16 positions of the transformer
    assert generate(carried, [1, 2, 3], 25) == greedy
    assert len(set(greedy)) > 2
    sampled = [
        generate(s, [0], 25, Sampler(np.random.default_rng(1), 1.3, top_p=0.95)) for s in (whole, carried)
    ]
    assert sampled[0] == sampled[1]


@pytest.mark.parametrize("kind", KINDS)
def test_beam_search_is_identical(kind, name):
    whole, carried = steps(lively(kind, name))
    tokens, score = beam_search(whole, 0, EOS, k=3, max_len=12, alpha=0.7)
    again, cached_score = beam_search(carried, 0, EOS, k=3, max_len=12, alpha=0.7)
    assert again == tokens
    assert cached_score == pytest.approx(score, rel=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_the_last_row_of_one_parallel_pass(kind, name):
    model = lively(kind, name)
    tokens = [3, 1, 4, 1, 5, 9, 2, 6]
    logits = predict(model, np.array([tokens]))[0]
    whole, carried = steps(model)
    for t in range(1, len(tokens) + 1):
        expected = log_softmax(logits[t - 1])
        np.testing.assert_allclose(whole(tokens[:t]), expected, atol=1e-12)
        np.testing.assert_allclose(carried(tokens[:t]), expected, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_backends_write_the_same_text(kind):
    texts = [generate(steps(lively(kind, name))[1], [7], 15) for name in ("numpy", "torch")]
    assert texts[0] == texts[1]


def test_the_cache_reads_one_token_a_step(name):
    model = lively("transformer", name)
    advance, lengths = models.advance(model), []

    def counted(ids, state):
        lengths.append(len(ids))
        logits, state = advance(ids, state)
        assert state.length == sum(lengths)
        return logits, state

    generate(CarriedStep(counted, model.max_length), [1, 2, 3], 10)
    assert lengths == [3] + [1] * 9


def test_a_model_without_logits_at_every_position_is_refused(name):
    with pytest.raises(ValueError, match=r"shape \(1, 4\), expected \(1, T, V\)"):
        nn = backend(name)
        WholeStep(nn.Sequential(nn.Embedding(5, 2), nn.Flatten(), nn.Linear(6, 4)))([1, 2, 3])
    with pytest.raises(ValueError, match="window 0"):
        WholeStep(None, 0)
