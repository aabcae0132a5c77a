"""``step(tokens) -> log-probabilities`` out of a language model, with and without a memory of the past."""

from collections.abc import Callable, Sequence

import numpy as np

from dlcourse.backend import predict
from dlcourse.decoding.sampling import log_softmax


class WholeStep:
    """Runs the model over the whole text for every new token: T tokens cost 1 + 2 + ... + T positions.

    ``model(ids)`` maps ids (1, T) to logits (1, T, V), or to a tuple that begins with them; either
    backend, in evaluation mode. Only the last ``window`` tokens are read, if it is given: learned
    positions end at max_length.
    """

    def __init__(self, model, window: int | None = None):
        if window is not None and window < 1:
            raise ValueError(f"WholeStep: window {window}, expected None or at least 1 token")
        self.model, self.window = model, window

    def __call__(self, tokens: Sequence[int]) -> np.ndarray:
        ids = np.array(tokens if self.window is None else tokens[-self.window :], dtype=np.int64)[None]
        logits = predict(self.model, ids)
        logits = logits[0] if isinstance(logits, tuple) else logits
        if logits.ndim != 3:
            raise ValueError(
                f"WholeStep: the model returned shape {logits.shape}, expected (1, T, V): logits at every "
                "position"
            )
        return log_softmax(logits[0, -1].astype(np.float64))


class CarriedStep:
    """Carries what the model remembers from token to token, so that a step costs one position.

    ``advance(ids, state) -> (logits (V,) behind the last id, new state)``: ids (t,) are the tokens that
    are new, ``state`` is what an earlier call returned, ``None`` at the beginning. It must not change
    ``state``, because several hypotheses of a beam may go on from the same one. The state is the hidden
    vector of a recurrent network, the keys and values of a transformer (KV cache).

    States are kept by the text that led to them, so that sampling, greedy and beam search all use the
    same call ``step(tokens)``. Those of texts too short to be continued are dropped. ``limit``: where
    the memory ends (max_length); longer texts are read anew, their last ``limit`` tokens each time.
    """

    def __init__(self, advance: Callable, limit: int | None = None):
        self.advance, self.limit = advance, limit
        self._states: dict[tuple[int, ...], object] = {}

    def __call__(self, tokens: Sequence[int]) -> np.ndarray:
        text = tuple(int(t) for t in tokens)
        if not text:
            raise ValueError("CarriedStep: no tokens, expected at least one (<bos>, say)")
        if self.limit is not None and len(text) > self.limit:
            logits, _ = self.advance(np.array(text[-self.limit :], dtype=np.int64), None)
            return log_softmax(np.asarray(logits, dtype=np.float64))
        state = self._states.get(text[:-1])
        new = text if state is None else text[-1:]
        logits, state = self.advance(np.array(new, dtype=np.int64), state)
        self._states = {known: s for known, s in self._states.items() if len(known) >= len(text) - 1}
        self._states[text] = state
        return log_softmax(np.asarray(logits, dtype=np.float64))
