"""Decoding: probabilities by hand, the properties of each cut, beam search against all sequences."""

import itertools

import numpy as np
import pytest

from dlcourse.decoding import CarriedStep, Sampler, beam_search, generate, greedy, next_token_probs

P = np.array([0.1, 0.4, 0.2, 0.3])


def test_temperature_by_hand():
    np.testing.assert_allclose(next_token_probs(np.log(P)), P, rtol=1e-14)
    np.testing.assert_allclose(next_token_probs(np.log(P), 0.5), P**2 / (P**2).sum(), rtol=1e-14)
    np.testing.assert_allclose(next_token_probs(np.log(P), 2.0), P**0.5 / (P**0.5).sum(), rtol=1e-14)


def test_large_logits_do_not_overflow():
    with np.errstate(all="raise"):
        np.testing.assert_allclose(next_token_probs(np.array([1e4, 1e4])), [0.5, 0.5])


def test_top_k_keeps_the_k_largest_and_renormalises():
    np.testing.assert_allclose(next_token_probs(np.log(P), top_k=2), [0, 4 / 7, 0, 3 / 7], rtol=1e-14)
    np.testing.assert_allclose(next_token_probs(np.log(P), top_k=9), P, rtol=1e-14)
    # equal tokens: exactly k stay, those with the lower ids
    np.testing.assert_allclose(next_token_probs(np.zeros(4), top_k=2), [0.5, 0.5, 0, 0])


def test_top_p_keeps_the_smallest_set_that_reaches_p():
    np.testing.assert_allclose(next_token_probs(np.log(P), top_p=0.69), [0, 4 / 7, 0, 3 / 7], rtol=1e-14)
    np.testing.assert_allclose(next_token_probs(np.log(P), top_p=0.71), [0, 4 / 9, 2 / 9, 3 / 9], rtol=1e-14)
    np.testing.assert_array_equal(next_token_probs(np.log(P), top_p=1e-9), [0, 1, 0, 0])


def test_top_k_comes_first_and_is_renormalised_before_top_p():
    # After top_k=3 the rest is (4, 2, 3)/9: .444 + .333 reach .75; without renormalising .4 + .3 do not.
    p = next_token_probs(np.log(P), top_k=3, top_p=0.75)
    np.testing.assert_allclose(p, [0, 4 / 7, 0, 3 / 7], rtol=1e-14)


def test_tokens_of_probability_zero_stay_out():
    p = next_token_probs(np.array([0.0, -np.inf, 0.0]), temperature=3.0, top_k=3)
    np.testing.assert_allclose(p, [0.5, 0, 0.5])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"temperature": 0}, "temperature 0, expected a number > 0"),
        ({"temperature": -1.0}, "temperature -1.0"),
        ({"top_k": -1}, "top_k -1, expected an integer >= 0"),
        ({"top_k": 1.5}, "top_k 1.5"),
        ({"top_p": 0}, "top_p 0, expected 0 < top_p <= 1"),
        ({"top_p": 1.1}, "top_p 1.1"),
    ],
)
def test_options_out_of_range(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        next_token_probs(np.zeros(3), **options)


@pytest.mark.parametrize("logits", [np.zeros((2, 3)), np.zeros(0), [np.nan, 0.0], [-np.inf, -np.inf]])
def test_logits_that_are_no_distribution(logits):
    with pytest.raises(ValueError, match="decoding: logits"):
        next_token_probs(logits)


def test_sampler_follows_the_probabilities_and_the_seed():
    draws = [Sampler(np.random.default_rng(5), top_k=3) for _ in range(2)]
    first, second = ([draw(np.log(P)) for _ in range(4000)] for draw in draws)
    assert first == second
    frequencies = np.bincount(first, minlength=4) / 4000
    assert frequencies[0] == 0
    np.testing.assert_allclose(frequencies[1:], P[1:] / 0.9, atol=0.03)  # 4 standard deviations
    with pytest.raises(TypeError, match="rng is a int"):
        Sampler(5)


def test_greedy_takes_the_first_of_equals():
    assert greedy(np.log([0.2, 0.4, 0.4])) == 1


# A language of three words and an end, whose probabilities depend on the last two tokens.
BOS, EOS, V = 0, 3, 4


def step(tokens):
    a, b = ([BOS, *tokens])[-2:]
    logits = np.random.default_rng([a, b, 7]).standard_normal(V) * 1.5
    logits[BOS] = -np.inf
    return logits - np.log(np.exp(logits).sum())


def score_of(tokens, alpha):
    total = sum(step(tokens[:t])[tokens[t]] for t in range(1, len(tokens)))
    return total / (len(tokens) - 1) ** alpha


def all_sequences(max_len):
    for n in range(1, max_len + 1):
        for words in itertools.product([1, 2], repeat=n - 1):
            yield [BOS, *words, EOS]
    for words in itertools.product([1, 2], repeat=max_len):
        yield [BOS, *words]


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0, 2.0])
def test_a_beam_that_holds_everything_finds_the_best_sequence(alpha):
    tokens, score = beam_search(step, BOS, EOS, k=200, max_len=5, alpha=alpha)
    best = max(all_sequences(5), key=lambda s: score_of(s, alpha))
    assert tokens == best
    assert score == pytest.approx(score_of(best, alpha), rel=1e-12)


def test_beam_of_one_is_greedy():
    tokens, score = beam_search(step, BOS, EOS, k=1, max_len=8)
    assert tokens == generate(step, [BOS], 8, eos=EOS)
    assert score == pytest.approx(score_of(tokens, 0))


def by_hand(table):
    """step for a table {text: probabilities}; texts that are not in it end."""

    def table_step(tokens):
        with np.errstate(divide="ignore"):
            return np.log(table.get(tuple(tokens[1:]), np.array([0, 0, 0, 1.0])))

    return table_step


def test_all_continuations_compete_for_the_places():
    # Both survivors of the second round come from the first beam: 1 1 and 1 2.
    table = {
        (): np.array([0, 0.6, 0.4, 0]),
        (1,): np.array([0, 0.5, 0.5, 0]),
        (2,): np.array([0, 0.3, 0.7, 0]),
        (1, 1): np.array([0, 0, 0.1, 0.9]),
        (1, 2): np.array([0, 0, 0.01, 0.99]),
    }
    tokens, score = beam_search(by_hand(table), 0, 3, k=2, max_len=4)
    assert tokens == [0, 1, 2, 3]
    assert score == pytest.approx(np.log(0.6 * 0.5 * 0.99))


def test_length_normalisation_lets_the_longer_one_win():
    table = {
        (): np.array([0, 0.5, 0, 0.5]),
        (1,): np.array([0, 0.9, 0, 0.1]),
        (1, 1): np.array([0, 0, 0, 1.0]),
    }
    assert beam_search(by_hand(table), 0, 3, k=2, max_len=5, alpha=0)[0] == [0, 3]
    tokens, score = beam_search(by_hand(table), 0, 3, k=2, max_len=5, alpha=1)
    assert tokens == [0, 1, 1, 3]  # found although [0, 3] had already ended
    assert score == pytest.approx(np.log(0.45) / 3)


def test_unfinished_hypotheses_count_at_max_len():
    table = {(): np.array([0, 0.9, 0, 0.1]), (1,): np.array([0, 0.9, 0, 0.1])}
    tokens, score = beam_search(by_hand(table), 0, 3, k=3, max_len=2)
    assert (tokens, score) == ([0, 1, 1], pytest.approx(np.log(0.81)))


@pytest.mark.parametrize(
    ("bad_step", "options", "sentence"),
    [
        (step, {"k": 0, "max_len": 3}, "k 0"),
        (step, {"k": 2, "max_len": 0}, "max_len 0"),
        (step, {"k": 2, "max_len": 3, "alpha": -1.0}, "alpha -1.0"),
        (lambda tokens: np.full(4, 0.25), {"k": 2, "max_len": 3}, "expected log-probabilities"),
        (lambda tokens: np.zeros((1, 4)), {"k": 2, "max_len": 3}, r"shape \(1, 4\), expected \(V,\)"),
        (lambda tokens: np.full(4, -np.inf), {"k": 2, "max_len": 3}, "no hypothesis can go on"),
    ],
)
def test_beam_search_says_what_is_wrong(bad_step, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        beam_search(bad_step, BOS, EOS, **options)


def test_generate_stops_behind_eos_and_at_max_len():
    table = {(): np.array([0, 1.0, 0, 0]), (1,): np.array([0, 0, 1.0, 0])}
    assert generate(by_hand(table), [0], 9, eos=3) == [0, 1, 2, 3]
    assert generate(by_hand(table), [0], 2, eos=3) == [0, 1, 2]
    assert generate(by_hand(table), [0], 0) == [0]
    with pytest.raises(ValueError, match="prompt is empty"):
        generate(step, [], 3)
    with pytest.raises(ValueError, match="max_len -1"):
        generate(step, [0], -1)


def remembering_step(limit=None):
    """The language of ``step`` as a CarriedStep; the state is the last token; counts the ids it reads."""
    read = []

    def advance(ids, state):
        read.append(len(ids))
        tokens = ids if state is None else [state, *ids]
        return step(list(tokens)), int(ids[-1])

    return CarriedStep(advance, limit), read


def test_a_carried_state_changes_no_token_and_reads_each_only_once():
    carried, read = remembering_step()
    expected = generate(step, [BOS, 1, 2], 10)
    assert generate(carried, [BOS, 1, 2], 10) == expected
    assert read == [3] + [1] * 9
    sample = [generate(s, [BOS], 12, Sampler(np.random.default_rng(3))) for s in (step, carried)]
    assert sample[0] == sample[1]


def test_a_carried_state_follows_its_hypothesis_through_beam_search():
    carried, read = remembering_step()
    assert beam_search(carried, BOS, EOS, 3, 7, 0.5) == beam_search(step, BOS, EOS, 3, 7, 0.5)
    assert set(read) == {1}
    assert len(carried._states) <= 6  # those of two lengths, three hypotheses each


def test_texts_longer_than_the_limit_are_read_anew():
    carried, read = remembering_step(limit=4)
    assert generate(carried, [BOS], 7) == generate(step, [BOS], 7)
    assert read == [1, 1, 1, 1, 4, 4, 4]
    with pytest.raises(ValueError, match="no tokens"):
        carried([])
