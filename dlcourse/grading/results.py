"""What the instructor's page of the book prints about grading: measured, kept as data."""

import json
from pathlib import Path

from dlcourse.exercises.source import write_atomically

FILE = Path("dlcourse", "grading", "measured.json")


def read_results(root: Path) -> dict:
    """What was measured so far."""
    path = root / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_results(root: Path, part: str, result: dict) -> None:
    """Put ``result`` under ``part`` into the data of the page; other parts stay."""
    path = root / FILE
    text = json.dumps(read_results(root) | {part: result}, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(path, f"{text}\n".encode())
