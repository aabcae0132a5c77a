"""Cases of the whole models."""

import numpy as np

from dlcourse import models
from dlcourse.conformance.compare import Case


def _filled_up(rng, shape, lengths):
    """Ids 1 to 10, with 0 behind the length of each row."""
    return np.where(np.arange(shape[1]) < np.array(lengths)[:, None], rng.integers(1, 11, shape), 0)


CASES = [
    Case(
        "cnn as printed, 28×28",
        lambda nn, rng: models.cnn(nn, rng=rng),
        lambda rng: (rng.standard_normal((3, 1, 28, 28)),),
    ),
    # At 28×28 the last map is 1×1, so the order of Flatten cannot show; at 32×32 it is 2×2.
    Case(
        "cnn as printed, 32×32 in colour",
        lambda nn, rng: models.cnn(nn, in_channels=3, size=32, classes=7, rng=rng),
        lambda rng: (rng.standard_normal((2, 3, 32, 32)),),
    ),
    Case(
        'cnn, padding="same", 28×28',
        lambda nn, rng: models.cnn(nn, padding="same", rng=rng),
        lambda rng: (rng.standard_normal((2, 1, 28, 28)),),
    ),
    Case(
        "mlp, two hidden layers",
        lambda nn, rng: models.mlp(nn, inputs=30, hidden=(7, 4), classes=3, rng=rng),
        lambda rng: (rng.standard_normal((5, 2, 5, 3)),),
    ),
    *[
        Case(
            f"{kind} language model, both dropouts on",
            lambda nn, rng, kind=kind: getattr(models, f"{kind}_language_model")(
                nn, vocab_size=11, embedding_dim=5, units=7, dropout=0.3, recurrent_dropout=0.4, rng=rng
            ),
            lambda rng: (rng.integers(0, 11, (3, 6)),),
        )
        for kind in ("rnn", "lstm", "gru")
    ],
    *[
        Case(
            f"transformer language model, {'pre' if norm_first else 'post'}-norm",
            lambda nn, rng, norm_first=norm_first: models.transformer_language_model(
                nn,
                vocab_size=11,
                max_length=9,
                d_model=6,
                num_heads=2,
                num_layers=3,
                dff=5,
                dropout=0,
                norm_first=norm_first,
                rng=rng,
            ),
            lambda rng: (rng.integers(0, 11, (3, 7)),),
        )
        for norm_first in (False, True)
    ],
    Case(
        "text classifier, texts of unequal length and an empty one",
        lambda nn, rng: models.text_classifier(
            nn, vocab_size=11, embedding_dim=5, units=7, classes=3, dropout=0.3, rng=rng
        ),
        lambda rng: (_filled_up(rng, (4, 6), [6, 2, 5, 0]),),
    ),
    *[
        Case(
            f"seq2seq {'with' if attention else 'without'} attention",
            lambda nn, rng, attention=attention: models.seq2seq(
                nn, vocab_size=11, embedding_dim=5, units=7, attention=attention, rng=rng
            ),
            lambda rng: (_filled_up(rng, (3, 6), [6, 1, 4]), _filled_up(rng, (3, 5), [2, 5, 3])),
        )
        for attention in (True, False)
    ],
    Case(
        "vision transformer, in colour",
        lambda nn, rng: models.vision_transformer(
            nn, in_channels=3, size=12, patch=4, d_model=6, num_heads=2, dff=5, classes=7, rng=rng
        ),
        lambda rng: (rng.standard_normal((2, 3, 12, 12)),),
    ),
]
