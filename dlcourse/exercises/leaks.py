"""Does a released notebook give anything away: solutions, hidden tests, mark schemes, outputs?"""

import json
import re
from pathlib import Path

from dlcourse.exercises.source import read_source

REGION = re.compile(
    r"^[^\n]*BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)[^\n]*\n(.*?)^[^\n]*END \1[^\n]*$",
    re.DOTALL | re.MULTILINE,
)
MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
SHORTEST = 12  # characters; shorter lines ("return y") occur by chance


def secret_lines(source: Path) -> set[str]:
    """Lines of the text notebook that learners must not get and that occur nowhere in its open part."""
    secret, open_lines = set(), set()
    for cell in read_source(source).cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        whole = nbgrader.get("solution") and (cell.cell_type == "markdown" or not REGION.search(cell.source))
        hidden = cell.source if whole else "\n".join(match.group(2) for match in REGION.finditer(cell.source))
        secret |= {line.strip() for line in hidden.splitlines()}
        if not whole:
            open_lines |= {line.strip() for line in REGION.sub("", cell.source).splitlines()}
    return {line for line in secret - open_lines if len(line) >= SHORTEST}


def leaks(secrets: set[str], released: bytes) -> list[str]:
    """Sentences on everything that a released notebook should not hold, ``secrets`` among it."""
    found = []
    notebook = json.loads(released)
    for number, cell in enumerate(notebook["cells"], 1):
        text = "".join(cell["source"])
        if cell.get("outputs") or cell.get("execution_count") is not None:
            found.append(f"cell {number} has outputs")
        if MARKER.search(text):
            found.append(f"cell {number} holds the marker {MARKER.search(text).group()!r}")
    text = released.decode()
    for line in sorted(secrets):
        if json.dumps(line, ensure_ascii=False)[1:-1] in text:
            found.append(f"it holds the line {line!r} of the solution, a hidden test or a mark scheme")
    return found
