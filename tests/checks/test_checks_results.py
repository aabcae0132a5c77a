"""Results of every form: several values with names, dictionaries, lists, types; calls through drivers."""

import numpy as np
import pytest

from dlcourse.checks import Demand, Exercise, Misconception, Output, Property, call
from dlcourse.checks.call import Call, perform
from dlcourse.checks.compare import difference
from dlcourse.checks.engine import examine
from dlcourse.checks.equivariance_error import gain_of_each_pixel
from dlcourse.checks.result import read
from dlcourse.checks.subject import Foreign, Subject
from dlcourse.grading.values import decode, decode_call, encode, encode_call

THREE = (Output("dx", ("row", "column")), Output("dw", ("row", "column")), Output("db", ("row",)))


def reference(x, w):
    return x @ w, x.T @ w, x.sum(1)


def said_of(function, exercise=None, public=False, **fields) -> str:
    """The sentence on ``function`` in a small exercise with three outputs."""
    asked = exercise or Exercise(
        "f",
        reference,
        (Property("all", lambda rng: [call(rng.standard_normal((3, 3)), rng.standard_normal((3, 3)))]),),
        (Misconception("db sums over the columns.", lambda x, w: (x @ w, x.T @ w, x.sum(0))),),
        outputs=THREE,
        **fields,
    )
    return examine(asked, Subject(function, "f"), asked.properties, 7, public).sentence or ""


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (reference, ""),
        (lambda x, w: list(reference(x, w)), ""),
        (lambda x, w: reference(x, w)[:2], "it returned 2 values, expected 3 values: dx, dw, db."),
        (lambda x, w: x @ w, "it returned one array, expected 3 values: dx, dw, db."),
        (lambda x, w: None, "it returned None, expected 3 values: dx, dw, db. Is there a `return`"),
        (lambda x, w: (x @ w, x.T @ w, None), "db is None."),
        (lambda x, w: (x @ w, (x.T @ w).tolist(), x.sum(1)), "dw is a list; wrap it in np.array(...)."),
        (lambda x, w: (x @ w, x.T @ w, x.sum(0)), "db sums over the columns."),
        (lambda x, w: (-x @ w, x.T @ w, x.sum(0)), "dx: the sign of every value is wrong. Right is: dw."),
        (lambda x, w: (x @ w, 2 * x.T @ w, x.sum(0)), "dw: every value is 2 times the right one"),
        (
            lambda x, w: (x.T @ w, x @ w, x.sum(1)),
            "dx and dw are exchanged: return dx, dw, db in this order.",
        ),
        (lambda x, w: (x @ w, x @ w, x.sum(1)), "dw holds the values of dx."),
        (lambda x, w: (x @ w, x.T @ w, x.sum()), "db: it is a single number, expected an array"),
    ],
)
def test_the_sentence_names_the_value_that_is_wrong(function, said):
    told = said_of(function)
    assert said in told if said else told == ""


def test_a_mistake_in_one_value_is_recognised_beside_another_that_is_unknown():
    assert said_of(lambda x, w: (x @ w, x.T @ w, x.sum(0))) == "db sums over the columns."
    both = said_of(lambda x, w: (x @ w, np.tanh(x.T @ w), x.sum(0)))
    assert both.startswith("dw: ")


@pytest.mark.parametrize(
    ("value", "public", "said"),
    [
        ({"a": np.ones(2), "b": np.ones(1)}, False, None),
        ({"a": np.ones(2)}, False, "the dictionary lacks b."),
        ({"a": np.ones(2), "c": np.ones(1)}, True, "the dictionary lacks b; it has c."),
        (
            {"a": np.ones(2), "b": np.ones(1), "secret": 1},
            False,
            "keys that are not asked for; asked for are a, b.",
        ),
        ((np.ones(2), np.ones(1)), False, "it returned a tuple; a dictionary is asked for: a, b."),
        ({"a": None, "b": 1.0}, False, "a is None."),
    ],
)
def test_dictionaries(value, public, said):
    result, told = read(value, (Output("a", ("row",)), Output("b", ("row",))), True, public)
    assert (told is None and set(result) == {"a", "b"}) if said is None else said in told


@pytest.mark.parametrize(
    ("value", "output", "said"),
    [
        (np.zeros(3, np.int8), Output("q", ("row",), "int8"), None),
        (np.zeros(3, np.int64), Output("q", ("row",), "int8"), "q is an array of int64; int8 is asked for."),
        (np.zeros(3), Output("q", ("row",), "int"), "q is an array of float64; integers are asked for."),
        (np.zeros(3, bool), Output("mask", ("row",), "bool"), None),
        (np.zeros(3), Output("mask", ("row",), "bool"), "True and False (bool) are asked for."),
        (np.zeros(3, bool), Output("p", ("row",)), "p is True and False; numbers are asked for."),
        ([1, 2, 3], Output("tokens", ("token",), listed=True), None),
        (["a"], Output("tokens", ("token",), listed=True), "holds other things than numbers"),
        ([np.ones(2), np.ones(3)], Output("grads", ("row",), several=True), None),
        (np.ones(2), Output("grads", ("row",), several=True), "a list of arrays is asked for"),
        (
            [np.ones(2), Foreign("torch.Tensor")],
            Output("grads", ("row",), several=True),
            "grads[1] is a torch",
        ),
    ],
)
def test_types_and_lists(value, output, said):
    result, told = read((value, 1.0), (output, Output("other")), False, False)
    assert (told is None and result) if said is None else said in told


@pytest.mark.parametrize(
    ("got", "expected", "said"),
    [
        (-2.0, 2.0, "sign"),
        (4.0, 2.0, "twice the right one"),
        (3.0, 2.0, "one too large"),
        (1.7, 2.5, "too small"),
        (np.nan, 2.0, "NaN"),
        (np.ones(1), 2.0, "make it one with float"),
        (np.ones(3), 2.0, "is a sum or a mean missing"),
    ],
)
def test_single_numbers_differ_in_words_and_keep_hidden_values_hidden(got, expected, said):
    told = difference(np.asarray(got), np.asarray(expected), (), 1e-6, 1e-8, public=False)
    assert said in told and "expected 2" not in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: ~m, "exchanged"),
        (lambda m: m | True, "every entry is True"),
        (lambda m: m.T, "transposed"),
        (lambda m: m ^ np.eye(4, dtype=bool), "of 16 entries 4 are False and should be True"),
    ],
)
def test_masks_differ_in_words(change, said):
    mask = np.tril(np.ones((4, 4), bool))
    assert said in difference(change(mask), mask, ("query", "key"), 0, 0, public=False)


def test_a_demand_accepts_every_answer_that_fulfils_it():
    asked = Exercise(
        "f",
        lambda x: np.argsort(x)[:1],
        (
            Demand(
                "smallest",
                lambda rng: [call(np.array([1.0, 0, 0]))],
                lambda got, x: None if x[got[0]] == 0 else "no",
            ),
        ),
        (),
        ("index",),
    )
    assert said_of(lambda x: np.array([1]), asked) == said_of(lambda x: np.array([2]), asked) == ""
    assert said_of(lambda x: np.array([0]), asked) == "no"
    assert "wrong shape" in said_of(lambda x: np.array([1, 2]), asked)


def test_a_list_of_arrays_that_is_changed_is_noticed():
    def doubles(grads):
        found = [2 * g for g in grads]
        grads[1] *= 0
        return found

    asked = Exercise(
        "f",
        lambda grads: [2 * g for g in grads],
        (Property("all", lambda rng: [call([np.ones(2), np.ones(3)])]),),
        (),
        outputs=(Output("grads", ("row",), several=True),),
    )
    assert "changes its input array grads" in said_of(doubles, asked)
    assert said_of(lambda grads: [2 * grads[0]], asked).startswith("grads should hold one array for each")


def test_calls_and_results_travel_whole():
    one = gain_of_each_pixel(np.eye(4), 1, np.ones((4, 4)), 1)
    arrays: dict = {}
    there = decode_call(encode_call(one, arrays), arrays)
    assert there.driver == "dlcourse.checks.equivariance_error:gain_of_each_pixel"
    assert perform(lambda f, x, k: f(x).sum() + k, there) == 5.0
    value = {"a": np.arange(3, dtype=np.int8), "b": [np.zeros(2, bool), (1, "x")]}
    again = decode(encode(value, arrays), arrays)
    assert again["a"].dtype == np.int8 and again["b"][0].dtype == bool and again["b"][1] == (1, "x")


def test_only_functions_of_the_checks_are_drivers():
    with pytest.raises(ValueError, match="no driver"):
        perform(print, Call((), {}, "os:system"))
