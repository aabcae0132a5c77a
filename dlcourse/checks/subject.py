"""The function under test, called once and watched.

The same code watches a call in the learner's kernel and in the worker that the grader starts, so
that both say the same about the same function.
"""

import builtins
import contextlib
import linecache
import sys
import sysconfig
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcourse.checks.call import Call, perform
from dlcourse.checks.shortcuts import uses_of_function

COURSE = str(Path(__file__).parents[1])
LIBRARIES = tuple({sys.prefix, sys.base_prefix, COURSE, *sysconfig.get_paths().values()})


@dataclass(frozen=True)
class Raised:
    """An exception: the name of its type, its message, and the line of the learner's code it came from."""

    kind: str
    message: str = ""
    line: str = ""


@dataclass(frozen=True)
class Foreign:
    """Stands for a returned value that is no array; ``kind`` is its type, ``torch.Tensor`` for example."""

    kind: str


@dataclass(frozen=True)
class Outcome:
    """What one call did: its value or its exception, the arguments it changed (by position), the
    characters it printed, the lines of the learner's own code that ran (if counted)."""

    value: object = None
    error: Raised | None = None
    changed: tuple[int, ...] = ()
    printed: int = 0
    lines: int = 0


def _differs(before, after) -> bool:
    """Was an array changed, or one of a list or dictionary of arrays?"""
    if isinstance(before, np.ndarray):
        return not np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    if isinstance(before, list | tuple):
        return len(before) != len(after) or any(map(_differs, before, after))
    if isinstance(before, dict):
        return before.keys() != after.keys() or any(_differs(v, after[k]) for k, v in before.items())
    return False


class _Counter:
    """A stream that keeps nothing and counts."""

    encoding = "utf-8"

    def __init__(self):
        self.count = 0

    def write(self, text) -> int:
        self.count += len(text)
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


@contextlib.contextmanager
def _counted_lines(counts: list):
    """Count in ``counts[0]`` every line that runs outside libraries, one more for each call."""

    def local(frame, event, arg):
        counts[0] += 1
        return local

    def tracer(frame, event, arg):
        name = frame.f_code.co_filename
        if name.startswith((*LIBRARIES, "<frozen", "<__array_function__")):
            return None
        counts[0] += 1
        return local

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        yield
    finally:
        sys.settrace(before)


def line_of(error: BaseException, function) -> str:
    """The last line of the learner's own source in the traceback."""
    own = getattr(getattr(function, "__code__", None), "co_filename", None)
    found, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name == own:
            found = linecache.getline(name, trace.tb_lineno).strip() or found
        trace = trace.tb_next
    return found


def kind_of(value) -> str:
    cls = type(value)
    return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__.split('.')[0]}.{cls.__name__}"


def raised(error: BaseException, function=None) -> Raised:
    kind = type(error).__name__
    known = isinstance(getattr(builtins, kind, None), type) or type(error).__module__.startswith("numpy")
    return Raised(kind if known else "Exception", " ".join(str(error).split()), line_of(error, function))


def watch(function, given: Call, count_lines: bool = False) -> Outcome:
    """Call ``function`` with copies of ``given`` and report what happened.

    Standard output and stderr of the call are swallowed: a warning is no mistake.
    """
    arguments, counter, counts = given.copy(), _Counter(), [0]
    value, error = None, None
    with (
        contextlib.redirect_stdout(counter),
        contextlib.redirect_stderr(counter),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        try:
            with _counted_lines(counts) if count_lines else contextlib.nullcontext():
                value = perform(function, arguments)
        except (Exception, SystemExit) as problem:
            error = raised(problem, function)
    pairs = enumerate(zip(given.values(), arguments.values(), strict=True))
    changed = tuple(i for i, (a, b) in pairs if _differs(a, b))
    return Outcome(value, error, changed, counter.count, counts[0])


class Subject:
    """A function of this process. The grader has another one with the same two methods, whose
    function runs in a process of its own."""

    def __init__(self, function, name: str):
        self.function, self.name = function, name

    def outcome(self, given: Call, count_lines: bool = False) -> Outcome:
        return watch(self.function, given, count_lines)

    def uses(self) -> set[str]:
        """Dotted names that the function reaches, ``torch.nn.functional.conv2d`` for example."""
        return uses_of_function(self.function, self.name)
