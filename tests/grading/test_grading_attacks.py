"""Hostile submissions through the whole path, in one class. All: python -m dlcourse.grading attacks."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlcourse.grading.attacks import load_attacks
from dlcourse.grading.sandbox import sandbox_problem

ROOT = Path(__file__).parents[2]
ATTACKS = load_attacks(Path(__file__).parent / "attacks")
PROBLEM = sandbox_problem()


def test_there_are_enough_and_each_says_what_it_tries():
    assert len(ATTACKS) >= 60
    assert len({attack.what for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.skipif(PROBLEM is not None, reason=f"no sandbox here: {PROBLEM}")
def test_no_attack_succeeds():
    # A process of its own: its memory is measured, and orphans of any depth are seen.
    quick = [attack.name for attack in ATTACKS if not attack.slow]
    done = subprocess.run(
        [sys.executable, "-m", "dlcourse.grading", "attacks", *quick],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(quick)} attacks" in done.stdout
