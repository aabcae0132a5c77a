"""Calls and outcomes as messages: arrays apart, plain numbers in the header, everything else by its name."""

import builtins

import numpy as np

from dlcourse.checks.call import Call
from dlcourse.checks.subject import Foreign, Outcome, Raised, kind_of
from dlcourse.grading.frames import FrameError

PLAIN = (bool, int, float, str, type(None))
LARGEST_TUPLE = 64
LONGEST_KEY = 60
DEEPEST = 50
# The only type and exception names that are repeated to anyone: a name made up at run time could carry the
# inputs of a test into the feedback.
KNOWN_KINDS = {k for k, v in vars(builtins).items() if isinstance(v, type)} | {
    *(
        "torch.Tensor",
        "torch.Parameter",
        "numpy.matrix",
        "numpy.MaskedArray",
        "pandas.DataFrame",
        "pandas.Series",
    ),
    *(
        "function",
        "generator",
        "module",
        "array of objects",
        "array of text",
        "AxisError",
        "LinAlgError",
        "TimeLimit",
    ),
}


def encode(value, arrays: dict):
    """A JSON description of ``value``; arrays go into ``arrays`` under a number."""
    if isinstance(value, PLAIN):
        return {"plain": value} if not isinstance(value, str) or len(value) < 10_000 else {"kind": "str"}
    if (
        isinstance(value, np.ndarray | np.generic)
        and type(value).__module__ == "numpy"
        and value.dtype.kind in "biufc"
    ):
        key = f"a{len(arrays)}"
        arrays[key] = np.asarray(value)
        return {"array": key, "scalar": isinstance(value, np.generic)}
    if isinstance(value, np.ndarray) and type(value) is np.ndarray:
        return {"kind": "array of text" if value.dtype.kind in "US" else "array of objects"}
    if isinstance(value, tuple | list) and len(value) <= LARGEST_TUPLE:
        return {
            type(value).__name__ if type(value) in (tuple, list) else "tuple": [
                encode(v, arrays) for v in value
            ]
        }
    if type(value) is dict and len(value) <= LARGEST_TUPLE and all(isinstance(k, str) for k in value):
        return {"dict": [[k[:LONGEST_KEY], encode(v, arrays)] for k, v in value.items()]}
    return {"kind": kind_of(value)[:60]}


def decode(spec, arrays: dict, depth: int = 0):
    """The value again; what holds no numbers becomes ``Foreign``. Raises ``FrameError``."""
    if depth > DEEPEST:
        raise FrameError("a value in a value in a value")
    if not isinstance(spec, dict):
        raise FrameError("a value without a description")
    if "plain" in spec and isinstance(spec["plain"], PLAIN):
        return spec["plain"]
    if "array" in spec:
        if spec["array"] not in arrays:
            raise FrameError("an array that is not there")
        array = arrays[spec["array"]]
        return array[()] if spec.get("scalar") and array.ndim == 0 else array
    for name, make in (("tuple", tuple), ("list", list)):
        if isinstance(spec.get(name), list) and len(spec[name]) <= LARGEST_TUPLE:
            return make(decode(item, arrays, depth + 1) for item in spec[name])
    pairs = spec.get("dict")
    if isinstance(pairs, list) and len(pairs) <= LARGEST_TUPLE:
        if not all(isinstance(p, list) and len(p) == 2 and isinstance(p[0], str) for p in pairs):
            raise FrameError("a dictionary without keys")
        return {key[:LONGEST_KEY]: decode(item, arrays, depth + 1) for key, item in pairs}
    kind = spec.get("kind")
    return Foreign(kind if isinstance(kind, str) and kind in KNOWN_KINDS else "object")


def encode_call(call: Call, arrays: dict) -> dict:
    return {
        "args": [encode(a, arrays) for a in call.args],
        "kwargs": {k: encode(v, arrays) for k, v in call.kwargs.items()},
        "driver": call.driver,
    }


def decode_call(spec: dict, arrays: dict) -> Call:
    return Call(
        tuple(decode(a, arrays) for a in spec["args"]),
        {k: decode(v, arrays) for k, v in spec["kwargs"].items()},
        spec["driver"],
    )


def encode_outcome(outcome: Outcome, arrays: dict) -> dict:
    error = outcome.error
    return {
        "value": encode(outcome.value, arrays),
        "error": None if error is None else [error.kind[:40], error.message[:500], error.line[:200]],
        "changed": list(outcome.changed),
        "printed": outcome.printed,
        "lines": outcome.lines,
    }


def decode_outcome(header: dict, arrays: dict) -> Outcome:
    """An outcome from the student's process: every field is checked."""

    def count(key) -> int:
        value = header.get(key, 0)
        return value if isinstance(value, int) and 0 <= value < 1 << 60 else 0

    error, changed = header.get("error"), header.get("changed", [])
    if error is not None:
        if not (isinstance(error, list) and len(error) == 3 and all(isinstance(e, str) for e in error)):
            raise FrameError("an exception without a name")
        kind = error[0] if error[0] in KNOWN_KINDS else "Exception"
        return Outcome(error=Raised(kind, error[1][:500], error[2][:200]), printed=count("printed"))
    if not (isinstance(changed, list) and all(isinstance(i, int) for i in changed)):
        raise FrameError("changed arguments without numbers")
    return Outcome(
        decode(header.get("value"), arrays), None, tuple(changed[:32]), count("printed"), count("lines")
    )
