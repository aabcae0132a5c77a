"""``make`` alone tells what there is and how long it takes; a wrong Python gets a sentence at once."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*arguments):
    return subprocess.run(["make", "-C", ROOT, *arguments], capture_output=True, text=True)


def test_make_alone_lists_every_target_with_its_time():
    lines = make("--no-print-directory").stdout.splitlines()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    told = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert set(told) == set(phony.split())
    without = [name for name, line in told.items() if not re.search(r"\d (s|min)\b|at once|this list", line)]
    assert without == []


@pytest.fixture
def old_python(tmp_path):
    """Says that it is Python 3.10, and installs nothing."""
    path = tmp_path / "python3.10"
    patched = f'exec {sys.executable} -c "import sys; sys.version_info = (3, 10, 1)\n$2"'
    path.write_text(f'#!/bin/sh\n[ "$1" = -c ] || exit 0\n{patched}\n')
    path.chmod(0o755)
    return path


def test_a_wrong_python_is_refused(old_python, tmp_path):
    done = make("venv", f"PYTHON={old_python}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode == 2
    assert f'dlcourse needs Python 3.11, 3.12 or 3.13; "{old_python}" is Python 3.10.' in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_python_that_does_not_start_is_named(tmp_path):
    done = make("venv", "PYTHON=python3.99", f"VENV={tmp_path / 'venv'}")
    assert done.returncode == 2
    assert '"python3.99" does not start here. Name a Python 3.11, 3.12 or 3.13 that does' in done.stderr
