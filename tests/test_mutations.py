"""The suite notices every fault in ``tests/mutation``: a check that never fails proves nothing."""

import importlib
import sys
import warnings

import numpy as np
import pytest
import torch
from mutation import Fault, images, layers, recurrence, training, transformers
from mutation.checks import CHECKS
from mutation.engine import faulty, source

FAULTS = [f for m in (images, layers, recurrence, transformers, training) for f in m.FAULTS]
# What a fault may end in. Anything else (a NameError, say) would mean that the fault is no Python.
NOTICED = (AssertionError, ValueError, IndexError, FloatingPointError, RuntimeError)


@pytest.fixture(autouse=True)
def quiet_and_single_threaded():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
    torch.set_num_threads(threads)


def test_there_are_many_faults():
    assert len({(f.file, f.old, f.new) for f in FAULTS}) == len(FAULTS) >= 60


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_text_of_a_fault_is_in_the_source(fault):
    count = source(fault.file).count(fault.old)
    assert count == 1, (
        f"{fault.file} holds this text {count} times, expected once: let the fault in tests/mutation "
        f"({fault.why}) follow the changed source\n{fault.old}"
    )


@pytest.mark.parametrize("file", CHECKS)
def test_checks_pass_in_a_copy_without_a_fault(file):
    with faulty(Fault(file, "", "", "nothing is changed")):
        for check in CHECKS[file]:
            check()


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_fault_is_noticed(fault):
    with faulty(fault), pytest.raises(NOTICED):
        for check in CHECKS[fault.file]:
            check()


@pytest.mark.parametrize("fault", [f for f in FAULTS if "invisible if" in f.why], ids=str)
def test_zero_biases_would_hide_it(fault, monkeypatch):
    """Why ``random_state`` draws the biases, too: with the usual start at 0 nobody would notice."""
    with faulty(fault):
        compare = importlib.import_module("dlcourse.conformance.compare")  # a name the package hides
        draw = compare.random_state

        def without_biases(model, rng):
            return {k: a * ("bias" not in k) for k, a in draw(model, rng).items()}

        monkeypatch.setattr(compare, "random_state", without_biases)
        for check in CHECKS[fault.file]:
            check()


def test_a_cotangent_of_ones_would_hide_a_wrong_softmax():
    """Its rows sum to 1, so the true gradient is 0, and so is the one without the factor p."""
    (fault,) = [f for f in FAULTS if "invisible with" in f.why]
    with faulty(fault):
        from dlcourse.numpy_nn import Softmax

        layer = Softmax(-1)
        layer(np.random.default_rng(0).standard_normal((3, 5)))
        np.testing.assert_allclose(layer.backward(np.ones((3, 5))), 0, atol=1e-15)


def test_the_fault_is_only_in_the_copy():
    import dlcourse.numpy_nn.activation as real

    x, before = np.array([0.5]), dict(sys.modules)
    with faulty(Fault("activation.py", "return np.maximum(x, 0)", "return np.maximum(x, 7)", "an example")):
        import dlcourse.numpy_nn.activation as copy

        assert copy is not real and copy.relu(x) == 7
    import dlcourse.numpy_nn.activation as again

    assert again is real and again.relu(x) == 0.5
    assert {n: m for n, m in sys.modules.items() if n.startswith("dlcourse")} == {
        n: m for n, m in before.items() if n.startswith("dlcourse")
    }
