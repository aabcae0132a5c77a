"""One call of the function under test, as data that can travel to another process.

Most calls are arguments. Where the learner's function takes a function or a PyTorch model, the call goes
through a *driver*, a function of an exercise's module that runs where the learner's function is: it makes
the model from arrays, calls the learner's function, and returns arrays. Only its name travels.
"""

import functools
import hashlib
import importlib
import inspect
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

DRIVER = re.compile(r"(dlcourse\.checks\.\w+):(\w+)")


@dataclass(frozen=True, eq=False)
class Call:
    """Arguments: arrays, numbers, strings, and lists, tuples or dictionaries of these. With ``driver``
    (``module:function``) they are the driver's, after the learner's function.

    Calls with the same contents are equal: what the reference gives for them is computed once.
    """

    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    driver: str = ""

    @functools.cached_property
    def _digest(self) -> bytes:
        return hashlib.sha256(pickle.dumps((self.args, self.kwargs, self.driver))).digest()

    def __eq__(self, other) -> bool:
        return isinstance(other, Call) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def copy(self) -> "Call":
        return Call(_copied(self.args), _copied(self.kwargs), self.driver)

    def values(self) -> list:
        return [*self.args, *self.kwargs.values()]

    def by_position(self, function: Callable) -> "Call":
        """The same call with every argument of ``function`` in its place, defaults included."""
        if self.driver:
            return self
        bound = _signature(function).bind(*self.args, **self.kwargs)
        bound.apply_defaults()
        return Call(bound.args, bound.kwargs)


_signature = functools.lru_cache(inspect.signature)  # asked for each misconception


def call(*args, **kwargs) -> Call:
    """A call with these arguments."""
    return Call(args, kwargs)


def driver(function: Callable) -> Callable:
    """Decorator for ``function(learners, *data)`` at the top of an exercise's module.

    The name then makes calls: ``with_blur(kernel, x)`` is the ``Call`` that runs
    ``function(learners, kernel, x)`` in the process of the learner's function.
    """
    name = f"{function.__module__}:{function.__name__}"

    @functools.wraps(function)
    def make(*args, **kwargs) -> Call:
        return Call(args, kwargs, name)

    make.run = function
    return make


def perform(function: Callable, given: Call):
    """What ``function`` returns for ``given``, through its driver if there is one."""
    if not given.driver:
        return function(*given.args, **given.kwargs)
    found = DRIVER.fullmatch(given.driver)
    if not found:
        raise ValueError(f"{given.driver!r} is no driver: it should be dlcourse.checks.<exercise>:<function>")
    make = getattr(importlib.import_module(found[1]), found[2])
    return make.run(function, *given.args, **given.kwargs)


def _copied(value):
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(_copied(v) for v in value)
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in value.items()}
    return value
