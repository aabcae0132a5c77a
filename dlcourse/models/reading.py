"""Language models that go on reading from where they were."""

import numpy as np

from dlcourse.backend import evaluating, to_model, to_numpy
from dlcourse.models.assemble import graphless


def advance(model):
    """``advance(ids, state) -> logits (V,), state`` for ``dlcourse.decoding.CarriedStep``.

    The state is the hidden vector of a recurrent model or the ``KVCache`` of a transformer; it is never
    changed. Give ``CarriedStep`` the limit ``model.max_length``.
    """

    def step(ids: np.ndarray, state):
        with evaluating(model), graphless(model):
            logits, state = model.read(to_model(model, np.asarray(ids)[None]), state)
            return to_numpy(logits)[0, -1], state

    return step
