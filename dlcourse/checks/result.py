"""What a function may return: one array, several with names, a dictionary; read into name -> array."""

from dataclasses import dataclass

import numpy as np

from dlcourse.checks.subject import Foreign, kind_of

Result = dict[str, np.ndarray]


@dataclass(frozen=True)
class Output:
    """One returned value: its name, the names of its axes (none: a single number).

    ``dtype``: "" any real number, "bool", "int" (any integer) or the exact name of a type, "int8" say.
    ``several``: a list of arrays. ``listed``: a list of numbers is as good as an array.
    ``rtol``, ``atol``: in place of those of the exercise.
    """

    name: str = ""
    axes: tuple[str, ...] = ()
    dtype: str = ""
    several: bool = False
    listed: bool = False
    rtol: float | None = None
    atol: float | None = None


def _kind(value) -> str:
    return value.kind if isinstance(value, Foreign) else kind_of(value)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def as_array(value, output: Output = Output()) -> tuple[np.ndarray | None, str | None]:
    """``value`` as an array of the asked type, or the sentence that says why it is none."""
    it, kind = f"{output.name} is" if output.name else "it returned", _kind(value)
    asked = "an array of True and False" if output.dtype == "bool" else "a NumPy array"
    if value is None:
        return None, f"{it} None" + ("." if output.name else ": is there a `return` at the end?")
    if kind in ("torch.Tensor", "torch.Parameter"):
        return None, f"{it} a {kind}; {asked} is asked for."
    if output.listed and isinstance(value, list | tuple):
        if not all(isinstance(v, int | float | np.number | np.ndarray) and np.ndim(v) == 0 for v in value):
            return None, f"{it} a {kind} that holds other things than numbers."
        value = np.array(value, float if not value else None)
        kind = _kind(value)
    if isinstance(value, tuple):
        return None, f"{it} a tuple of {len(value)}; one array is asked for."
    if kind == "list":
        return None, f"{it} a list; wrap it in np.array(...)."
    if kind in ("numpy.matrix", "numpy.MaskedArray"):
        return None, f"{it} a {kind}; make it a plain array with np.asarray(...)."
    if kind in ("array of objects", "array of text"):
        return None, f"{it} an {kind}; an array of numbers is asked for."
    if kind == "object":
        return None, f"{it} an object of another class; {asked} is asked for."
    if isinstance(value, Foreign) or not isinstance(value, np.ndarray | np.generic | int | float):
        return None, f"{it} {_article(kind)}; {asked} is asked for."
    array = np.asarray(value)
    if array.dtype.kind in "OSUVmM":
        what = "text" if array.dtype.kind in "SU" else "objects"
        return None, f"{it} an array of {what}; an array of numbers is asked for."
    if array.dtype.kind == "c":
        return None, f"{it} complex numbers; the formula is real."
    sentence = _wrong_type(array, output, it)
    return (None, sentence) if sentence else (array, None)


def _wrong_type(array: np.ndarray, output: Output, it: str) -> str | None:
    is_bool = array.dtype.kind == "b"
    if output.dtype == "bool":
        return None if is_bool else f"{it} an array of {array.dtype}; True and False (bool) are asked for."
    if is_bool:
        return f"{it} True and False; numbers are asked for."
    if output.dtype == "int" and array.dtype.kind not in "iu":
        return f"{it} an array of {array.dtype}; integers are asked for."
    if output.dtype not in ("", "int") and array.dtype != output.dtype:
        return f"{it} an array of {array.dtype}; {output.dtype} is asked for."
    return None


def read(value, outputs: tuple[Output, ...], keyed: bool, public: bool) -> tuple[Result | None, str | None]:
    """name -> array, or the first sentence on what is no such thing. Raises nothing.

    ``keyed``: the result is a dictionary with the names as keys. Without names there is one array, called "".
    """
    names = [output.name for output in outputs]
    if keyed:
        parts, sentence = _of_dictionary(value, names, public)
    elif len(outputs) == 1:
        parts, sentence = [value], None
    else:
        parts, sentence = _of_tuple(value, names)
    if sentence:
        return None, sentence
    result: Result = {}
    for output, part in zip(outputs, parts, strict=True):
        entries, sentence = _entries(output, part)
        if sentence:
            return None, sentence
        result |= entries
    return result, None


def _of_dictionary(value, names: list[str], public: bool):
    if value is None:
        return None, "it returned None: is there a `return` at the end?"
    if not isinstance(value, dict):
        return None, f"it returned {_article(_kind(value))}; a dictionary is asked for: {', '.join(names)}."
    missing = [name for name in names if name not in value]
    extra = [str(key) for key in value if key not in names]
    if missing:
        return None, f"the dictionary lacks {', '.join(missing)}" + (
            f"; it has {', '.join(extra)}." if extra and public else "."
        )
    if extra:
        which = f": {', '.join(extra)}" if public else ""
        return (
            None,
            f"the dictionary has keys that are not asked for{which}; asked for are {', '.join(names)}.",
        )
    return [value[name] for name in names], None


def _of_tuple(value, names: list[str]):
    expected = f"expected {len(names)} values: {', '.join(names)}"
    if value is None:
        return None, f"it returned None, {expected}. Is there a `return` at the end?"
    if not isinstance(value, tuple | list):
        kind = "one array" if isinstance(value, np.ndarray) else _article(_kind(value))
        if isinstance(value, bool | int | float | np.generic):
            kind = "one number"
        return None, f"it returned {kind}, {expected}."
    if len(value) != len(names):
        return None, f"it returned {len(value)} value{'s' * (len(value) != 1)}, {expected}."
    return list(value), None


def _entries(output: Output, part) -> tuple[Result, str | None]:
    if not output.several:
        array, sentence = as_array(part, output)
        return {output.name: array}, sentence
    if not isinstance(part, list | tuple):
        it = f"{output.name} is" if output.name else "it returned"
        return {}, f"{it} {_article(_kind(part))}; a list of arrays is asked for."
    entries: Result = {}
    for i, item in enumerate(part):
        name = f"{output.name or 'result'}[{i}]"
        entries[name], sentence = as_array(item, Output(name, output.axes, output.dtype))
        if sentence:
            return {}, sentence
    return entries, None


def output_of(name: str, outputs: tuple[Output, ...]) -> Output:
    """The output to which an entry of a result belongs: ``grads[1]`` to ``grads``."""
    base = name.split("[")[0]
    return next((o for o in outputs if o.name == base), outputs[0])
