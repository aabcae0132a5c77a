"""What the chart has no values for: which parts of the class's volume each server mounts.

The hub loads this file from jupyterhub_config.d. ``custom.teacher`` and ``custom.claim`` are in values.yaml.
"""

from z2jh import get_config as value

teacher, claim = value("custom.teacher"), value("custom.claim")
EXCHANGE = "/exchange/dlcourse"


def mount(path, part=None, writable=False):
    found = {"name": "class", "mountPath": path, "readOnly": not writable}
    return found if part is None else found | {"subPath": part}


def mounts(name):
    """A server's mounts: the instructor's holds the whole volume, a student's a home and a box."""
    home = mount("/home/jovyan", f"home/{name}", writable=True)
    if name == teacher:
        return [home, mount("/srv/class", writable=True), mount("/srv/course", "course", writable=True)]
    return [
        home,
        mount("/srv/settings", "etc/student"),
        {"name": "exchange", "mountPath": "/exchange"},  # nbgrader wants to see a folder that it can write to
        mount(f"{EXCHANGE}/outbound", "exchange/dlcourse/outbound"),
        mount(f"{EXCHANGE}/feedback", f"exchange/dlcourse/boxes/{name}/feedback"),
        mount(f"{EXCHANGE}/inbound", f"exchange/dlcourse/boxes/{name}/inbound", writable=True),
    ]


def prepare(spawner):
    name = spawner.user.name
    spawner.volumes = [
        {"name": "class", "persistentVolumeClaim": {"claimName": claim}},
        {"name": "exchange", "emptyDir": {"sizeLimit": "1Mi"}},
    ]
    spawner.volume_mounts = mounts(name)
    folders = {
        "name": "folders",
        "image": spawner.image,
        "command": ["python", "-m", "dlcourse.hub.claim", name],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [{"name": "class", "mountPath": "/srv/class"}],
    }
    # The chart has put one there that blocks the cloud's metadata; a second start must not add ours twice.
    spawner.init_containers = [*(item for item in spawner.init_containers if item != folders), folders]
    if name == teacher:
        spawner.working_dir = spawner.notebook_dir = "/srv/course"
        spawner.environment["JUPYTER_CONFIG_PATH"] = "/srv/class/etc/teacher"
    else:
        spawner.environment["JUPYTER_CONFIG_PATH"] = "/srv/settings"


c = get_config()  # noqa: F821 (JupyterHub provides get_config)
c.KubeSpawner.pre_spawn_hook = prepare
