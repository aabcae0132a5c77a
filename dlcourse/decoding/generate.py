"""One token after the other: the loop of every language model at work."""

from collections.abc import Callable, Sequence

from dlcourse.decoding.sampling import greedy


def generate(
    step: Callable,
    prompt: Sequence[int],
    max_len: int,
    choose: Callable = greedy,
    eos: int | None = None,
) -> list[int]:
    """``prompt`` and up to ``max_len`` tokens after it: y_t = choose(log p(. | y_<t))  (eq-generate).

    ``step(tokens) -> log-probabilities (V,)``; ``choose`` is ``greedy`` or a ``Sampler``. Stops behind
    ``eos``. Raises ``ValueError`` for an empty prompt: a model needs at least a token of beginning.
    """
    tokens = [int(t) for t in prompt]
    if not tokens:
        raise ValueError("generate: the prompt is empty, expected at least one token id (<bos>, say)")
    if max_len < 0:
        raise ValueError(f"generate: max_len {max_len}, expected the number of tokens to add, >= 0")
    for _ in range(max_len):
        tokens.append(int(choose(step(tokens))))
        if tokens[-1] == eos:
            break
    return tokens
