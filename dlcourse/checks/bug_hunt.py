"""Bug hunts: the learner writes a test; it is tried on right functions and on subtly wrong ones."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dlcourse.checks.call import Call
from dlcourse.checks.engine import Demand


@dataclass(frozen=True)
class Hunt:
    """``right`` and ``faulty`` map names to functions or layers; ``overlooked`` says of a faulty one, after
    "your test accepts", what it is and what hides it. ``nonsense`` is wrong in every respect: a test that
    lets it pass does not compare, or never raises.

    Only numbers travel to the learner's process: the module of the exercise has a driver that returns
    ``hunt.verdicts(learners, numbers)``, and gives it to ``caught``.
    """

    right: dict[str, object]
    faulty: dict[str, object]
    overlooked: dict[str, str]
    nonsense: object

    def __post_init__(self):
        if self.faulty.keys() != self.overlooked.keys():
            raise ValueError("every faulty function has one sentence")

    @property
    def functions(self) -> list:
        return [*self.right.values(), *self.faulty.values()]

    def verdicts(self, verify: Callable, numbers) -> np.ndarray:
        """Which functions the learner's test lets pass, and the nonsense after them. AssertionError: no.

        A faulty function may make the test stumble in another way, that is noticed too; on a right one
        it is a mistake of the test, whose sentence it deserves.
        """
        accepted = []
        for number in [*numbers, len(self.functions)]:
            try:
                verify([*self.functions, self.nonsense][int(number)])
                accepted.append(True)
            except AssertionError:
                accepted.append(False)
            except Exception:
                if number < len(self.right):
                    raise
                accepted.append(False)
        return np.array(accepted)

    def caught(self, says: str, driver: Callable, *names: str, weight: float = 1.0) -> Demand:
        """The property that the faulty ``names`` are caught and right ones, at least two, accepted."""

        def cases(rng: np.random.Generator) -> list[Call]:
            numbers = [len(self.right) + list(self.faulty).index(name) for name in names]
            numbers += [i % len(self.right) for i in range(max(2, len(names)))]
            return [driver(rng.permutation(numbers))]

        return Demand(says, cases, self.sentence, weight)

    def sentence(self, accepted: np.ndarray, numbers: np.ndarray) -> str | None:
        """On the first function that was judged wrongly."""
        *accepted, nonsense = accepted
        accepted, right = np.array(accepted), numbers < len(self.right)
        passed = [list(self.faulty)[n - len(self.right)] for n in np.sort(numbers[~right & accepted])]
        if nonsense:
            return "your test accepts everything: it says no by raising AssertionError, use assert."
        if not accepted.any():
            return (
                "your test rejects everything, right functions too: is the expected value right? Compare "
                "with a tolerance (np.allclose), not with ==; finite differences are good to about 1e-6."
            )
        if not accepted[right].all():
            return (
                "your test rejects a right function that adds up in another order: compare with a tolerance "
                "(np.allclose), not with ==."
            )
        return f"your test accepts {self.overlooked[passed[0]]}" if passed else None
