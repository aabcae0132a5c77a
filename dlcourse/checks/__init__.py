"""What a learner's test cell calls: ``check("conv2d")``.

One call, in the cell's own words: which properties hold, and one sentence on the first that does not.
The call looks the function up by its name among the names of the cell. In the learner's kernel that is
the learner's function and the inputs are drawn from a public seed; in the grader's process it stands
for a function in a process of its own, and the seed is secret.

To add an exercise with the function ``f`` to an assignment, write these files; nothing else is edited:

1. ``dlcourse/checks/f.py`` with ``EXERCISE = Exercise(name="f", ...)``: the reference, properties from the
   most basic to the subtlest, misconceptions (wrong solutions with the sentence that helps), outputs.
   That line makes it known. ``conv2d.py`` shows one array as result, ``conv2d_backward.py`` several with
   names, ``maxpool2d.py`` a property with a judge of its own (several answers are right: ``Demand``),
   ``equivariance_error.py`` a function as argument and ``train_epoch.py`` a PyTorch model (a ``driver``).
   ``parts.py`` is for functions whose forward pass counts before their gradients (``rnn.py``),
   ``bug_hunt.py`` for tests that the learner writes (``verify_attention.py``).
2. ``solutions/<assignment>/<assignment>.md``: text, stub with solution region, one cell ``check("f")`` with
   40 % of the points, one with hidden tests that call ``check("f", [Property(...), ...])`` with other
   inputs. Then ``python -m dlcourse.exercises build <assignment>``.
3. ``tests/checks/solutions_f.py``: ``CORRECT``, a list of three or more functions written in different ways
   (the solution in the text notebook is one more); ``WRONG``, a dictionary name -> (function, part of its
   sentence) of eight or more that people write. ``tests/checks`` finds the file. Then run
   ``python -m dlcourse.exercises matrix --write`` (the instructor's pages count them) and ``mutants f``:
   does the exercise notice every small change of its solution? Survivors go into ``survivors.csv``.

Inputs and results are arrays, numbers, strings, and lists, tuples or dictionaries of these: in the grader
they travel to the learner's process. What cannot travel, a function or a model, is made there by a driver.
"""

import contextlib
import contextvars
import difflib
import functools
import importlib
import re
import sys
import textwrap
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from dlcourse.checks.call import Call, call, driver
from dlcourse.checks.engine import (
    NOT_PYTORCH,
    OTHERS_WORK,
    Demand,
    Exercise,
    Misconception,
    NoPixelLoop,
    Property,
    Report,
    examine,
)
from dlcourse.checks.progress import record
from dlcourse.checks.result import Output
from dlcourse.checks.subject import Foreign, Subject, line_of

__all__ = [
    "NOT_PYTORCH",
    "OTHERS_WORK",
    "Call",
    "CheckFailed",
    "Demand",
    "Exercise",
    "Misconception",
    "NoPixelLoop",
    "Output",
    "Property",
    "Session",
    "call",
    "check",
    "check_in",
    "driver",
    "exercise",
    "names",
    "session",
    "titles",
]

PUBLIC_SEED = 20_24


class CheckFailed(Exception):
    """The one sentence a learner reads; ``report`` holds the rest."""

    def __init__(self, sentence: str, report: Report | None = None):
        super().__init__(sentence)
        self.report = report

    @property
    def fraction(self) -> float:
        return self.report.fraction if self.report else 0.0

    def _render_traceback_(self) -> list[str]:
        # IPython shows this instead of a traceback, and nbgrader's Validate shows what IPython shows.
        # JupyterLab breaks a long line of it in the middle of a word.
        wrap = textwrap.TextWrapper(88, break_on_hyphens=False).wrap
        return [part for line in str(self).split("\n") for part in wrap(line) or [""]]


@dataclass(frozen=True)
class Session:
    """Where the inputs come from, and which other functions the learner has written."""

    seed: int = PUBLIC_SEED
    public: bool = True
    known: tuple[str, ...] = field(default=())


_session = contextvars.ContextVar("dlcourse_check_session", default=Session())  # noqa: B039 (frozen)


@contextlib.contextmanager
def session(seed: int, known: tuple[str, ...] = ()):
    """Draw from ``seed`` and keep the inputs secret inside this block."""
    token = _session.set(Session(seed, public=False, known=known))
    try:
        yield
    finally:
        _session.reset(token)


@functools.cache
def titles() -> dict[str, str]:
    """name -> number of every exercise ("E02", bug hunts "B1"): of the modules of this package that define
    ``EXERCISE`` and begin with ``\"\"\"E02``; in the order of the numbers, the bug hunts last."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^EXERCISE = ", text, re.MULTILINE):
            number = re.match(r'"""([EB]\d+)\b', text)
            found[path.stem] = number[1] if number else ""
    return dict(sorted(found.items(), key=lambda pair: (pair[1][:1] != "E", pair[1], pair[0])))


def names() -> tuple[str, ...]:
    """The names of all exercises."""
    return tuple(titles())


def exercise(name: str) -> Exercise:
    """The exercise whose function is called ``name``; raises ``ValueError`` that lists the names."""
    if name not in names():
        raise ValueError(f"check: there is no exercise {name!r}; there are {', '.join(names())}")
    return importlib.import_module(f"dlcourse.checks.{name}").EXERCISE


def check(name: str, properties=None) -> None:
    """Check the function ``name`` of the calling cell; print what holds; raise ``CheckFailed`` otherwise.

    ``properties`` replaces those of the exercise (hidden tests bring their own).
    """
    check_in(sys._getframe(1).f_globals, name, properties)


def check_in(namespace: dict, name: str, properties=None) -> None:
    """``check`` for the function ``name`` of ``namespace``."""
    current = _session.get()
    if current.public and name not in names():
        near = difflib.get_close_matches(name, names(), 1, 0.6)
        raise CheckFailed(
            f"dlcourse {metadata.version('dlcourse')} has no exercise {name}"
            + (f" (did you mean {near[0]}?)" if near else "")
            + ". If the notebook came like this, it and the package are of different releases. Your work is "
            "kept: get the newest course (git pull, then make lab), and restart the kernel."
        )
    asked = exercise(name)
    if name not in namespace:
        own = [k for k, v in namespace.items() if callable(v) and not k.startswith("_")]
        near = difflib.get_close_matches(name, {*own, *current.known} - {name}, 1, 0.6)
        hint = f" You defined {near[0]}: rename it." if near else " Run the cell that defines it first."
        raise CheckFailed(f"There is no function {name}.{hint}")
    value = namespace[name]
    if not callable(value):
        kind = value.kind if isinstance(value, Foreign) else type(value).__name__
        raise CheckFailed(f"{name} is a {kind}, not a function: was the name used again?")
    subject = value if hasattr(value, "outcome") else Subject(value, name)
    wanted = asked.properties if properties is None else properties
    try:
        report = examine(asked, subject, wanted, current.seed, current.public)
    except KeyboardInterrupt as stop:
        if not current.public:
            raise  # it was the grader who was stopped
        where = f" in the line `{line}`" if (line := line_of(stop, value)) else ""
        raise CheckFailed(
            f"{name}: you stopped it{where}. Does a loop never end? Nothing is lost: mend the function, "
            "run its cell and this one again."
        ) from None
    if current.public and properties is None:
        with contextlib.suppress(OSError, ValueError):  # a check works where nothing can be written
            record(name, report.fraction)
    print("\n".join(report.lines()))
    if report.failed:
        raise CheckFailed(f"{name}: {report.sentence}", report)
