"""What a student puts into the box, and what the instructor's side makes of it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dlcourse.grading.limits import MIB, Limits
from dlcourse.hub.exchange import STAMP, gather

NOW = datetime.now(UTC).strftime(STAMP)


@pytest.fixture
def places(tmp_path):
    box, inbound = tmp_path / "box", tmp_path / "inbound"
    box.mkdir()
    inbound.mkdir()
    return box, inbound


def hand_in(box: Path, name: str) -> Path:
    folder = box / name
    folder.mkdir()
    for file in ("ps1.ipynb", "timestamp.txt", "submission_secret.txt"):
        (folder / file).write_text(file)
    return folder


def collected(places, limits=None) -> list[Path]:
    return gather(*places, "ada", "ps1", limits or Limits())


def test_a_submission_is_copied_once_and_the_copy_stays_as_it_is(places):
    folder = hand_in(places[0], f"ada+ps1+{NOW}+xyz")
    (copy,) = collected(places)
    assert copy.name.startswith(f"ada+ps1+{NOW}+") and (copy / "timestamp.txt").read_text() == NOW
    (folder / "ps1.ipynb").write_text("changed after it was collected")
    assert collected(places) == []
    assert (copy / "ps1.ipynb").read_text() == "ps1.ipynb"
    assert [path.name for path in places[1].iterdir()] == [copy.name]


def test_nobody_hands_in_for_somebody_else_or_another_assignment(places):
    for name in (f"bob+ps1+{NOW}+x", f"ada+ps2+{NOW}+x", "ada+ps1", "notes"):
        hand_in(places[0], name)
    assert collected(places) == []


def test_links_and_pipes_bring_nothing_along(places, tmp_path):
    secret = tmp_path / "solutions"
    hand_in(tmp_path, "solutions")
    folder = hand_in(places[0], f"ada+ps1+{NOW}+x")
    (folder / "ps1.ipynb").unlink()
    (folder / "ps1.ipynb").symlink_to(secret / "ps1.ipynb")
    (folder / "more").symlink_to(secret)
    os.mkfifo(folder / "pipe")
    (places[0] / f"ada+ps1+{NOW}+y").symlink_to(secret)
    (copy,) = collected(places)
    assert sorted(p.name for p in copy.rglob("*")) == ["submission_secret.txt", "timestamp.txt"]


def test_a_time_long_before_the_last_change_is_not_believed(places):
    early = datetime.now(UTC) - timedelta(days=3)
    hand_in(places[0], f"ada+ps1+{early.strftime(STAMP)}+x")
    hand_in(places[0], "ada+ps1+yesterday+x")
    for copy in collected(places):
        said = datetime.strptime((copy / "timestamp.txt").read_text(), STAMP).replace(tzinfo=UTC)
        assert timedelta(0) <= datetime.now(UTC) - said < timedelta(minutes=10)
        assert copy.name.split("+")[2] == (copy / "timestamp.txt").read_text()


def test_large_files_are_left_out_and_a_folder_named_like_the_time_does_no_harm(places):
    folder = hand_in(places[0], f"ada+ps1+{NOW}+x")
    (folder / "data.bin").write_bytes(bytes(3 * MIB))
    (folder / "timestamp.txt").unlink()
    (folder / "timestamp.txt").mkdir()
    (folder / "timestamp.txt" / "inside").write_text("x")
    (copy,) = collected(places, Limits(notebook=MIB, files=MIB))
    assert not (copy / "data.bin").exists() and (copy / "timestamp.txt").read_text() == NOW


def test_what_is_being_handed_in_waits_for_the_next_time(places):
    folder = hand_in(places[0], f"ada+ps1+{NOW}+x")
    (folder / "submission_secret.txt").unlink()
    assert collected(places) == []
    (folder / "submission_secret.txt").write_text("secret")
    assert len(collected(places)) == 1
