"""The grader matrix: every exercise against right and wrong solutions; the instructor's pages print it."""

import importlib.util
import json
import re
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from dlcourse.checks import exercise, names, titles
from dlcourse.exercises.graders import assignment_of, graded_points, mark, model_solution, solution_source
from dlcourse.exercises.mutants import known_survivors, mutated_exercises
from dlcourse.exercises.mutate import mutants
from dlcourse.exercises.source import SourceError

SEEDS = (None, 1, 22, 333, 4444, 55555)  # None: the public one
SEEDS_OF_WRONG = SEEDS[:3]
MOST = 0.95  # share of the points that a wrong solution may keep
FILE = Path("dlcourse", "exercises", "matrix.json")


def solutions(root: Path, name: str) -> ModuleType:
    """``CORRECT`` and ``WRONG`` of one exercise. Raises ``SourceError`` if nobody wrote them."""
    path = root / "tests" / "checks" / f"solutions_{name}.py"
    if not path.exists():
        raise SourceError(f"{path} does not exist: every exercise needs right and wrong solutions")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def correct_solutions(root: Path, name: str) -> list:
    """Those of the tests and the published one."""
    return [*solutions(root, name).CORRECT, model_solution(root / "solutions", name)]


def fault_of_correct(root: Path, name: str, function) -> str:
    """What the tests hold against a solution that is right; "" if it gets all marks with every seed."""
    for seed in SEEDS:
        found = mark(root / "solutions", name, function, seed)
        if (found.visible, found.hidden) != (1, 1):
            return f"seed {seed}: {found.said}"
    return ""


def fault_of_wrong(root: Path, name: str, function, sentence: str) -> str:
    """Does a wrong solution keep too many marks, or hear another sentence? "" if not, with every seed."""
    for seed in SEEDS_OF_WRONG:
        found = mark(root / "solutions", name, function, seed)
        if found.share >= MOST:
            return f"seed {seed}: it keeps {found.share:.0%} of the points"
        if sentence not in found.said:
            return f"seed {seed}: it hears {found.said!r}, expected {sentence!r}"
    return ""


def counted(root: Path, name: str) -> dict:
    """What can be counted without running anything."""
    module = solutions(root, name)
    found = {
        "number": titles()[name],
        "assignment": assignment_of(root / "solutions", name),
        "points": graded_points(root / "solutions", name),
        "correct": len(module.CORRECT) + 1,
        "wrong": len(module.WRONG),
        "misconceptions": len(exercise(name).misconceptions),
    }
    if name in mutated_exercises():
        kinds = [known.kind for (of, *_), known in known_survivors(root).items() if of == name]
        found["mutants"] = len(mutants(solution_source(root / "solutions", name)))
        found |= {kind: kinds.count(kind) for kind in ("same", "hole")}
    return found


def heard(root: Path, name: str) -> list[list]:
    """[wrong solution, what it hears with the public seed, share of the points that it keeps, where]."""
    rows = []
    for what, (function, _) in solutions(root, name).WRONG.items():
        found = mark(root / "solutions", name, function)
        said = re.sub(r" \(it is .*?, expected .*?\)(?=[:.])", "", found.said.removeprefix(f"{name}: "))
        rows.append([what, said, round(found.share, 2), "visible" if found.sentence else "hidden"])
    return rows


def matrix(root: Path, step=lambda name: None) -> tuple[dict, list[str]]:
    """Try everything: (what the pages print, sentences on what is unjust)."""
    result, faults = {}, []
    for name in names():
        tried = [(f.__name__, fault_of_correct(root, name, f)) for f in correct_solutions(root, name)]
        wrong = solutions(root, name).WRONG
        tried += [(what, fault_of_wrong(root, name, *pair)) for what, pair in wrong.items()]
        faults += [f"{name}, {what}: {fault}" for what, fault in tried if fault]
        result[name] = counted(root, name) | {"heard": heard(root, name)}
        step(name)
    return result, faults


def stored() -> dict:
    """name -> the row of the matrix that the command wrote."""
    return json.loads((files("dlcourse.exercises") / FILE.name).read_text("utf8"))
