"""What every loader of this package returns: three disjoint splits and the names of the classes."""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """Examples ``x`` and targets ``y``, row by row; unpacks as ``x, y``. Sequence-to-sequence tasks hold a
    tuple of arrays in ``x``."""

    x: np.ndarray | tuple
    y: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """Train on ``train``, choose on ``valid``, look at ``test`` once.

    ``classes`` names the targets (the vocabulary, for text).
    """

    train: Split
    valid: Split
    test: Split
    classes: tuple[str, ...]


def three_way(name: str, x, y, seed: int, split: tuple[int, int, int], classes: tuple[str, ...]) -> Dataset:
    """Shuffle the rows with ``seed``, then cut them into ``split`` = (train, valid, test) rows.

    Raises ``ValueError`` if a part is empty or the rows do not suffice.
    """
    parts = split_rows(name, len(y), split)
    order = np.random.default_rng(seed).permutation(len(y))
    return Dataset(*(Split(_rows(x, order[part]), y[order[part]]) for part in parts), classes)


def split_rows(name: str, rows: int, split: tuple[int, int, int]) -> list[slice]:
    """Slices of three neighbouring ranges; raises ``ValueError`` as ``three_way`` does."""
    if len(split) != 3 or min(split) < 1 or sum(split) > rows:
        raise ValueError(
            f"{name}: split {split}, expected three positive numbers (train, valid, test) with a sum of at "
            f"most {rows}"
        )
    first, second, third = np.cumsum(split)
    return [slice(0, first), slice(first, second), slice(second, third)]


def _rows(x, index):
    return tuple(a[index] for a in x) if isinstance(x, tuple) else x[index]


def require_package(module: str, package: str, dataset: str) -> ModuleType:
    """Import ``module``, or raise ``ModuleNotFoundError`` with the command that installs ``package``."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if not module.startswith(str(error.name)):
            raise
        raise ModuleNotFoundError(
            f"{dataset} needs the package {package}: pip install {package}", name=error.name
        ) from error
