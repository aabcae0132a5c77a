"""JupyterHub for one class on one machine. ``start`` sets the three variables that are read here."""

import os
import sys
from pathlib import Path

from dlcourse.hub.folders import Folders

hub, course = Path(os.environ["DLCOURSE_HUB"]), Path(os.environ["DLCOURSE_COURSE"])
port, teacher = int(os.environ["DLCOURSE_PORT"]), os.environ["DLCOURSE_TEACHER"]
names = set(Folders(hub, course).people.read())

c = get_config()  # noqa: F821 (JupyterHub provides get_config)

# Only this machine can reach it. For others put a web server with TLS in front, on the same machine.
c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{port + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{port + 2}"
c.ConfigurableHTTPProxy.command = [str(Path(sys.executable).with_name("configurable-http-proxy"))]
c.ConfigurableHTTPProxy.pid_file = str(hub / "proxy.pid")

c.JupyterHub.authenticator_class = "dlcourse.hub.people.PasswordFile"
c.PasswordFile.file = str(hub / "people.json")
c.PasswordFile.allowed_users = names
c.PasswordFile.admin_users = {teacher}
c.PasswordFile.delete_invalid_users = True  # who was removed from people.json

c.JupyterHub.spawner_class = "dlcourse.hub.walls.Walled"
c.Walled.hub_folder = str(hub)
c.Walled.course_folder = str(course)
c.Walled.teacher = teacher
c.Walled.ip = "127.0.0.1"
c.Walled.default_url = "/lab"
c.Walled.start_timeout = 120
c.Walled.http_timeout = 120  # a busy machine imports JupyterLab slowly

c.JupyterHub.cookie_secret_file = str(hub / "cookie-secret")
c.JupyterHub.db_url = f"sqlite:///{hub / 'jupyterhub.sqlite'}"
c.JupyterHub.pid_file = str(hub / "jupyterhub.pid")
