"""pyproject.toml (ranges), requirements.lock (versions) and environment.yml (conda) agree."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"pytorch": "torch"}


def locked_versions() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def direct_requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    texts = project["dependencies"] + [
        text for name, group in extras.items() if name != "all" for text in group
    ]
    return [Requirement(text) for text in texts]


def conda_versions() -> dict[str, str]:
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    plain = [entry for entry in dependencies if isinstance(entry, str)]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    found = {}
    for text in plain:
        if "=" in text:
            name, version = text.split("=")
            found[canonicalize_name(CONDA_NAMES.get(name, name))] = version
    for text in pip:
        requirement = Requirement(text)
        found[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return found


@pytest.mark.parametrize("requirement", direct_requirements(), ids=str)
def test_the_lock_holds_a_version_inside_each_range(requirement):
    version = locked_versions()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version), f"{requirement} but the lock has {version}"


def test_conda_has_every_direct_requirement_at_the_locked_version():
    conda = conda_versions()
    python = conda.pop("python")
    wanted = {canonicalize_name(r.name) for r in direct_requirements()}
    assert conda == {name: locked_versions()[name] for name in wanted}
    assert re.fullmatch(r"3\.1[1-3]", python)


def test_torch_is_locked_without_a_local_version_or_hash():
    lock = (ROOT / "requirements.lock").read_text()
    assert "torch==2.13.0\n" in lock
    assert "--hash" not in lock
