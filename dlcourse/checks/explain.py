"""Which sentence does a wrong answer deserve? That of a known mistake, or how the values differ."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dlcourse.checks.call import Call, perform
from dlcourse.checks.compare import difference, same
from dlcourse.checks.result import Output, Result, output_of, read


@dataclass(frozen=True)
class Misconception:
    """A wrong solution that people write, and the sentence that helps them.

    ``function`` takes the arguments of the reference, all by position, and returns what it returns.
    ``shows`` names the result in which it shows, if that is always the same one: the others spare a call.
    """

    sentence: str
    function: Callable
    shows: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back for one call, and what should have."""

    call: Call
    got: Result
    expected: Result
    outputs: tuple[Output, ...]


def equal_entries(got: Result, expected: Result, outputs, exercise) -> dict[str, bool]:
    """For every entry of ``expected``: is it there, and equal within its tolerance?"""
    found = {}
    for name, array in expected.items():
        output = output_of(name, outputs)
        rtol = exercise.rtol if output.rtol is None else output.rtol
        atol = exercise.atol if output.atol is None else output.atol
        found[name] = name in got and same(got[name], array, rtol, atol)
    return found


def right(answer: Answer, exercise) -> bool:
    """All entries are equal and there is none too many."""
    same_names = answer.got.keys() == answer.expected.keys()
    return same_names and all(equal_entries(answer.got, answer.expected, answer.outputs, exercise).values())


@functools.lru_cache(1 << 12)
def _mistaken(
    function: Callable, reference: Callable, one: Call, outputs: tuple[Output, ...], keyed: bool
) -> Result | None:
    """What a mistake gives; None if it cannot even be made on this input."""
    try:
        with np.errstate(all="ignore"):
            value = perform(function, one.by_position(reference).copy())
    except Exception:
        value = None
    return read(value, outputs, keyed, False)[0]


class _Imitation:
    """What one misconception gives for the calls of some answers."""

    def __init__(self, misconception: Misconception, exercise):
        self.misconception, self.exercise = misconception, exercise
        self._found: dict[int, tuple[bool, bool, frozenset]] = {}

    def _compared(self, answer: Answer) -> tuple[bool, bool, frozenset]:
        """(equal to all that came back, compatible with it, entries that the mistake makes wrong).

        Compatible: the learner's entries are those of the mistake wherever the mistake shows. Other
        entries may be wrong for another reason.
        """
        if id(answer) not in self._found:
            self._found[id(answer)] = self._compare(answer)
        return self._found[id(answer)]

    def _result(self, answer: Answer) -> Result | None:
        function, exercise = self.misconception.function, self.exercise
        return _mistaken(function, exercise.reference, answer.call, answer.outputs, exercise.keyed)

    def _compare(self, answer: Answer) -> tuple[bool, bool, frozenset]:
        mine = self._result(answer)
        if mine is None:
            return False, False, frozenset()
        shows = {
            name
            for name, equal in equal_entries(mine, answer.expected, answer.outputs, self.exercise).items()
            if not equal
        }
        as_got = equal_entries(answer.got, mine, answer.outputs, self.exercise)
        whole = all(as_got.values()) and mine.keys() == answer.got.keys()
        return whole, all(as_got.get(name, False) for name in shows), frozenset(shows)

    def fits(self, answers: list[Answer], first: Answer, name: str) -> bool:
        if self.misconception.shows not in ("", name):
            return False
        mine = self._result(first)
        if mine is None or name not in mine:
            return False
        if not equal_entries(first.got, {name: mine[name]}, first.outputs, self.exercise)[name]:
            return False  # most mistakes are not the one; the other entries need no comparison
        return name in self._compared(first)[2] and all(self._compared(a)[1] for a in answers)

    def score(self, answers: list[Answer], everything: list[Answer]) -> tuple[int, int, int]:
        return (
            sum(self._compared(a)[0] for a in answers),
            sum(self._compared(a)[0] for a in everything),
            sum(self._compared(a)[1] for a in everything),
        )


def explain(exercise, answers: list[Answer], everything: list[Answer], public: bool) -> str:
    """The sentence on ``answers``, of which some are wrong.

    That of the misconception which explains the first wrong value in all of them (of several the one that
    explains most, then most of ``everything``), or else in which way that value differs.
    """
    first = next(a for a in answers if not right(a, exercise))
    wrong = [
        name
        for name, equal in equal_entries(first.got, first.expected, first.outputs, exercise).items()
        if not equal
    ]
    if not wrong:
        return _wrong_number(first)
    imitations = [_Imitation(m, exercise) for m in exercise.misconceptions]
    fitting = [i for i in imitations if i.fits(answers, first, wrong[0])]
    if len(fitting) == 1:
        return fitting[0].misconception.sentence
    if fitting:
        return max(fitting, key=lambda i: i.score(answers, everything)).misconception.sentence
    return _difference(exercise, first, wrong, public)


def _wrong_number(answer: Answer) -> str:
    """A list that is too long or too short."""
    for output in answer.outputs:
        if output.several:
            counts = [
                sum(name.startswith(f"{output.name or 'result'}[") for name in result)
                for result in (answer.got, answer.expected)
            ]
            if counts[0] != counts[1]:
                it = output.name or "the result"
                return f"{it} should hold one array for each that came, it holds {counts[0]} of {counts[1]}."
    return "the result holds another number of values than expected."


def _difference(exercise, answer: Answer, wrong: list[str], public: bool) -> str:
    name = wrong[0]
    if name not in answer.got:
        return _wrong_number(answer)
    got, expected = answer.got[name], answer.expected[name]
    output = output_of(name, answer.outputs)
    rtol = exercise.rtol if output.rtol is None else output.rtol
    atol = exercise.atol if output.atol is None else output.atol
    if len(answer.expected) == 1:
        sentence = difference(got, expected, output.axes, rtol, atol, public)
        return sentence.replace("the result", name, 1) if name else sentence
    others = {n: a for n, a in answer.expected.items() if n != name}
    for other, array in others.items():
        if same(got, array, rtol, atol):
            if other in answer.got and same(answer.got[other], expected, rtol, atol):
                return f"{name} and {other} are exchanged: return {', '.join(answer.expected)} in this order."
            if np.size(array) > 1:
                return f"{name} holds the values of {other}."
    sentence = difference(got, expected, output.axes, rtol, atol, public)
    fine = [n for n in answer.expected if n not in wrong]
    tail = f" Right {'is' if len(fine) == 1 else 'are'}: {', '.join(fine)}." if fine else ""
    return f"{name}: {sentence.replace('the result', 'it')}{tail}"
