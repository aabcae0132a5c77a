"""The statements of the article and what the course found: ``book/claims.yml`` read and checked."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from dlcourse.book.places import ROOT

FILE = ROOT / "book" / "claims.yml"
VERDICTS = {
    "true": "True",
    "imprecise": "Imprecise",
    "false": "False",
    "undefined": "Undefined",
    "does not run": "Does not run",
}


@dataclass(frozen=True)
class Statement:
    """One statement: what the article says, what is right, where the book shows it."""

    id: str
    quote: str
    verdict: str
    correction: str
    page: str
    references: list[str] = field(default_factory=list)
    experiments: list[str] = field(default_factory=list)

    @property
    def section(self) -> str:
        return self.id.rsplit(".", 1)[0]


def read_statements(path: Path = FILE) -> dict[str, Statement]:
    """All statements by id, in the order of the article; ``ValueError`` lists every fault of the file."""
    content = yaml.safe_load(path.read_text("utf8"))
    statements, faults = {}, []
    for section in content["sections"]:
        for entry in section["statements"]:
            entry = {"page": section["page"], **entry}
            number = str(entry.get("id", "without id"))
            fault = _fault(entry, number)
            if number in statements:
                fault = "stands there twice"
            if fault:
                faults.append(f"{number}: {fault}")
            else:
                statements[number] = Statement(**entry)
    if faults:
        raise ValueError(f"{path.name}: " + "; ".join(faults))
    return statements


def _fault(entry: dict, number: str) -> str:
    unknown = entry.keys() - Statement.__dataclass_fields__.keys()
    if unknown:
        return f"unknown keys {', '.join(sorted(unknown))}"
    missing = {"id", "quote", "verdict", "correction", "page"} - entry.keys()
    if missing:
        return f"lacks {', '.join(sorted(missing))}"
    if not isinstance(entry["id"], str) or not re.fullmatch(r"\d(\.\d){1,3}", number):
        return "the id should be a quoted string such as '3.1.1.4'"
    if entry["verdict"] not in VERDICTS:
        return f"verdict {entry['verdict']!r}, expected one of {', '.join(VERDICTS)}"
    return ""


def misplaced_statements(chapters: list[Path], root: Path = ROOT) -> list[str]:
    """Statements that no page shows, or that another page shows than the file says."""
    shown = {}
    for chapter in chapters:
        page = chapter.relative_to(root).with_suffix("").as_posix()
        for numbers in re.findall(r"^```\{statements\} (.*)$", chapter.read_text("utf8"), re.M):
            shown |= dict.fromkeys(numbers.split(), page)
    return [
        f"statement {number} should stand on {statement.page}, it stands on {shown.get(number, 'no page')}"
        for number, statement in read_statements().items()
        if shown.get(number) != statement.page
    ]
