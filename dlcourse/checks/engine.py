"""Check a solution: properties from the most basic to the subtlest, one sentence on the first that fails."""

import inspect
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from dlcourse.checks.compare import as_array, difference, same
from dlcourse.checks.shortcuts import HIDDEN_CODE
from dlcourse.checks.subject import Call, Outcome, Raised

# Libraries that would do the learner's work where NumPy is the goal.
OTHERS_WORK = ("torch", "scipy", "dlcourse", "skimage", "cv2", "tensorflow", "keras", "jax")
FLOOD = 10_000  # characters that one call may print before it is mentioned


@dataclass(frozen=True)
class Misconception:
    """A wrong solution that people write, and the sentence that helps them."""

    sentence: str
    function: Callable


@dataclass(frozen=True)
class Exercise:
    """What is asked for. ``axes`` names the axes of the result; ``forbidden`` lists libraries that would
    do the learner's work; ``misconceptions`` take the arguments of ``reference``, all by position."""

    name: str
    reference: Callable
    properties: tuple
    misconceptions: tuple[Misconception, ...]
    axes: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    rtol: float = 1e-6
    atol: float = 1e-8


@dataclass(frozen=True)
class Answer:
    """What came back for one call, and what should have."""

    call: Call
    got: np.ndarray
    expected: np.ndarray


@dataclass(frozen=True)
class Verdict:
    """On one property: it holds unless there is a sentence or a wrong value among the answers."""

    sentence: str | None = None
    answers: list[Answer] = field(default_factory=list)
    wrong: bool = False

    @property
    def holds(self) -> bool:
        return self.sentence is None and not self.wrong


@dataclass(frozen=True)
class Property:
    """The values are right on the inputs that ``cases(rng)`` draws; ``says`` names them for the learner."""

    says: str
    cases: Callable[[np.random.Generator], Iterable[Call]]
    weight: float = 1.0

    def judge(self, exercise: Exercise, subject, rng: np.random.Generator, public: bool, notes: list):
        """The answers of the function, and the sentence on what is wrong unless the values will tell."""
        outcomes = []
        for one in self.cases(rng):
            outcome = subject.outcome(one)
            if outcome.error is not None:
                return Verdict(error_sentence(outcome.error, public))
            array, sentence = as_array(outcome.value)
            if sentence:
                return Verdict(sentence)
            outcomes.append((one, outcome, array))
            if outcome.printed > FLOOD:
                notes.append(f"it prints more than {FLOOD} characters in one call: remove the print.")
        answers = [
            Answer(one, array, exercise.reference(*one.args, **one.kwargs)) for one, _, array in outcomes
        ]
        wrong = [a for a in answers if not same(a.got, a.expected, exercise.rtol, exercise.atol)]
        return Verdict(
            None if wrong else self._side_effects(exercise, subject, outcomes), answers, bool(wrong)
        )

    def _side_effects(self, exercise, subject, outcomes: list[tuple[Call, Outcome, np.ndarray]]):
        for _, outcome, _ in outcomes:
            if outcome.changed:
                return (
                    "the result is right, but it changes its input array: work on a copy (x.copy(), np.pad)."
                )
        one, _, array = outcomes[0]
        again = subject.outcome(one)
        if again.error is not None or not same(as_array(again.value)[0], array, exercise.rtol, exercise.atol):
            return (
                "a second call with the same input gives another result: something is kept between the calls."
            )
        return None


@dataclass(frozen=True)
class NoPixelLoop:
    """The learner's own Python lines do not multiply with the size of the image.

    Lines are counted, not seconds: the count is the same on a busy machine. ``small`` and ``large``
    differ in the image only; ``pixels`` is the number of outputs by which they differ.
    """

    says: str
    small: Call
    large: Call
    pixels: int
    sentence: str
    weight: float = 1.0

    def judge(self, exercise: Exercise, subject, rng, public: bool, notes: list):
        counts = []
        for one in (self.small, self.large):
            outcome = subject.outcome(one, count_lines=True)
            if outcome.error is not None:
                return Verdict(error_sentence(outcome.error, public))
            array, sentence = as_array(outcome.value)
            if sentence or not same(array, exercise.reference(*one.args, **one.kwargs), 1e-6, 1e-8):
                return Verdict(sentence or "its speed counts only once its values are right.")
            counts.append(outcome.lines)
        if counts[1] - counts[0] < 0.5 * self.pixels:
            return Verdict()
        return Verdict(self.sentence.format(small=counts[0], large=counts[1]))


def error_sentence(error: Raised, public: bool) -> str:
    """One sentence on an exception. Its message may hold the input, so it is shown for public inputs only."""
    if error.kind == "NotImplementedError":
        return "it is not written yet: put your code where `raise NotImplementedError()` stands."
    if error.kind == "TimeLimit":
        return f"it did not come back within {error.message}: is there a loop that never ends?"
    if error.kind == "Died":
        return f"it ended the whole Python process ({error.message})."
    if error.kind in ("MemoryError", "_ArrayMemoryError"):
        return "it asks for more memory than there is: how large do your arrays become?"
    if error.kind == "RecursionError":
        return "it calls itself without end."
    message = f": {error.message[:200]}" if public and error.message else ""
    where = f", in the line `{error.line[:100]}`" if error.line else ""
    return f"it raised {error.kind}{message}{where}."


def _by_position(function: Callable, one: Call) -> Call:
    bound = inspect.signature(function).bind(*one.args, **one.kwargs)
    bound.apply_defaults()
    return Call(bound.args, bound.kwargs)


def explain(exercise: Exercise, answers: list[Answer], everything: list[Answer], public: bool) -> str:
    """The sentence on ``answers``, of which some are wrong: that of the misconception which explains all of
    them (and, of several, most of ``everything``), or else in which way the first wrong one differs."""

    def matches(misconception: Misconception, answer: Answer) -> bool:
        one = _by_position(exercise.reference, answer.call).copy()
        try:
            with np.errstate(all="ignore"):
                return same(answer.got, misconception.function(*one.args), exercise.rtol, exercise.atol)
        except (ValueError, IndexError, TypeError):
            return False  # this mistake cannot even be made on this input

    fitting = [m for m in exercise.misconceptions if all(matches(m, answer) for answer in answers)]
    if fitting:
        return max(fitting, key=lambda m: sum(matches(m, answer) for answer in everything)).sentence
    first = next(a for a in answers if not same(a.got, a.expected, exercise.rtol, exercise.atol))
    return difference(first.got, first.expected, exercise.axes, exercise.rtol, exercise.atol, public)


@dataclass
class Report:
    """What was found: the properties that hold, the first one that does not, the share of the marks."""

    name: str
    held: list[str]
    failed: str | None
    sentence: str | None
    fraction: float
    notes: list[str]

    def lines(self) -> list[str]:
        lines = [f"✓ {says}" for says in self.held]
        if self.failed:
            lines.append(f"✗ {self.failed}")
        lines += [f"Note: {note}" for note in dict.fromkeys(self.notes)]
        if not self.failed:
            lines.append(f"{self.name}: all {len(self.held)} checks passed.")
        return lines


def shortcut_sentence(exercise: Exercise, subject) -> str | None:
    for used in sorted(subject.uses(), key=lambda used: (-used.count("."), used)):
        if used in HIDDEN_CODE:
            return f"it calls {used}, which hides what it does: write the computation out."
        for library in exercise.forbidden:
            if used == library or used.startswith(library + "."):
                return f"it lets {used} do the work; the aim is to write it yourself with NumPy."
    return None


def examine(exercise: Exercise, subject, properties, seed: int, public: bool) -> Report:
    """Judge every property (marks are given for each), keep the sentence of the first that fails."""
    if exercise.forbidden and (sentence := shortcut_sentence(exercise, subject)):
        return Report(exercise.name, [], "your own code", sentence, 0.0, [])
    notes: list[str] = []
    verdicts = [
        item.judge(
            exercise, subject, np.random.default_rng([seed, zlib.crc32(item.says.encode())]), public, notes
        )
        for item in properties
    ]
    held = [item for item, verdict in zip(properties, verdicts, strict=True) if verdict.holds]
    fraction = sum(item.weight for item in held) / sum(item.weight for item in properties)
    failed, sentence = None, None
    for item, verdict in zip(properties, verdicts, strict=True):
        if not verdict.holds:
            everything = [answer for v in verdicts for answer in v.answers]
            failed, sentence = item.says, verdict.sentence
            sentence = sentence or explain(exercise, verdict.answers, everything, public)
            break
    return Report(exercise.name, [item.says for item in held], failed, sentence, fraction, notes)
