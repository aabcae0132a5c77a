"""Item analysis, near-identical answers, late policy: small classes computed by hand."""

import pytest

from dlcourse.grading import cgroup
from dlcourse.grading.cgroup import own_groups
from dlcourse.grading.course import Row
from dlcourse.grading.items import items
from dlcourse.grading.late import LatePolicy
from dlcourse.grading.similar import similar

LOOP = """def mean(x):
    \"\"\"The mean.\"\"\"
    total, count = 0.0, 0
    for value in x:
        if value is None:
            continue
        total = total + value
        count += 1
    return total / count if count > 0 else float("nan")
"""


def test_difficulty_discrimination_and_mistakes():
    points = [(2, 4), (2, 4), (0, 1), (0, 3), (1, 3)]
    rows = [
        Row(f"s{i}", tests={"a": (a, 2.0), "b": (b, 4.0)}, sentences={"a": f"wrong by {i}"} if a == 0 else {})
        for i, (a, b) in enumerate(points)
    ]
    first, second = items([*rows, Row("x", failure="broken")])
    assert (first.name, first.points, first.difficulty) == ("a", 2.0, 0.5) and second.difficulty == 0.75
    assert first.discrimination == second.discrimination == 0.82  # Pearson of (2,2,0,0,1) and (4,4,1,3,3)
    assert first.mistakes == (("wrong by #", 2),)
    assert items(rows[:2])[0].discrimination is None


SHORT = """def mean(x):
    kept = [v for v in x if v is not None]
    return sum(kept) / len(kept)
"""


def test_renamed_answers_are_found_and_others_are_not():
    renamed = LOOP.replace("total", "s").replace("value", "v").replace("The mean", "Mine")
    assert similar({"a": LOOP, "b": renamed, "c": SHORT}) == [("a", "b", 1.0)]
    assert similar({"a": LOOP, "b": renamed}, stub=LOOP) == []
    assert similar({"a": SHORT, "b": SHORT}) == []  # so short that everyone writes it
    assert similar({"a": "def f(: broken", "b": "def f(: broken"}) == []


@pytest.mark.parametrize(
    ("seconds", "penalty"),
    [(0, 0), (900, 0), (901, 1), (900 + 86_400, 1), (900 + 86_401, 2), (8 * 86_400, 10)],
)
def test_late_policy(seconds, penalty):
    assert LatePolicy().late_submission_penalty("s", 10.0, seconds) == penalty


def test_own_groups_of_both_versions():
    old = "35 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
    new = "36 30 0:31 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"
    found = own_groups(f"{old}\n{new}", "4:memory:/a/b\n0::/user.slice")
    assert {k: str(v) for k, v in found.items()} == {
        "memory": "/sys/fs/cgroup/memory/a/b",
        "unified": "/sys/fs/cgroup/user.slice",
    }


def test_version_2_beside_our_group_or_below_it(tmp_path):
    """Two folders in place of the kernel's; on a real hierarchy it was run by hand."""
    own = tmp_path / "scope"
    own.mkdir()
    (tmp_path / "cgroup.procs").touch()
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids\n")
    assert cgroup._unified(own) == tmp_path, "a user session hands both down: beside"
    (tmp_path / "cgroup.subtree_control").write_text("cpu\n")
    assert cgroup._unified(own) == own
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (own / "dlcourse-grader" / "cgroup.procs").read_text().isdigit()
