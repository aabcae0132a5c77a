"""Experiments: each is run somewhere or says why not; no page names one without running it."""

import pytest

from dlcourse.book.experiments import misplaced_experiments, read_experiments, without_cell
from dlcourse.book.places import chapter_files


def test_the_book_runs_every_experiment_or_gives_a_reason():
    assert misplaced_experiments(chapter_files()) == []


def test_there_are_forty_five_and_few_are_left_out():
    experiments = read_experiments()
    assert list(experiments) == [f"X{n:02}" for n in range(1, 46)]
    assert [e.id for e in experiments.values() if e.left_out] == ["X34"]


def test_an_announcement_without_a_cell_is_found():
    cell = "```{code-cell} ipython3\nprint(1)\n```\n"
    assert without_cell(f"# Page\n\n## One\n\nExperiment X05 shows it.\n\n{cell}") == []
    assert without_cell(f"# Page\n\n{cell}\n## One\n\nIn experiment X05 it was so.\n") == [
        "experiment X05 is announced in a section without a code cell"
    ]
    assert without_cell("# Page\n\n## One\n\nX05 elsewhere shows it.\n") == []


def test_unknown_and_missing_experiments_are_told(tmp_path):
    page = tmp_path / "book" / "page.md"
    page.parent.mkdir()
    page.write_text("# Page\n\nExperiment X99 and experiment X34.\n\n```{code-cell} ipython3\n1\n```\n")
    faults = misplaced_experiments([page], tmp_path)
    assert "book/page: experiment X99 is not in experiments.yml" in faults
    assert "X34 runs on book/page, but experiments.yml says that it is left out" in faults
    assert any(fault.startswith("X01 is announced on no page") for fault in faults)


@pytest.mark.parametrize("text", ["X1: {shows: a}", "X01: {says: a}", "X01: {shows: a, why: b}"])
def test_a_faulty_file_is_told(tmp_path, text):
    path = tmp_path / "experiments.yml"
    path.write_text(text)
    with pytest.raises(ValueError, match="should be 'X01' with 'shows'"):
        read_experiments(path)
