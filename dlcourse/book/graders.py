"""The grader matrix as text of the instructor's pages: what the tests of the exercises catch, and what they say."""

from collections import defaultdict

from dlcourse.book.exercises import read_exercises
from dlcourse.exercises.matrix import stored

HEAD = ("", "function", "points", "right solutions", "wrong solutions", "sentences", "mutants", "caught")


def _row(cells) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _table(head, rows) -> list[str]:
    """``head`` without words where a column needs none; numbers stand on the right."""
    rule = ["---" if i < 2 else "---:" for i in range(len(head))]
    return [_row(head), _row(rule), *map(_row, rows)]


def _plain(text: str) -> str:
    """``text`` in a cell of a table: nothing in it is markup."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>|$~^" else c for c in text)


def _points(value: float) -> str:
    return f"{value:g}"


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
        rows.append([row["number"], f"`{name}`", _points(row["points"]), *counts, *mutants])
    mutated = [row for row in matrix.values() if "mutants" in row]
    total = {key: sum(row[key] for row in mutated) for key in ("mutants", "same", "hole")}
    sums = [sum(row[key] for row in matrix.values()) for key in ("points", "correct", "wrong")]
    heard = sum(map(_sentences, matrix.values()))
    rows.append(["", "all", _points(sums[0]), *sums[1:], heard, total["mutants"], _share(total)])
    return "\n".join(_table(HEAD, rows))


def points_table(assignment: str) -> str:
    """The functions of an assignment: title, minutes, points of the visible and of the hidden test."""
    known = {e.function: e for e in read_exercises().values()}
    rows = []
    for name, row in stored().items():
        if row["assignment"] == assignment:
            first = known.get(name)
            minutes = first.minutes if first else ""
            parts = [_points(round(share * row["points"], 2)) for share in (0.4, 0.6)]
            rows.append([row["number"], f"`{name}`", minutes, _points(row["points"]), *parts])
    if not rows:
        raise ValueError(f"no exercise belongs to the assignment {assignment!r}")
    return "\n".join(_table(("", "function", "minutes", "points", "visible", "hidden"), rows))


def mistakes(assignment: str) -> str:
    """For each function a box that opens: the sentences, the wrong solutions that hear them, what they keep."""
    lines = []
    for name, row in stored().items():
        if row["assignment"] != assignment:
            continue
        heard = defaultdict(list)
        for what, said, share, where in row["heard"]:
            heard[said].append((what, share, where))
        rows = [
            [
                _plain(said),
                _plain("; ".join(what for what, *_ in who)),
                len(who),
                _kept([share for _, share, _ in who]),
                "yes" if all(where == "visible" for *_, where in who) else "no",
            ]
            for said, who in sorted(heard.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        ]
        title = f"{row['number']} {name}: {row['wrong']} wrong solutions, {len(heard)} sentences"
        head = ("what the test says", "to whom", "number", "keeps", "seen by the learner")
        lines += [f":::{{dropdown}} {title.strip()}", *_table(head, rows), ":::", ""]
    return "\n".join(lines)


def _kept(shares: list[float]) -> str:
    low, high = (round(100 * bound(shares)) for bound in (min, max))
    return f"{low} %" if low == high else f"{low} to {high} %"
