"""What the servers of a class mount on Kubernetes: the hook of the hub, and the volume."""

import os
import runpy
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import yaml

from dlcourse.hub.claim import claim

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"


@pytest.fixture
def hook(monkeypatch):
    values = yaml.safe_load((FOLDER / "values.yaml").read_text())
    z2jh = ModuleType("z2jh")
    z2jh.get_config = lambda key: values[key.split(".")[0]][key.split(".")[1]]
    monkeypatch.setitem(sys.modules, "z2jh", z2jh)
    c = SimpleNamespace(KubeSpawner=SimpleNamespace())
    runpy.run_path(str(FOLDER / "class_config.py"), {"get_config": lambda: c})
    return c.KubeSpawner.pre_spawn_hook


def started(hook, name: str) -> SimpleNamespace:
    block = {"name": "block-cloud-metadata"}
    spawner = SimpleNamespace(
        user=SimpleNamespace(name=name), image="course:1", environment={}, init_containers=[block]
    )
    hook(spawner)
    hook(spawner)  # the server is started a second time
    assert [item["name"] for item in spawner.init_containers] == ["block-cloud-metadata", "folders"]
    return spawner


def test_a_student_mounts_a_home_and_a_box(hook):
    mounts = started(hook, "ada").volume_mounts
    parts = [item for item in mounts if item["name"] == "class"]
    assert {item["subPath"]: item["readOnly"] for item in parts} == {
        "home/ada": False,
        "etc/student": True,
        "exchange/dlcourse/outbound": True,
        "exchange/dlcourse/boxes/ada/feedback": True,
        "exchange/dlcourse/boxes/ada/inbound": False,
    }


def test_the_instructor_mounts_the_volume_and_works_in_the_course(hook):
    spawner = started(hook, "teacher")
    assert {"name": "class", "mountPath": "/srv/class", "readOnly": False} in spawner.volume_mounts
    assert spawner.working_dir == spawner.notebook_dir == "/srv/course"


def test_every_part_that_is_mounted_exists_in_the_volume(hook, tmp_path):
    for name in ("ada", "teacher"):
        claim(tmp_path, name, os.getuid())
        parts = [item.get("subPath", "") for item in started(hook, name).volume_mounts]
        assert all((tmp_path / part).is_dir() for part in parts)
    settings = started(hook, "teacher").environment["JUPYTER_CONFIG_PATH"].removeprefix("/srv/class/")
    assert (tmp_path / settings / "nbgrader_config.py").is_file()
    with pytest.raises(ValueError, match="cannot be the name of a folder"):
        claim(tmp_path, "../ada", os.getuid())
