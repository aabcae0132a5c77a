"""A submitted notebook is data: checked, repaired or refused with a remark, before anything runs."""

import errno
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import v4

from dlcourse.checks.shortcuts import parse_cell
from dlcourse.grading.frames import parts
from dlcourse.grading.limits import MIB, Limits
from dlcourse.grading.safe_html import pictures
from dlcourse.grading.version import NotebookVersion, TrustedCell

MOST_CELLS = 2000
MOST_PARTS = 2_000_000  # elements of lists and objects, which take far more memory than the file
MOST_PARTS_3 = 200_000  # the converter of the old format copies them several times


class Refused(ValueError):
    """The file cannot be graded; the message says why."""


@dataclass
class Intake:
    """A clean notebook, the remarks on what was repaired, and whether a person should look at it."""

    notebook: nbformat.NotebookNode
    remarks: list[str] = field(default_factory=list)
    review: bool = False


def read_regular_file(path: Path, limit: int, at: int | None = None) -> bytes:
    """The bytes of a regular file; links, pipes, devices and large files are refused. ``at`` is an opened
    folder from which ``path`` starts.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    except OSError as problem:
        link = problem.errno == errno.ELOOP
        why = "is a symbolic link" if link else f"cannot be opened ({problem.strerror})"
        raise Refused(why) from problem
    with os.fdopen(fd, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise Refused("is not a regular file")
        if info.st_size > limit:
            raise Refused(f"is larger than {limit // MIB} MiB")
        return file.read(limit + 1)[:limit]


@dataclass
class _Cell:
    """A submitted cell, reduced to what is used of it."""

    kind: str
    source: str
    meta: dict  # its nbgrader metadata as handed in
    name: str | None = None  # the trusted cell that it stands for
    attachments: dict = field(default_factory=dict)  # pictures pasted into markdown


def _parse(data: bytes) -> list[_Cell]:
    if parts(data) > MOST_PARTS:
        raise Refused(f"has more than {MOST_PARTS} parts")
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise Refused("is no JSON: the file is damaged or was cut off") from problem
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise Refused("is no notebook")
    if raw["nbformat"] == 3:
        if parts(data) > MOST_PARTS_3:
            raise Refused(f"has the old format 3 and more than {MOST_PARTS_3} parts")
        try:
            raw = nbformat.convert(nbformat.reads(data.decode(), as_version=3), 4)
        except Exception as problem:  # nbformat passes on whatever its converter stumbles over
            raise Refused("has the old format 3 and cannot be converted") from problem
    elif raw["nbformat"] != 4:
        raise Refused(f"has the unknown format {raw['nbformat']}")
    cells = raw.get("cells")
    if not isinstance(cells, list) or len(cells) > MOST_CELLS:
        raise Refused(f"has no list of at most {MOST_CELLS} cells")
    return [cell for item in cells if (cell := _cell(item)) is not None]


def _cell(item) -> _Cell | None:
    if not isinstance(item, dict) or item.get("cell_type") not in ("code", "markdown", "raw"):
        return None
    source = item.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    source = source.encode("utf-8", "replace").decode()  # lone surrogates cannot be written again
    metadata = item.get("metadata")
    meta = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    pasted = pictures(item.get("attachments")) if item["cell_type"] == "markdown" else {}
    return _Cell(item["cell_type"], source, meta if isinstance(meta, dict) else {}, attachments=pasted)


def intake(path: Path, version: NotebookVersion, limits: Limits | None = None) -> Intake:
    """The notebook at ``path`` as it will be run. Never raises for what a submission holds."""
    limits = limits or Limits()
    try:
        cells = _parse(read_regular_file(path, limits.notebook))
    except Refused as problem:
        remark = f"{version.notebook}.ipynb {problem}; it was graded as the empty notebook."
        return Intake(_write(_repair([], version, []), version), [remark], review=True)
    remarks: list[str] = []
    repaired = _repair(cells, version, remarks)
    return Intake(_write(repaired, version), remarks, any("person" in remark for remark in remarks))


def _repair(cells: list[_Cell], version: NotebookVersion, remarks: list[str]) -> list[_Cell]:
    """Give each trusted cell its one place: keep, restore, put back, or demote a copy."""
    trusted = {cell.name: cell for cell in version.cells}
    cells = _named(cells, trusted, remarks)
    if cells and not any(cell.name for cell in cells):
        remarks.append(
            "No cell carries its grading data; cells were recognised by their text, a person should look."
        )
    _recognise(cells, version, remarks)
    changes: dict[str, list[str]] = {}
    for cell in cells:
        if cell.name is not None:
            for change in _restore(cell, trusted[cell.name]):
                changes.setdefault(change, []).append(cell.name)
    remarks += [f"{change} {', '.join(names)}; the original counts." for change, names in changes.items()]
    order = [cell.name for cell in cells if cell.name]
    if order != [name for name in trusted if name in order]:
        remarks.append("Cells were moved; each test was run after the exercise it belongs to.")
        cells = [cell for cell in cells if not (cell.name and trusted[cell.name].locked)]
    present, gone = {cell.name for cell in cells}, []
    before = None
    for name, source in trusted.items():
        if name not in present:
            at = 0 if before is None else next(i for i, c in enumerate(cells) if c.name == before) + 1
            cells.insert(at, _Cell(source.cell_type, source.source, {}, name))
            if name not in order:
                gone.append(name)
        before = name
    if gone and len(gone) < len(trusted):
        remarks.append(f"Missing cells were put back: {', '.join(gone)}.")
    elif gone:
        remarks.append("The notebook holds none of its cells; it was graded as the empty notebook.")
    return cells


def _named(cells: list[_Cell], trusted: dict[str, TrustedCell], remarks: list[str]) -> list[_Cell]:
    kept, seen, copied = [], set(), []
    for cell in cells:
        name = cell.meta.get("grade_id")
        if isinstance(name, str) and name in trusted:
            if name in seen:
                copied.append(name)
                if trusted[name].locked:
                    continue
            else:
                cell.name = name
                seen.add(name)
        kept.append(cell)
    if copied:
        names = ", ".join(dict.fromkeys(copied))
        remarks.append(
            f"Copied cells: {names}. The first one counts as the answer; copies were run as plain cells."
        )
    return kept


def _recognise(cells: list[_Cell], version: NotebookVersion, remarks: list[str]) -> None:
    """Find cells that lost their metadata: tests by their text, answers by the function they define."""
    present = {cell.name for cell in cells}
    for wanted in version.cells:
        if wanted.name in present:
            continue
        free = [cell for cell in cells if cell.name is None and cell.kind == wanted.cell_type]
        if wanted.locked:
            found = next((c for c in free if c.source.strip() == wanted.released.strip()), None)
        elif wanted.cell_type == "code":
            functions = _defined(wanted.source)
            found = next((c for c in free if functions & _defined(c.source)), None)
            if found:
                remarks.append(f"{wanted.name} was recognised by the function that it defines.")
        else:
            found = None
        if found:
            found.name, found.meta = wanted.name, wanted.metadata()


def _defined(source: str) -> set[str]:
    return {node.name for node in parse_cell(source).body if hasattr(node, "name")}


def _restore(cell: _Cell, trusted: TrustedCell) -> list[str]:
    """Make the cell again what it was, but for an answer; return what had been changed."""
    changes, wanted = [], trusted.metadata()
    if cell.kind != trusted.cell_type:
        changes.append("Another cell type:")
        cell.kind = trusted.cell_type
    if any(cell.meta.get(key) != wanted.get(key) for key in ("grade", "solution", "locked", "points")):
        changes.append("Changed points or flags:")
    if trusted.locked:
        if cell.source.strip() != trusted.released.strip():
            changes.append("Changed text:")
        cell.source = trusted.source
    return changes


def _write(cells: list[_Cell], version: NotebookVersion) -> nbformat.NotebookNode:
    """A new notebook: nothing of the submitted one but the sources of its cells and pictures pasted there."""
    trusted = {cell.name: cell for cell in version.cells}
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    nodes = []
    for number, cell in enumerate(cells):
        metadata = {"nbgrader": trusted[cell.name].metadata()} if cell.name else {}
        if cell.kind == "raw":
            metadata["raw_mimetype"] = "text/plain"  # without it a page would hold the text as HTML
        nodes.append(make[cell.kind](cell.source, id=f"cell-{number:04}", metadata=metadata))
        if cell.kind == "markdown" and cell.attachments:
            nodes[-1]["attachments"] = cell.attachments
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return v4.new_notebook(cells=nodes, metadata={"kernelspec": kernel})
