"""Checkpoints: a model, its optimiser and a few facts in one ``.npz`` that either backend loads."""

import json
from pathlib import Path

import numpy as np

from dlcourse.backend import load_state_arrays, state_arrays
from dlcourse.files import read_npz, write_npz
from dlcourse.numpy_nn.optim import require_same_state

FORMAT = "dlcourse checkpoint 1"


def save_checkpoint(
    path: str | Path, model, optimizer=None, *, facts: dict | None = None, extra=None
) -> None:
    """Write model, optimiser (if given), ``facts`` (JSON) and the arrays ``extra`` to ``path``.

    The file appears whole or not at all: stopping the program in the middle keeps the previous one.
    """
    arrays = {f"model/{name}": a for name, a in state_arrays(model).items()}
    if optimizer is not None:
        arrays |= {f"optimizer/{name}": a for name, a in optimizer.state_arrays().items()}
    arrays |= {f"extra/{name}": a for name, a in (extra or {}).items()}
    header = json.dumps({"format": FORMAT, "facts": facts or {}})
    write_npz(path, {"header": np.array(header), **arrays})


def load_checkpoint(path: str | Path, model, optimizer=None) -> tuple[dict, dict[str, np.ndarray]]:
    """Load ``path`` into ``model`` (and ``optimizer``) of either backend; returns ``facts`` and ``extra``.

    Raises ``FileNotFoundError``, or ``ValueError`` with a sentence for a file that is damaged, that
    ``save_checkpoint`` did not write, or that belongs to another model or optimiser. No pickle is read.
    """
    facts, groups = read_checkpoint(path)
    try:
        # Checked before anything is changed; torch would load half of a state that does not fit.
        shapes = {name: a.shape for name, a in state_arrays(model).items()}
        require_same_state(type(model).__name__, shapes, groups["model"])
        if optimizer is not None:
            if not groups["optimizer"]:
                raise ValueError("it holds no optimiser state")
            optimizer.load_state_arrays(groups["optimizer"])
        load_state_arrays(model, groups["model"])
    except ValueError as error:
        raise ValueError(f"checkpoint {path} does not fit: {error}") from error
    return facts, groups["extra"]


def read_checkpoint(path: str | Path) -> tuple[dict, dict[str, dict[str, np.ndarray]]]:
    """Facts and the arrays of ``model``, ``optimizer`` and ``extra``, without loading them anywhere."""
    arrays = read_npz(path)
    try:
        header = json.loads(str(arrays.pop("header")))
        known = header["format"] == FORMAT
    except (KeyError, TypeError, ValueError):
        known = False
    if not known:
        raise ValueError(f"{path} is no dlcourse checkpoint; files that save_checkpoint wrote can be loaded")
    groups: dict[str, dict[str, np.ndarray]] = {"model": {}, "optimizer": {}, "extra": {}}
    for key, a in arrays.items():
        group, _, name = key.partition("/")
        groups.setdefault(group, {})[name] = a
    return header["facts"], groups
