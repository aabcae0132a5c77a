"""Parameters and multiply-accumulate operations of every layer of a model, as a table."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dlcourse.backend import Call, predict, recording


@dataclass(frozen=True)
class Row:
    """One layer. ``shape``: of its output, ``None`` if the layer was not called; ``macs``: for the input
    that ``summary`` was given."""

    name: str
    kind: str
    shape: tuple[int, ...] | None
    parameters: int
    macs: int


@dataclass(frozen=True)
class Summary:
    """The rows of a model and their sums; ``str`` of it is a table."""

    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        return sum(row.macs for row in self.rows)

    def __str__(self) -> str:
        lines = [("layer", "kind", "output", "parameters", "MACs")]
        lines += [
            (row.name, row.kind, _shape(row.shape), f"{row.parameters:,}", f"{row.macs:,}")
            for row in self.rows
        ]
        lines += [("total", "", "", f"{self.parameters:,}", f"{self.macs:,}")]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(
                c.rjust(w) if i > 2 else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        rule = "-" * len(text[0])
        return "\n".join(line.rstrip() for line in [text[0], rule, *text[1:-1], rule, text[-1]])


def summary(model, *inputs, **options) -> Summary:
    """Parameters and multiply-accumulates (MACs) of each layer for ``model(*inputs)``, either backend.

    MACs are those of matrix products and convolutions  (eq-macs): Linear I·O a position; Conv2d
    H_o·W_o·O·(C/groups)·P·Q; RNN, LSTM and GRU every weight once a time step; attention 4·E² a position
    and 2·T·S·E for scores and mixture. Additions, activations, normalisations and look-ups count 0.
    Parameters that layers share are counted in the first of them. Give a batch of one to get the MACs
    of one sample.
    """
    layers = list(_layers("", model))
    with recording(model, lambda module: any(module is layer for _, layer in layers)) as calls:
        predict(model, *inputs, **options)
    counted: set[int] = set()
    rows = []
    for name, module in layers:
        whole = _rule(module) is not None
        own = [p for p in (module.parameters() if whole else _own_parameters(module)) if id(p) not in counted]
        counted.update(id(p) for p in own)
        mine = [call for call in calls if call.module is module]
        rows.append(
            Row(
                name or "model",
                type(module).__name__,
                _first(mine[-1].output).shape if mine else None,
                sum(math.prod(p.shape) for p in own),
                sum(_rule(module)(call) for call in mine) if whole else 0,
            )
        )
    return Summary(tuple(rows))


def _layers(name: str, module) -> Iterator[tuple[str, object]]:
    """The modules that get a row: those with a rule, those without children, owners of parameters."""
    children = [(f"{name}.{child}".lstrip("."), m) for child, m in module.named_children()]
    if _rule(module) is not None or not children:
        yield name, module
        return
    if _own_parameters(module):
        yield name, module
    for child, m in children:
        yield from _layers(child, m)


def _own_parameters(module) -> list:
    below = {id(p) for _, child in module.named_children() for p in child.parameters()}
    return [p for p in module.parameters() if id(p) not in below]


def _rule(module):
    return next((RULES[cls.__name__] for cls in type(module).__mro__ if cls.__name__ in RULES), None)


def _first(value):
    return value[0] if isinstance(value, tuple) else value


def _shape(shape: tuple | None) -> str:
    return "not called" if shape is None else "×".join(map(str, shape))


def _dense(call: Call) -> int:
    return call.output.size * math.prod(call.module.weight.shape[1:])


def _recurrent(call: Call) -> int:
    positions = math.prod(_first(call.output).shape[:-1])
    return positions * sum(math.prod(p.shape) for p in call.module.parameters() if len(p.shape) == 2)


def _attention(call: Call) -> int:
    given = call.arguments()
    query, key = given["query"], given["key"]
    E = query.shape[-1]
    rows, keys = query.size // E, key.size // E  # B·T and B·S
    S = key.shape[1 if call.module.batch_first else 0]
    return 2 * rows * E * E + 2 * keys * E * E + 2 * rows * S * E


RULES = {
    "Linear": _dense,
    "Conv2d": _dense,
    "RNN": _recurrent,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "MultiheadAttention": _attention,
}
