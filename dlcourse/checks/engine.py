"""Check a solution: properties from the most basic to the subtlest, one sentence on the first that fails."""

import functools
import inspect
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from dlcourse.checks.call import Call, perform
from dlcourse.checks.explain import Answer, Misconception, explain, right
from dlcourse.checks.result import Output, Result, read
from dlcourse.checks.shortcuts import HIDDEN_CODE
from dlcourse.checks.subject import Raised

# Libraries that would do the learner's work where NumPy is the goal.
OTHERS_WORK = ("torch", "scipy", "dlcourse", "skimage", "cv2", "tensorflow", "keras", "jax")
NOT_PYTORCH = tuple(name for name in OTHERS_WORK if name != "torch")  # where PyTorch is the subject
FLOOD = 10_000  # characters that one call may print before it is mentioned


@dataclass(frozen=True)
class Exercise:
    """What is asked for.

    ``axes`` names the axes of the result if that is one array (none: a single number); ``outputs``
    describes the values if there are several or if the type matters; ``keyed``: they are a dictionary.
    ``forbidden`` lists libraries that would do the learner's work.
    """

    name: str
    reference: Callable
    properties: tuple
    misconceptions: tuple[Misconception, ...]
    axes: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    keyed: bool = False
    forbidden: tuple[str, ...] = ()
    rtol: float = 1e-6
    atol: float = 1e-8

    def __post_init__(self):
        if not self.outputs:
            object.__setattr__(self, "outputs", (Output(axes=self.axes),))

    def expected(self, one: Call, outputs: tuple[Output, ...]) -> Result:
        """What the reference gives."""
        result, sentence = _right_result(self.reference, one, outputs, self.keyed)
        if sentence:
            raise ValueError(f"the reference of {self.name} is wrong: {sentence}")
        return result


@functools.lru_cache(1 << 10)
def _right_result(reference: Callable, one: Call, outputs: tuple[Output, ...], keyed: bool):
    with np.errstate(all="ignore"):
        return read(perform(reference, one.copy()), outputs, keyed, True)


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

    outputs: tuple[Output, ...] = ()  # if a driver returns other values than the exercise

    def judge(self, exercise: Exercise, subject, rng: np.random.Generator, public: bool, notes: list):
        """The answers of the function, and the sentence on what is wrong unless the values will tell."""
        outputs = self.outputs or exercise.outputs
        outcomes = []
        for one in self.cases(rng):
            outcome, result, sentence = _ask(exercise, subject, one, outputs, public)
            if sentence:
                return Verdict(sentence)
            outcomes.append((one, outcome, result))
            if outcome.printed > FLOOD:
                notes.append(f"it prints more than {FLOOD} characters in one call: remove the print.")
        answers = [
            Answer(one, result, exercise.expected(one, outputs), outputs) for one, _, result in outcomes
        ]
        wrong = not all(right(answer, exercise) for answer in answers)
        return Verdict(None if wrong else _side_effects(exercise, subject, outcomes, outputs), answers, wrong)


@dataclass(frozen=True)
class Demand:
    """Several results are right: ``demand(got, *arguments)`` returns the sentence on what is wrong, or None.

    ``got`` is the array, or the dictionary name -> array if the exercise has several outputs; shapes are
    those of the reference when ``demand`` is asked.
    """

    says: str
    cases: Callable[[np.random.Generator], Iterable[Call]]
    demand: Callable
    weight: float = 1.0
    outputs: tuple[Output, ...] = ()

    def judge(self, exercise: Exercise, subject, rng: np.random.Generator, public: bool, notes: list):
        outputs = self.outputs or exercise.outputs
        outcomes = []
        for one in self.cases(rng):
            outcome, result, sentence = _ask(exercise, subject, one, outputs, public)
            if sentence:
                return Verdict(sentence)
            expected = exercise.expected(one, outputs)
            if {k: v.shape for k, v in result.items()} != {k: v.shape for k, v in expected.items()}:
                return Verdict(None, [Answer(one, result, expected, outputs)], True)
            got = next(iter(result.values())) if len(result) == 1 else result
            sentence = self.demand(got, *one.by_position(exercise.reference).copy().args)
            if sentence:
                return Verdict(sentence)
            outcomes.append((one, outcome, result))
        return Verdict(_side_effects(exercise, subject, outcomes, outputs))


def _ask(exercise: Exercise, subject, one: Call, outputs, public: bool):
    """The outcome of one call, its result by name, and the sentence if there is none."""
    outcome = subject.outcome(one)
    if outcome.error is not None:
        return outcome, None, error_sentence(outcome.error, public)
    return outcome, *read(outcome.value, outputs, exercise.keyed, public)


def _side_effects(exercise: Exercise, subject, outcomes, outputs) -> str | None:
    for one, outcome, _ in outcomes:
        if outcome.changed:
            which = _argument_name(exercise, one, outcome.changed[0])
            advice = "work on a copy (x.copy(), np.pad)"
            return f"the result is right, but it changes its input array{which}: {advice}."
    one, _, result = outcomes[0]
    _, second, sentence = _ask(exercise, subject, one, outputs, False)
    if sentence or not right(Answer(one, second, result, outputs), exercise):
        return "a second call with the same input gives another result: something is kept between the calls."
    return None


def _argument_name(exercise: Exercise, one: Call, position: int) -> str:
    if one.driver:
        return ""
    names = [*list(inspect.signature(exercise.reference).parameters)[: len(one.args)], *one.kwargs]
    return f" {names[position]}" if position < len(names) else ""


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
            result, sentence = read(outcome.value, exercise.outputs, exercise.keyed, public)
            if sentence:
                return Verdict(sentence)
            expected = exercise.expected(one, exercise.outputs)
            if not right(Answer(one, result, expected, exercise.outputs), exercise):
                return Verdict("its speed counts only once its values are right.")
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
    forgotten = error.kind == "NameError" and public
    hint = (
        " If a cell above defines it, run that cell: a restarted kernel knows nothing." if forgotten else ""
    )
    return f"it raised {error.kind}{message}{where}.{hint}"


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
                tool = "NumPy" if "torch" in exercise.forbidden else "PyTorch's basic operations"
                return f"it lets {used} do the work; the aim is to write it yourself with {tool}."
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
