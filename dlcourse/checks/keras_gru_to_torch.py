"""E16 ``keras_gru_to_torch``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import NOT_PYTORCH, Call, Exercise, Misconception, Output, Property, call
from dlcourse.checks.parts import Mistakes

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
KERNEL, RECURRENT, INPUT_BIAS, RECURRENT_BIAS = NAMES


def weights(rng: np.random.Generator, I: int, H: int, bias: bool = True) -> Call:  # noqa: E741
    """kernel (I, 3H), recurrent (H, 3H), bias (2, 3H), all different."""
    b = rng.standard_normal((2, 3 * H))
    return call(rng.standard_normal((I, 3 * H)), rng.standard_normal((H, 3 * H)), b if bias else 0 * b)


def gates(array, order="rzn"):
    """The blocks z, r, n of the last axis in another order."""
    blocks = dict(zip("zrn", np.split(array, 3, -1), strict=True))
    return np.concatenate([blocks[name] for name in order], -1)


def reference(kernel, recurrent, bias):
    """E16."""
    return dict(zip(NAMES, _values(kernel, recurrent, bias), strict=True))


def _values(kernel, recurrent, bias):
    return gates(kernel).T, gates(recurrent).T, *gates(bias)


made = Mistakes(_values, *NAMES)


def _keyed(misconception):
    """The mistake of a function that returns a tuple, for one that returns a dictionary."""
    function = misconception.function
    return Misconception(
        misconception.sentence, lambda *a: dict(zip(NAMES, function(*a), strict=True)), misconception.shows
    )


def _all(sentence, change):
    """``change(g)`` are all four arrays, wrong in the same way."""
    return Misconception(sentence, lambda *a: change(made.given(a)))


def _each(sentence, names, change):
    """The same mistake in each of ``names``: ``change(value, g)``."""
    return [made.one(name, sentence.format(name=name), change) for name in names]


def _order(order):
    return lambda g: (gates(g.kernel, order).T, gates(g.recurrent, order).T, *gates(g.bias, order))


ORDER = "Keras stores z,r,h; PyTorch r,z,n: the first two blocks have to change places."
SOURCE = {KERNEL: lambda g: g.kernel, RECURRENT: lambda g: g.recurrent}
SOURCE |= {INPUT_BIAS: lambda g: g.bias[0], RECURRENT_BIAS: lambda g: g.bias[1]}


def _of_source(sentence, names, change):
    """``change(array of Keras)`` in place of the right value."""
    return [made.one(n, sentence.format(name=n), lambda v, g, n=n: change(SOURCE[n](g))) for n in names]


def _interleaved(array):
    """Read as if the three gates of a unit stood side by side."""
    *rest, columns = array.shape
    return array.reshape(*rest, columns // 3, 3)[..., [1, 0, 2]].reshape(array.shape)


def _block_transposes(recurrent):
    """Every H x H block transposed in its place: (H, 3H) stays."""
    return np.concatenate([b.T for b in np.split(gates(recurrent), 3, 1)], 1)


def _untransposed_blocks(recurrent):
    """The blocks below each other, none of them transposed."""
    return np.concatenate(np.split(gates(recurrent), 3, 1), 0)


KERAS_MISTAKES = tuple(
    map(
        _keyed,
        [
            _all(ORDER, _order("zrn")),
            *_of_source(f"{{name}}: {ORDER}", NAMES, lambda a: a.T),
            *(
                _all(f"{ORDER[:-1]}; yours stand in the order {', '.join(order)}.", _order(order))
                for order in ("nrz", "znr", "nzr", "rnz")
            ),
            *_of_source(
                "reshape does not transpose {name}: use .T",
                NAMES[:2],
                lambda a: gates(a).reshape(a.shape[::-1]),
            ),
            *_of_source(
                "reshape does not transpose {name}: use .T (and change the order of the gates).",
                NAMES[:2],
                lambda a: a.reshape(a.shape[::-1]),
            ),
            *_of_source("PyTorch stores {name} as (3H, in): transpose.", NAMES[:2], gates),
            *_of_source(
                "PyTorch stores {name} as (3H, in): transpose (and change the order of the gates).",
                NAMES[:2],
                lambda a: a,
            ),
            *_of_source(
                "{name}: the blocks stand one below the other, but each has to be transposed.",
                [RECURRENT],
                _untransposed_blocks,
            ),
            *_of_source(
                "{name}: transpose the whole array, not each block in its place.",
                [RECURRENT],
                _block_transposes,
            ),
            *_of_source(
                "{name}: rows of H belong together (a block for each gate); you exchanged single columns.",
                NAMES,
                lambda a: _interleaved(a).T,
            ),
            *_of_source(
                "{name}: the columns are put in the reverse order; exchange blocks.",
                NAMES,
                lambda a: a[..., ::-1].T,
            ),
            *_of_source(
                "{name}: the rows are exchanged after the transposition along the wrong axis.",
                NAMES[:2],
                lambda a: a.T[:, ::-1],
            ),
            *_of_source(
                "{name}: the blocks of r and z hold the same numbers: a swap of views overwrites the first "
                "before it is copied.",
                NAMES,
                lambda a: gates(a, "rrn").T,
            ),
            made.one(
                INPUT_BIAS,
                "bias[0] belongs to the input, bias[1] to the recurrent product: they are exchanged.",
                lambda v, g: gates(g.bias)[1],
            ),
            *_each(
                "Do not add the two biases: for n the recurrent bias is inside the reset product.",
                [INPUT_BIAS, RECURRENT_BIAS],
                lambda v, g: gates(g.bias).sum(0),
            ),
            made.one(
                RECURRENT_BIAS,
                "the second bias of Keras, bias[1], is missing: it is bias_hh_l0.",
                lambda v, g: 0 * v,
            ),
            made.one(
                RECURRENT_BIAS,
                "bias_hh_l0 holds the bias of the input, bias[0]; it is bias[1].",
                lambda v, g: gates(g.bias)[0],
            ),
            *_each(
                "{name} is halved: Keras and PyTorch both keep two biases.",
                [INPUT_BIAS, RECURRENT_BIAS],
                lambda v, g: v / 2,
            ),
            made.one(
                INPUT_BIAS,
                "bias_ih_l0 holds both biases; it is bias[0] alone, of shape (3H,).",
                lambda v, g: gates(g.bias),
            ),
            made.one(
                RECURRENT_BIAS,
                "bias_hh_l0 holds both biases; it is bias[1] alone, of shape (3H,).",
                lambda v, g: gates(g.bias),
            ),
            *(
                made.one(name, f"{name} has an axis too many: it is (3H,).", lambda v, g: v[None])
                for name in (INPUT_BIAS, RECURRENT_BIAS)
            ),
            made.one(
                KERNEL,
                "kernel belongs to the input (weight_ih_l0), recurrent to the state (weight_hh_l0).",
                lambda v, g: gates(g.recurrent).T,
            ),
        ],
    )
)

EXERCISE = Exercise(
    name="keras_gru_to_torch",
    reference=reference,
    properties=(
        Property("two inputs, one unit", lambda rng: [weights(rng, 2, 1)], 0.5),
        Property("biases of 0", lambda rng: [weights(rng, 4, 3, bias=False)]),
        Property("weights and both biases", lambda rng: [weights(rng, 3, 4)], 1.5),
        Property("as many inputs as units", lambda rng: [weights(rng, 4, 4)]),
    ),
    misconceptions=KERAS_MISTAKES,
    outputs=(
        Output(KERNEL, ("row", "input")),
        Output(RECURRENT, ("row", "unit")),
        Output(INPUT_BIAS, ("row",)),
        Output(RECURRENT_BIAS, ("row",)),
    ),
    keyed=True,
    forbidden=NOT_PYTORCH,
)
