"""exercises/ is what solutions/ gives, to the byte, and gives nothing away."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from dlcourse.exercises.__main__ import app
from dlcourse.exercises.leaks import leaks, secret_lines
from dlcourse.exercises.release import release
from dlcourse.exercises.source import SourceError, assignments, derive, read_source

ROOT = Path(__file__).parents[1]
SOLUTIONS = ROOT / "solutions"
NOTEBOOKS = [path for name in assignments(SOLUTIONS) for path in sorted((SOLUTIONS / name).glob("*.md"))]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    ignored = shutil.ignore_patterns("*.ipynb")
    shutil.copytree(SOLUTIONS / "convolution", root / "solutions" / "convolution", ignore=ignored)
    return root


def build(root: Path, *options: str):
    return CliRunner().invoke(app, ["build", "--root", str(root), *options])


@pytest.mark.parametrize("name", assignments(SOLUTIONS))
def test_exercises_are_what_the_solutions_give(name):
    files = release(SOLUTIONS, name)
    assert {f: (ROOT / "exercises" / name / f).read_bytes() for f in files} == files


def test_building_twice_changes_nothing_and_a_change_is_noticed(course):
    assert build(course).exit_code == 0
    released = course / "exercises" / "convolution" / "convolution.ipynb"
    first, when = released.read_bytes(), released.stat().st_mtime_ns
    assert "unchanged" in build(course).output
    assert (released.read_bytes(), released.stat().st_mtime_ns) == (first, when)
    assert not (course / "gradebook.db").exists()
    released.write_bytes(first.replace(b"E01 Cross", b"E01 cross"))
    checked = build(course, "--check")
    assert checked.exit_code == 1
    assert "convolution/convolution.ipynb is not what solutions/convolution gives" in str(checked.exception)
    released.with_name("old.ipynb").write_text("{}")
    assert "old.ipynb comes from no source" in str(build(course, "--check").exception)
    assert build(course).exit_code == 0 and released.read_bytes() == first
    assert not released.with_name("old.ipynb").exists()


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda p: p.stem)
def test_nothing_leaks(source):
    released = ROOT / "exercises" / source.parent.name / f"{source.stem}.ipynb"
    secrets = secret_lines(source)
    assert secrets
    assert leaks(secrets, released.read_bytes()) == []


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda p: p.stem)
def test_each_hint_stays_shut(source):
    # JupyterLab's MyST shows the text of a hint at once if no empty line stands before its <details>.
    text = source.read_text("utf8")
    shut = re.findall(r"(?<=\n\n)<details><summary>▸ Hint( \d)?: .+</summary>(?=\n\n)", text)
    assert len(shut) == text.count("<details>") > 0
    assert not re.search(
        r"<details>(?:(?!</details>)[^`$]|`[^`]*`)*\$", text
    )  # nor does it set formulas there


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda p: p.stem)
def test_each_way_to_leak_is_noticed(source):
    secrets = secret_lines(source)
    raw = nbformat.writes(read_source(source)).encode()
    found = " ".join(leaks(secrets, raw))
    assert "BEGIN SOLUTION" in found and "BEGIN HIDDEN TESTS" in found and "BEGIN MARK SCHEME" in found
    released = json.loads((ROOT / "exercises" / source.parent.name / f"{source.stem}.ipynb").read_bytes())
    bad = json.loads(json.dumps(released))
    bad["cells"][0]["source"] = [f"  {line}\n" for line in sorted(secrets)]
    found = leaks(secrets, json.dumps(bad, ensure_ascii=False).encode())
    assert [line for line in sorted(secrets) if not any(repr(line) in sentence for sentence in found)] == []
    code = next(cell for cell in released["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "4"}]
    assert "has outputs" in " ".join(leaks(secrets, json.dumps(released).encode()))


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda p: p.stem)
def test_points_are_split_forty_to_sixty(source):
    graded = [
        c.metadata.nbgrader for c in read_source(source).cells if c.metadata.get("nbgrader", {}).get("grade")
    ]
    points = {meta.grade_id: meta.points for meta in graded}
    exercises = {name.removesuffix("-test") for name in points if name.endswith("-test")}
    assert exercises
    for name in exercises:
        total = points[f"{name}-test"] + points[f"{name}-hidden"]
        assert points[f"{name}-test"] == pytest.approx(0.4 * total)


def test_cell_ids_depend_on_the_text_alone(tmp_path):
    first = derive(SOLUTIONS, "convolution", tmp_path / "a")[0].read_bytes()
    second = derive(SOLUTIONS, "convolution", tmp_path / "b")[0].read_bytes()
    assert first == second
    ids = [cell["id"] for cell in json.loads(first)["cells"]]
    assert len(set(ids)) == len(ids)


def test_bad_sources_are_named(tmp_path):
    with pytest.raises(SourceError, match=r"no assignment 'attention'.*there are: cnn, convolution, "):
        derive(SOLUTIONS, "attention", tmp_path)
    folder = tmp_path / "solutions" / "twice"
    folder.mkdir(parents=True)
    text = (
        (SOLUTIONS / "convolution/convolution.md")
        .read_text()
        .replace('"grade_id": "E02-test"', '"grade_id": "E01-test"')
    )
    (folder / "twice.md").write_text(text)
    with pytest.raises(SourceError, match="grade_id used more than once: E01-test"):
        derive(tmp_path / "solutions", "twice", tmp_path / "out")
