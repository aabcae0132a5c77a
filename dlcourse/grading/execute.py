"""From a clean notebook, a notebook version and a seed to a result. Runs only what is not known yet."""

from pathlib import Path

from dlcourse.grading.limits import Limits
from dlcourse.grading.sandbox import isolation
from dlcourse.grading.score import Scorer
from dlcourse.grading.store import Stored, run_key, test_key
from dlcourse.grading.student import Student
from dlcourse.grading.version import NotebookVersion


def execute(
    cells: list[tuple[str, str, str | None]],
    version: NotebookVersion,
    seed: int,
    limits: Limits,
    files: Path | None = None,
    unsafe: bool = False,
    known: Stored | None = None,
) -> Stored:
    """Run one submitted notebook. ``cells`` are (cell type, source, grade id) in the student's order, after
    intake: every test cell of ``version`` occurs exactly once. Scores of ``known`` that still hold are kept.
    """
    trusted = {cell.name: cell for cell in version.cells}
    tests = [i for i, (_, _, name) in enumerate(cells) if name in trusted and trusted[name].is_test]
    run = run_key(cells, version, limits, files, isolation()[0])
    keys = {cells[i][2]: test_key(trusted[cells[i][2]], version, seed) for i in tests}
    same = known is not None and known.run == run
    valid = {name for name, key in keys.items() if same and known.tests.get(name) == key}
    if same and valid == set(keys):
        return known
    sources = [
        source if kind == "code" and i not in tests else None for i, (kind, source, _) in enumerate(cells)
    ]
    result = Stored(run, tests=keys)
    student = Student(sources, tests, version.functions, limits, files, unsafe, version.preload)
    with student:
        scorer = Scorer(version, seed)
        for index in tests:
            name = cells[index][2]
            old = known.scores[name] if name in valid else None
            result.scores[name] = old or scorer.score(trusted[name], student.points[index])
    result.outputs = {i: out for i, out in student.outputs.items() if i not in tests}
    result.remarks = student.remarks  # after its end, which may add to them
    return result
