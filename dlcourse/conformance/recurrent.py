"""Cases of RNN, LSTM and GRU: layers, directions, initial states, masks, both reset gates, constant dropout.

Every size differs: B = 3, T = 5, I = 4, H = 2 or 6. A mask has padding at the end, at the start and in
between, and one row that is padding throughout.
"""

import numpy as np

from dlcourse.conformance.compare import Case

B, T, I = 3, 5, 4  # noqa: E741 (the book's symbol)
MASK = np.array([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0]], bool)


def _case(
    name: str, layer: str, hidden: int = 6, *, state: bool = True, mask=None, steps: int = T, **arguments
):
    planes = arguments.get("num_layers", 1) * (2 if arguments.get("bidirectional") else 1)

    def inputs(rng):
        x = rng.standard_normal((B, steps, I))
        h_0, c_0 = rng.standard_normal((2, planes, B, hidden))
        return x, ((h_0, c_0) if layer == "LSTM" else h_0) if state else None

    return Case(
        f"{layer}, {name}",
        lambda nn, rng: getattr(nn, layer)(I, hidden, rng=rng, **arguments),
        inputs,
        lambda rng: {} if mask is None else {"mask": mask},
    )


_both = {"num_layers": 2, "bidirectional": True}
CASES = [
    case
    for layer in ("RNN", "LSTM", "GRU")
    for case in (
        _case("initial state", layer),
        _case("zero initial state", layer, state=False),
        _case("no bias", layer, hidden=2, bias=False),
        _case("one step", layer, steps=1),
        _case("three layers", layer, num_layers=3),
        _case("both directions", layer, bidirectional=True),
        _case("two layers, both directions", layer, hidden=2, **_both),
        _case("mask", layer, mask=MASK),
        _case("mask, zero initial state", layer, mask=MASK, state=False, **_both),
        _case("mask, no bias, two layers, both directions", layer, mask=MASK, bias=False, **_both),
        _case("input dropout", layer, input_dropout=0.5),
        _case("recurrent dropout", layer, hidden=2, recurrent_dropout=0.4),
        _case(
            "all three dropouts, mask, two layers, both directions",
            layer,
            mask=MASK,
            dropout=0.2,
            input_dropout=0.3,
            recurrent_dropout=0.4,
            **_both,
        ),
    )
] + [
    _case("reset before", "GRU", reset_after=False),
    _case("reset before, no bias", "GRU", hidden=2, reset_after=False, bias=False),
    _case("reset before, mask, two layers, both directions", "GRU", reset_after=False, mask=MASK, **_both),
    _case(
        "reset before, both constant dropouts, mask",
        "GRU",
        reset_after=False,
        mask=MASK,
        input_dropout=0.3,
        recurrent_dropout=0.4,
    ),
]
