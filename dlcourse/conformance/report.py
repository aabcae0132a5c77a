"""The result of the proof as data: one row a layer, for the book to print."""

import importlib
import json
import os
import pkgutil
import platform
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from dlcourse import conformance
from dlcourse.conformance import finite
from dlcourse.conformance.compare import TOLERANCE, TOLERANCE_FLOAT32, Case, compare


@dataclass(frozen=True)
class Row:
    """One layer: how many cases and quantities (outputs, gradients) were compared, and the worst of them.

    ``worst`` (found in ``worst_in``) and ``worst_float32`` are NumPy against PyTorch; ``worst_finite`` is the
    gradient that NumPy's backward pass gives against finite differences of its own forward pass.
    """

    layer: str
    cases: int
    quantities: int
    worst: float
    worst_in: str
    worst_float32: float
    worst_finite: float

    @property
    def agrees(self) -> bool:
        return (
            self.worst <= TOLERANCE
            and self.worst_float32 <= TOLERANCE_FLOAT32
            and self.worst_finite <= finite.TOLERANCE
        )


@dataclass(frozen=True)
class Report:
    """All rows, and where they were measured."""

    rows: tuple[Row, ...]
    versions: dict[str, str]
    device: str = "cpu"
    dtype: str = "float64"
    tolerance: float = TOLERANCE
    tolerance_float32: float = TOLERANCE_FLOAT32
    tolerance_finite: float = finite.TOLERANCE

    @property
    def agrees(self) -> bool:
        return all(row.agrees for row in self.rows)

    def json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    def markdown(self) -> str:
        lines = [
            "| layer | cases | compared | float64 | where | float32 | finite differences |",
            "|---|--:|--:|--:|---|--:|--:|",
        ]
        lines += [
            f"| {r.layer} | {r.cases} | {r.quantities} | {r.worst:.1e} | {r.worst_in} "
            f"| {r.worst_float32:.1e} | {r.worst_finite:.1e} |"
            for r in self.rows
        ]
        tolerances = (
            f"float64 {self.tolerance:.0e}, float32 {self.tolerance_float32:.0e}, "
            f"finite differences {self.tolerance_finite:.0e}"
        )
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        lines += ["", f"Worst relative error; tolerances: {tolerances}; {self.device}; {versions}."]
        return "\n".join(lines) + "\n"

    def write(self, path: str | Path) -> None:
        """Write the report to ``path``, whole or not at all: JSON or Markdown, as its suffix says."""
        path = Path(path)
        text = {".json": self.json, ".md": self.markdown}.get(path.suffix)
        if text is None:
            raise ValueError(f"{path} ends in {path.suffix or 'nothing'}, expected .json or .md")
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            new.write_text(text(), encoding="utf-8")
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)


def all_cases() -> list[Case]:
    """The cases of every family, a module of this package with ``CASES``, in the order of the file names."""
    modules = (f"{conformance.__name__}.{m.name}" for m in pkgutil.iter_modules(conformance.__path__))
    return [case for name in modules for case in getattr(importlib.import_module(name), "CASES", ())]


def layer_of(case: Case) -> str:
    """The layer that a case belongs to: its name up to the first comma."""
    return case.name.split(",")[0]


def report(
    cases: list[Case] | None = None, seeds: tuple[int, ...] = (0, 7), progress=lambda case: None
) -> Report:
    """Compare NumPy and PyTorch in all ``cases`` (all there are, unless given) with every seed, in float64
    and float32; and NumPy's gradients with finite differences, with the first seed.

    ``progress(case)`` is called before each case. The rows keep the order of the cases.
    """
    layers: dict[str, list[Row]] = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel")  # speed only
        for case in all_cases() if cases is None else cases:
            progress(case)
            layers.setdefault(layer_of(case), []).append(_row(case, seeds))
    return Report(tuple(_together(rows) for rows in layers.values()), _versions())


def _row(case: Case, seeds: tuple[int, ...]) -> Row:
    """What was found in one case."""
    runs = [compare(case, seed) for seed in seeds]
    worst, what = max((error, name) for run in runs for name, error in run.items())
    float32 = max(max(compare(case, seed, np.float32).values()) for seed in seeds)
    differences = max(finite.check(case, seeds[0]).values(), default=0.0)
    return Row(
        layer_of(case), 1, len(runs[0]), worst, f"{case.name}: {what}", float(float32), float(differences)
    )


def _together(rows: list[Row]) -> Row:
    """One row for all cases of a layer."""
    worst = max(rows, key=lambda row: row.worst)
    return Row(
        worst.layer,
        sum(row.cases for row in rows),
        sum(row.quantities for row in rows),
        worst.worst,
        worst.worst_in,
        max(row.worst_float32 for row in rows),
        max(row.worst_finite for row in rows),
    )


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"Python": platform.python_version(), "NumPy": version("numpy"), "PyTorch": version("torch")}
