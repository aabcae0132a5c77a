"""The result of the proof as data: one row a layer, for the book to print."""

import importlib
import json
import os
import pkgutil
import platform
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

from dlcourse import conformance
from dlcourse.conformance.compare import TOLERANCE, Case, compare


@dataclass(frozen=True)
class Row:
    """One layer: how many cases and quantities (outputs, gradients) were compared, and the worst of them."""

    layer: str
    cases: int
    quantities: int
    worst: float
    worst_in: str

    @property
    def agrees(self) -> bool:
        return self.worst <= TOLERANCE


@dataclass(frozen=True)
class Report:
    """All rows, and where they were measured."""

    rows: tuple[Row, ...]
    versions: dict[str, str]
    device: str = "cpu"
    dtype: str = "float64"
    tolerance: float = TOLERANCE

    @property
    def agrees(self) -> bool:
        return all(row.agrees for row in self.rows)

    def json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    def markdown(self) -> str:
        lines = ["| layer | cases | compared | worst relative error | where |", "|---|--:|--:|--:|---|"]
        lines += [
            f"| {r.layer} | {r.cases} | {r.quantities} | {r.worst:.1e} | {r.worst_in} |" for r in self.rows
        ]
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return (
            "\n".join(
                [*lines, "", f"{self.dtype}, {self.device}, tolerance {self.tolerance:.0e}; {versions}."]
            )
            + "\n"
        )

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
    """Compare NumPy and PyTorch in all ``cases`` (all there are, unless given) with every seed.

    ``progress(case)`` is called before each case. The rows keep the order of the cases.
    """
    found: dict[str, list[tuple[str, dict[str, float]]]] = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel")  # speed only
        for case in all_cases() if cases is None else cases:
            progress(case)
            for seed in seeds:
                found.setdefault(layer_of(case), []).append((case.name, compare(case, seed)))
    return Report(tuple(_row(layer, results, len(seeds)) for layer, results in found.items()), _versions())


def _row(layer: str, results: list[tuple[str, dict[str, float]]], seeds: int) -> Row:
    errors = [
        (error, f"{name}: {what}") for name, quantities in results for what, error in quantities.items()
    ]
    worst, where = max(errors)
    return Row(layer, len(results) // seeds, len(errors) // seeds, worst, where)


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"Python": platform.python_version(), "NumPy": version("numpy"), "PyTorch": version("torch")}
