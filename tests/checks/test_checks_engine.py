"""What ``check`` says about functions that are missing, that fail, or that do more than they should."""

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from dlcourse.checks import CheckFailed, check, exercise, session
from dlcourse.checks.compare import difference
from dlcourse.checks.result import as_array
from dlcourse.checks.shortcuts import uses
from dlcourse.checks.subject import Foreign

AXES = ("sample", "output channel", "row", "column")


def sentence(name="conv2d_naive", secret=False, **namespace) -> str:
    """What a test cell with these names in it says."""
    scope = {"check": check, **namespace}
    try:
        if secret:
            with session(5):
                exec(f"check({name!r})", scope)
        else:
            exec(f"check({name!r})", scope)
    except CheckFailed as failed:
        return str(failed)
    return ""


def correct(x, w):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    return np.einsum("ijpq,pq->ij", windows, w)


def test_a_missing_function_is_named():
    assert sentence() == "There is no function conv2d_naive. Run the cell that defines it first."


def test_a_function_with_a_similar_name_is_proposed():
    assert sentence(conv2d_naiv=correct).endswith("You defined conv2d_naiv: rename it.")


def test_a_name_that_is_no_function():
    assert sentence(conv2d_naive=np.zeros(3)) == (
        "conv2d_naive is a ndarray, not a function: was the name used again?"
    )


def test_success_prints_every_property(capsys):
    assert sentence(conv2d_naive=correct) == ""
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(exercise("conv2d_naive").properties) + 1
    assert all(line.startswith("✓") for line in lines[:-1])


def test_the_message_of_an_exception_is_shown_for_public_inputs_only():
    def tells(x, w):
        raise ValueError(f"x is {x[0, 0]}")

    assert "ValueError: x is" in sentence(conv2d_naive=tells)
    assert "x is" not in sentence(conv2d_naive=tells, secret=True).split(", in the line")[0]


def test_shapes_are_shown_for_public_inputs_only():
    def cut(x, w):
        return correct(x, w)[1:, :]

    assert "(it is (" in sentence(conv2d_naive=cut)
    assert "1 row too few." in sentence(conv2d_naive=cut, secret=True)


def test_an_exception_class_of_the_learner_is_not_named():
    class Leak1234(Exception):
        pass

    def raises(x, w):
        raise Leak1234()

    assert "raised Exception" in sentence(conv2d_naive=raises, secret=True)


def test_a_flood_of_output_is_told_and_swallowed(capsys):
    def noisy(x, w):
        print("x" * 20_000)
        return correct(x, w)

    assert sentence(conv2d_naive=noisy) == ""
    printed = capsys.readouterr()
    assert "Note: it prints more than 10000 characters" in printed.out and "xxxx" not in printed.out


def test_a_warning_is_no_mistake_and_leaves_no_stderr(capsys):
    def warns(x, w):
        import sys
        import warnings

        warnings.warn("slow", stacklevel=1)
        print("slow", file=sys.stderr)
        return correct(x, w)

    assert sentence(conv2d_naive=warns) == ""
    assert capsys.readouterr().err == ""


def test_ipython_shows_the_sentence_instead_of_a_traceback():
    shell = InteractiveShell.instance()
    shown = []
    shell._showtraceback = lambda kind, problem, lines: shown.extend(lines)
    shell.run_cell("from dlcourse.checks import check\ncheck('conv2d_naive')")
    assert shown == ["There is no function conv2d_naive. Run the cell that defines it first."]


def test_an_interrupted_test_says_where_it_was_and_the_graders_goes_on():
    def endless(x, w):
        raise KeyboardInterrupt  # as the kernel does when the learner presses stop

    said = sentence(conv2d_naive=endless)
    assert said.startswith("conv2d_naive: you stopped it in the line `raise KeyboardInterrupt")
    assert "Nothing is lost" in said
    with pytest.raises(KeyboardInterrupt):
        sentence(conv2d_naive=endless, secret=True)


def test_secret_seeds_draw_other_inputs():
    seen = []

    def spy(x, w):
        seen.append(x.copy())
        return correct(x, w)

    sentence(conv2d_naive=spy)
    public = len(seen)
    sentence(conv2d_naive=spy, secret=True)
    assert seen[0].shape == seen[public].shape and not np.array_equal(seen[0], seen[public])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "it returned None"),
        (Foreign("torch.Tensor"), "torch.Tensor"),
        ([1.0], "a list"),
        ((np.zeros(2), np.zeros(2)), "a tuple of 2"),
        (np.array(["a"]), "an array of text; an array of numbers"),
        (Foreign("array of text"), "an array of text; an array of numbers"),
        (np.array([None]), "an array of objects; an array of numbers"),
        (np.eye(2).view(np.matrix), "a numpy.matrix; make it a plain array"),
        (Foreign("numpy.matrix"), "a numpy.matrix; make it a plain array"),
        (np.ma.zeros(2), "a numpy.MaskedArray; make it a plain array"),
        (np.zeros(2, complex), "complex"),
        (np.zeros(2, bool), "True and False"),
        ("text", "a str"),
    ],
)
def test_what_is_no_array_gets_a_sentence(value, said):
    array, told = as_array(value)
    assert array is None and said in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda y: -y, "sign"),
        (lambda y: 3 * y, "3 times"),
        (lambda y: y + 2, "same constant"),
        (lambda y: y + np.arange(1.0, 4)[:, None, None], "look at the bias"),
        (lambda y: np.trunc(y), "fractions are cut off"),
        (lambda y: np.rint(y), "rounded"),
        (np.abs, "lost their sign"),
        (lambda y: y[:, :, ::-1], "reverse order along the axis of the rows"),
        (lambda y: y.swapaxes(2, 3), "transposed"),
        (lambda y: np.roll(y, 1, 2), "one row too late"),
        (lambda y: y.transpose(1, 0, 2, 3), "wrong order"),
        (lambda y: y[0], "has 3 axes, expected 4"),
        (lambda y: y[..., None], "axis of length 1"),
        (lambda y: y[:, :, :-1], "1 row too few"),
        (lambda y: np.where(np.arange(5) == 4, 0, y), "only the last column is wrong"),
        (lambda y: np.where(np.arange(2)[:, None, None, None] == 0, y, 0), "only the first sample is right"),
        (lambda y: y * np.pad(np.ones((3, 3)), 1), "the border is wrong"),
        (lambda y: y * np.nan, "NaN"),
        (lambda y: y.astype(np.float32), "single precision"),
        (lambda y: y * (1 + 0.01 * np.cos(np.arange(5))), "close, but not equal"),
        (lambda y: y[..., ::-1] ** 2, "of 150 values are wrong"),
    ],
)
def test_each_kind_of_difference_has_its_sentence(change, said):
    y = 3 * np.random.default_rng(0).standard_normal((2, 3, 5, 5))
    told = difference(change(y), y, AXES, 1e-6, 1e-8, public=False)
    assert said in told


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["import torch\ndef f(x): return torch.relu(x)"], {"torch.relu"}),
        (["import torch.nn.functional as F", "def f(x): return F.relu(x)"], {"torch.nn.functional.relu"}),
        (
            ["from scipy.signal import lfilter as c\ndef f(x): return g(x)\ndef g(x): return c(x)"],
            {"scipy.signal.lfilter"},
        ),
        (["def f(x):\n    from scipy import signal\n    return signal.lfilter(x)"], {"scipy.signal.lfilter"}),
        (["import torch", "f = torch.relu"], {"torch.relu"}),
        (["import torch\nx = torch.zeros(3)\ndef f(x): return x + 1"], set()),
        (["import torch\ndef other(): return torch.zeros(1)", "def f(x): return x"], set()),
        (["%matplotlib inline\nimport numpy as np\ndef f(x): return np.pad(x, 1)"], {"numpy.pad"}),
        (["def f(x:", "def f(x): return eval('x')"], {"eval"}),
    ],
)
def test_shortcuts_are_found_where_the_function_reaches_them(cells, found):
    assert uses(cells, "f") == found


def test_an_exercise_of_another_release_is_told_to_the_learner_and_an_error_for_the_grader():
    said = sentence("conv2d_naiv")
    assert "has no exercise conv2d_naiv (did you mean conv2d_naive?)" in said
    assert "Your work is kept" in said
    with pytest.raises(ValueError, match=r"no exercise 'conv3d'; there are .*conv2d_naive, conv2d, "):
        sentence("conv3d", secret=True)
