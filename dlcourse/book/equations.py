"""Formula and code name each other: which function carries which equation label in its docstring."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from dlcourse.book.places import ROOT

LABEL = re.compile(r"\((eq-[a-z0-9-]+)\)")
PACKAGE = "dlcourse"
# These speak of equations without computing them for a model, or hold solutions of exercises.
WITHOUT = ("book", "conformance", "checks", "exercises", "grading")


@dataclass(frozen=True)
class Implementation:
    """A function or class that says in its docstring which equation it computes."""

    label: str
    module: str  # dlcourse.numpy_nn.conv
    name: str  # conv2d
    path: Path

    @property
    def page(self) -> str:
        """The page of the book that shows the file."""
        return "code/" + "/".join(self.module.split(".")[1:])


def implementations(root: Path = ROOT) -> list[Implementation]:
    """Every (label, function) pair of the package, in the order of the files."""
    found = []
    for path in sorted((root / PACKAGE).rglob("*.py")):
        if path.relative_to(root / PACKAGE).parts[0] in WITHOUT:
            continue
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                labels = dict.fromkeys(LABEL.findall(ast.get_docstring(node) or ""))
                found += [Implementation(label, module, node.name, path) for label in labels]
    return found


def chapter_labels(pages: list[Path]) -> dict[str, Path]:
    """The labelled equations of the chapters: label -> page."""
    labels = {}
    for page in pages:
        text = page.read_text("utf8")
        for label in re.findall(r"^\$\$ *\((eq-[^)]+)\)", text, re.M) + re.findall(
            r"^:label: (eq-\S+)", text, re.M
        ):
            labels[label] = page
    return labels


def loose_ends(pages: list[Path], root: Path = ROOT) -> list[str]:
    """Equations that no function names, and functions that name an equation no chapter has."""
    in_chapters = chapter_labels(pages)
    in_code = implementations(root)
    faults = [
        f"{i.module}.{i.name} names ({i.label}), which no chapter has"
        for i in in_code
        if i.label not in in_chapters
    ]
    named = {i.label for i in in_code}
    faults += [
        f"{page.relative_to(root)} has ({label}), which no function of dlcourse names in its docstring"
        for label, page in in_chapters.items()
        if label not in named
    ]
    return faults
