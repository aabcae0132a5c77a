"""Speed of grading against stock nbgrader, on the same submissions: ``python -m benchmarks.grading``.

An assignment of two notebooks (NumPy; PyTorch with an optimizer); its tests are plain asserts, which both can
run. CPU seconds are those of the grader with everything that it started. Ours: sandbox on; without feedback
pages, since `nbgrader autograde` writes none either.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import jupytext
import nbformat
import typer
from nbformat import v4

from dlcourse.grading.cgroup import own_groups
from dlcourse.grading.results import read_results, write_results
from dlcourse.grading.scratch import prefix

NUMPY = (
    """def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)""",
    "import numpy as np",
    """x = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]])
assert np.allclose(softmax(x).sum(-1), 1)
assert np.allclose(softmax(x)[1], 1 / 3)""",
)
TORCH = (
    """def fit(x, y, steps):
    torch.manual_seed(0)
    x, y = torch.as_tensor(x).float(), torch.as_tensor(y).float()
    model = torch.nn.Linear(x.shape[1], 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((model(x)[:, 0] - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    return loss.item()""",
    "import numpy as np\nimport torch",
    """rng = np.random.default_rng(0)
x = rng.standard_normal((64, 3))
assert fit(x, x @ [1.0, 2.0, 3.0], 150) < 0.5""",
)


def _cell(source: str, name: str, **flags):
    meta = {
        "grade": False,
        "locked": False,
        "solution": False,
        "task": False,
        "schema_version": 3,
        "grade_id": name,
    }
    return v4.new_code_cell(source, id=name, metadata={"nbgrader": meta | flags})


def _notebook(answer: str, setup: str, test: str):
    name = answer[4 : answer.index("(")]
    head, _, body = answer.partition("\n")
    solved = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
    cells = [
        _cell(setup, f"setup-{name}", locked=True),
        _cell(solved, name, solution=True),
        _cell(test, f"test-{name}", grade=True, locked=True, points=1),
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def make_course(root: Path, count: int) -> None:
    """Sources, and ``count`` correct submissions."""
    source = root / "solutions" / "ps1"
    source.mkdir(parents=True)
    for name, parts in (("numpy_part", NUMPY), ("torch_part", TORCH)):
        notebook = _notebook(*parts)
        jupytext.write(notebook, source / f"{name}.md", fmt="md:myst")
        nbformat.write(notebook, source / f"{name}.ipynb")
        notebook.cells[1].source = parts[0]
        for number in range(count):
            folder = root / "submitted" / f"s{number:03}" / "ps1"
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, folder / f"{name}.ipynb")


STOCK = """
import sys
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config
config = Config()
config.CourseDirectory.root = sys.argv[1]
config.CourseDirectory.db_url = f"sqlite:///{sys.argv[1]}/gradebook.db"
config.CourseDirectory.source_directory = "solutions"
api = NbGraderAPI(config=config)
assert api.generate_assignment("ps1")["success"]
result = api.autograde("ps1", "*")
assert result["success"], result["log"]
"""
OURS = """
import sys
from pathlib import Path
from dlcourse.grading.batch import run
from dlcourse.grading.course import Course
if sys.argv[3] == "without feedback":
    Course.feedback = lambda self, assignment, student: ""
rows = run(Course(Path(sys.argv[1])), "ps1", jobs=int(sys.argv[2]))
assert all(row.score == 2 for row in rows), [(row.score, row.failure, row.sentences) for row in rows][:3]
"""


def _scripts_first() -> dict[str, str]:
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def _used(group: Path) -> float:
    """CPU seconds of a control group so far."""
    if (group / "cpuacct.usage").exists():
        return int((group / "cpuacct.usage").read_text()) / 1e9
    return int((group / "cpu.stat").read_text().split()[1]) / 1e6


def measure(code: str, *arguments: str) -> dict[str, float]:
    """Wall and CPU seconds of Python running ``code``, all descendants included (in a control group)."""
    own = own_groups(Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text())
    group = (own.get("cpuacct") or own["unified"]) / f"dlcourse-benchmark-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as problem:
        raise SystemExit(
            f"A control group counts the CPU time of all processes; none can be made here ({problem}). "
            "Run this as root, or begin with: systemd-run --user --scope -p Delegate=yes"
        ) from problem
    # With version 2 submissions get groups beside this one: the group above counts both.
    counter = group if (group / "cpuacct.usage").exists() else group.parent
    try:
        begun, before = time.monotonic(), _used(counter)
        join = f"import os; open({str(group / 'cgroup.procs')!r}, 'w').write(str(os.getpid()))\n"
        subprocess.run([sys.executable, "-c", join + code, *arguments], check=True, env=_scripts_first())
        wall = time.monotonic() - begun
        cpu = _used(counter) - before
    finally:
        group.rmdir()
    return {"wall": round(wall, 1), "cpu": round(cpu, 1)}


def main(
    count: Annotated[int, typer.Option(help="submissions graded by both; 0: none")] = 20,
    many: Annotated[
        int, typer.Option(help="submissions for the comparison of one job and two; 0: none")
    ] = 100,
    sizes: Annotated[str, typer.Option(help="batches, the CPU time of which is compared; empty: none")] = (
        "10,20,50,100"
    ),
    write: Annotated[
        bool, typer.Option("--write", help="write the results to the instructor's page")
    ] = False,
) -> None:
    """Compare with stock nbgrader, batches of several sizes, and two jobs with one."""
    runs = {
        "stock": (count, STOCK, ()),
        "ours": (count, OURS, ("1", "without feedback")),
        "one job": (many, OURS, ("1", "with feedback")),
        "two jobs": (many, OURS, ("2", "with feedback")),
    }
    batches = [int(size) for size in sizes.split(",") if size]
    runs |= {f"batch of {size}": (size, OURS, ("1", "without feedback")) for size in batches}
    known = read_results(Path(__file__).parents[1]).get("speed", {})
    result: dict = {"load": round(os.getloadavg()[0], 1)}
    for name, (number, code, arguments) in runs.items():
        if number:
            with tempfile.TemporaryDirectory(prefix=prefix("speed")) as folder:
                make_course(Path(folder), number)
                result[name] = measure(code, folder, *arguments)
            print(f"{name}: {number} submissions, {result[name]}", flush=True)
    if count:
        result |= {"count": count, "ratio": round(result["stock"]["cpu"] / result["ours"]["cpu"], 1)}
        print(f"CPU: {result['ratio']} times less than stock nbgrader")
    if batches:
        each = {str(size): round(result.pop(f"batch of {size}")["cpu"] / size, 2) for size in batches}
        result["batches"] = each
        print("CPU seconds a submission:", ", ".join(f"{each[size]} in a batch of {size}" for size in each))
    if many:
        result["many"] = many
        result["jobs"] = round(result["one job"]["wall"] / result["two jobs"]["wall"], 2)
        print(f"Two jobs: {result['jobs']} times the rate of one")
    if write:
        write_results(Path(__file__).parents[1], "speed", known | result)


if __name__ == "__main__":
    typer.run(main)
