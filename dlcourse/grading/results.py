"""What the instructor's page of the book prints about grading: measured, kept as data."""

import json
from pathlib import Path

from dlcourse.exercises.source import write_atomically

FILE = Path("dlcourse", "grading", "measured.json")


def write_results(root: Path, part: str, result: dict) -> None:
    """Put ``result`` under ``part`` into the data of the page; other parts stay."""
    path = root / FILE
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps(known | {part: result}, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(path, f"{text}\n".encode())
