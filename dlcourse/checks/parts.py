"""For functions with several results: properties of some of them, and mistakes that show in one of them."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

from dlcourse.checks.engine import Exercise, Property, Verdict
from dlcourse.checks.explain import Misconception, right


@dataclass(frozen=True)
class Part(Property):
    """Only the results called ``names`` are looked at: the forward pass counts before the gradients do."""

    names: tuple[str, ...] = ()

    def judge(self, exercise: Exercise, subject, rng: np.random.Generator, public: bool, notes: list):
        verdict = super().judge(exercise, subject, rng, public, notes)
        if not verdict.wrong:
            return verdict
        answers = [
            replace(answer, got=self._of(answer.got), expected=self._of(answer.expected))
            for answer in verdict.answers
        ]
        return Verdict(None, answers, not all(right(answer, exercise) for answer in answers))

    def _of(self, result: dict) -> dict:
        return {name: array for name, array in result.items() if name in self.names}


def replaced(**changed: Callable) -> Callable:
    """Makes of the arguments ``g`` of ``Mistakes`` others: name -> function of the right ones."""
    return lambda g: SimpleNamespace(**(vars(g) | {name: f(g) for name, f in changed.items()}))


class Mistakes:
    """Makes the misconceptions of a function from its reference, which returns a tuple of ``names``.

    The functions that make a mistake take the arguments by name: ``g.x``, ``g.Wh``, ...
    """

    def __init__(self, reference: Callable, *names: str):
        self.reference, self.names = reference, names
        self.parameters = list(inspect.signature(reference).parameters)
        self._key, self._right = None, ()

    def given(self, arguments) -> SimpleNamespace:
        return SimpleNamespace(**dict(zip(self.parameters, arguments, strict=True)))

    def _values(self, arguments) -> list:
        """The right results; those of the last call are kept, since many mistakes ask for them."""
        key = tuple((np.shape(a), np.asarray(a).tobytes()) for a in arguments)
        if key != self._key:
            self._right, self._key = self.reference(*arguments), key
        return list(self._right)

    def one(self, name: str, sentence: str, change: Callable) -> Misconception:
        """A mistake in the result ``name`` alone: it becomes ``change(right value, g)``."""
        entry = self.names.index(name)

        def wrong(*arguments):
            values = self._values(arguments)
            values[entry] = change(values[entry], self.given(arguments))
            return tuple(values)

        return Misconception(sentence, wrong, shows=name)

    def early(self, sentence: str, mistake: Callable) -> Misconception:
        """A mistake that spoils all that follows: ``mistake(g)`` are all results.

        Only the first wrong one counts. It is enough to recognise the mistake, and the learner may have
        made another one further down.
        """

        def wrong(*arguments):
            values = self._values(arguments)
            for entry, value in enumerate(mistake(self.given(arguments))):
                same_shape = np.shape(value) == np.shape(values[entry])
                if not same_shape or not np.allclose(value, values[entry], 1e-6, 1e-8, equal_nan=True):
                    values[entry] = value
                    break
            return tuple(values)

        return Misconception(sentence, wrong)
