"""The grader matrix as text of the instructor's pages: what the tests catch, and what they say."""

import json
import re

from dlcourse.book.exercises import FOLDER
from dlcourse.checks import exercise
from dlcourse.exercises.matrix import stored

HEAD = ("", "function", "points", "right solutions", "wrong solutions", "sentences", "mutants", "caught")


def _row(cells) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _table(head, rows, words: int) -> list[str]:
    """``words`` columns hold words, the others numbers, which stand on the right."""
    rule = ["---" if i < words else "---:" for i in range(len(head))]
    return [_row(head), _row(rule), *map(_row, rows)]


def _plain(text: str) -> str:
    """``text`` in a cell of a table: nothing in it is markup."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>|$~^" else c for c in text)


def _number(value: float) -> str:
    """Without zeros at the end; nothing for none."""
    return f"{round(value, 2):g}" if value else ""


def _share(row: dict) -> str:
    """Caught ones among the mutants that compute something wrong."""
    wrong = row["mutants"] - row["same"]
    return f"{100 * (wrong - row['hole']) / wrong:.4g} %"


def _sentences(row: dict) -> int:
    return len({said for _, said, *_ in row["heard"]})


def matrix_table() -> str:
    """One line for each function that is checked, and the sums."""
    rows, matrix = [], stored()
    for name, row in matrix.items():
        mutants = (row["mutants"], _share(row)) if "mutants" in row else ("", "")
        counts = row["correct"], row["wrong"], _sentences(row)
        rows.append([row["number"], _plain(name), _number(row["points"]), *counts, *mutants])
    mutated = [row for row in matrix.values() if "mutants" in row]
    total = {key: sum(row[key] for row in mutated) for key in ("mutants", "same", "hole")}
    sums = [sum(row[key] for row in matrix.values()) for key in ("points", "correct", "wrong")]
    heard = sum(map(_sentences, matrix.values()))
    rows.append(["", "all", _number(sums[0]), *sums[1:], heard, total["mutants"], _share(total)])
    return "\n".join(_table(HEAD, rows, 2))


def points_table(assignment: str) -> str:
    """What an assignment consists of, as its first cell lists it: minutes, points by kind of test."""
    path = FOLDER / assignment / f"{assignment}.ipynb"
    if not path.exists():
        raise ValueError(f"no assignment is called {assignment!r}")
    first = "".join(json.loads(path.read_text("utf8"))["cells"][0]["source"])
    rows, sums = [], [0.0] * 5
    for title, points, minutes in re.findall(r"^\| (\S.*?) \| (\d+) \| (\d+) \|$", first, re.M):
        shares = (0, 0, 1) if title.startswith("Q") else (0.4, 0.6, 0)
        numbers = [int(minutes), int(points), *(share * int(points) for share in shares)]
        sums = [a + b for a, b in zip(sums, numbers, strict=True)]
        rows.append([title, *map(_number, numbers)])
    rows.append(["together", *map(_number, sums)])
    head = ("", "minutes", "points", "visible tests", "hidden tests", "by hand")
    return "\n".join(_table(head, rows, 1))


def mistakes(assignment: str) -> str:
    """For each function a box that opens: wrong solutions, what the tests say, what is left of the points."""
    lines = []
    for name, row in stored().items():
        if row["assignment"] != assignment:
            continue
        known = {m.sentence for m in exercise(name).misconceptions}
        named = sum(said in known for _, said, *_ in row["heard"])
        early = sum(where == "visible" for *_, where in row["heard"])
        title = f"{row['number']} {name}: {row['wrong']} wrong solutions"
        rows = [
            [_plain(what), _plain(said), f"{100 * share:.0f} %"]
            for what, said, share, _ in sorted(row["heard"], key=lambda heard: -heard[2])
        ]
        lines += [
            f":::{{dropdown}} {title}",
            f"{named} hear the sentence of a known misconception, the others what kind of difference it is. "
            f"{early} are told by the visible test already.",
            "",
            *_table(("what people write", "what they are told", "keeps"), rows, 2),
            ":::",
            "",
        ]
    return "\n".join(lines)
