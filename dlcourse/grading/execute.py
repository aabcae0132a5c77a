"""From a clean notebook, a notebook version and a seed to a result."""

from dataclasses import dataclass, field
from pathlib import Path

from dlcourse.grading.limits import Limits
from dlcourse.grading.score import CellScore, Scorer
from dlcourse.grading.student import Student
from dlcourse.grading.version import NotebookVersion


@dataclass
class Result:
    """Outputs by position of the cell, scores by grade id, and what was unusual."""

    outputs: dict[int, list[dict]] = field(default_factory=dict)
    scores: dict[str, CellScore] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def execute(
    cells: list[tuple[str, str, str | None]],
    version: NotebookVersion,
    seed: int,
    limits: Limits,
    files: Path | None = None,
    unsafe: bool = False,
) -> Result:
    """Run one submitted notebook. ``cells`` are (cell type, source, grade id) in the student's order, after
    intake: every test cell of ``version`` occurs exactly once."""
    trusted = {cell.name: cell for cell in version.cells}
    tests = [i for i, (_, _, name) in enumerate(cells) if name in trusted and trusted[name].is_test]
    sources = [
        source if kind == "code" and i not in tests else None for i, (kind, source, _) in enumerate(cells)
    ]
    result = Result()
    student = Student(sources, tests, version.functions, limits, files, unsafe, version.preload)
    with student:
        runner = Scorer(version, seed)
        for index in tests:
            name = cells[index][2]
            score = runner.score(trusted[name], student.points[index])
            result.scores[name] = score
            result.outputs[index] = score.outputs
            if score.remark:
                result.remarks.append(f"{name}: {score.remark}")
        result.outputs |= {i: out for i, out in student.outputs.items() if i not in tests}
    result.remarks = student.remarks + result.remarks  # the end of the process may add to them
    return result
