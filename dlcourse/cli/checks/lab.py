"""JupyterLab: its version, its extensions, those of its server, and the Python that its kernel starts."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from dlcourse.cli.checks import Check, Installed, installed_version, pip_install, script

# Extension: (what it is for, the package that brings it)
LAB_EXTENSIONS = {
    "jupyterlab-myst": ("shows the chapters' MyST markup", "jupyterlab-myst"),
    "jupyterlab-jupytext": ("opens text notebooks", "jupytext"),
    "@jupyter/nbgrader": ("fetches, validates and submits exercises", "nbgrader"),
}
SERVER_EXTENSIONS = (
    "jupyterlab_jupytext",
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
)


def check_lab(installed: Installed = installed_version) -> Iterator[Check]:
    version = installed("jupyterlab")
    if version is None:
        yield Check("note", "JupyterLab: not installed. To open the notebooks:", pip_install("dlcourse[lab]"))
        return
    if version.startswith("4.5."):
        yield Check("ok", f"JupyterLab {version}")
    else:
        fix = pip_install("jupyterlab>=4.5,<4.6", "notebook>=7.5,<7.6")
        yield Check("mend", f"JupyterLab {version}: the MyST extension works with 4.5.x only", fix)
    from jupyter_core.paths import jupyter_config_path, jupyter_path
    from jupyter_server.extension.config import ExtensionConfigManager
    from jupyterlab_server.config import get_federated_extensions, get_page_config

    folders = jupyter_path("labextensions")
    disabled = get_page_config(folders).get("disabledExtensions", [])
    yield from check_lab_extensions(get_federated_extensions(folders), disabled)
    servers = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
    yield from check_server_extensions(servers)
    yield from check_kernel()


def check_lab_extensions(found: dict, disabled: list[str]) -> Iterator[Check]:
    """``found``: JupyterLab's extensions by name; ``disabled``: names, or parts of them (``name:part``)."""
    for name, (purpose, package) in LAB_EXTENSIONS.items():
        off = [d for d in disabled if d.split(":")[0] == name]
        if name not in found:
            yield Check("mend", f"extension {name} ({purpose}) is missing", reinstall(package))
        elif off:
            enable = " && ".join(f"{script('jupyter')} labextension enable {level_of(d)}{d}" for d in off)
            yield Check("mend", f"extension {name} ({purpose}) is disabled", enable)
        else:
            yield Check("ok", f"extension {name} {found[name].get('version', '')}: {purpose}")


def level_of(extension: str) -> str:
    """``--level=user `` where a file of the user, and not of the environment, disables ``extension``."""
    from jupyterlab_server.config import get_static_page_config

    for level in ("user", "sys_prefix", "system"):
        if get_static_page_config(level=level).get("disabledExtensions", {}).get(extension):
            return f"--level={level} "
    return ""


def check_server_extensions(enabled: dict[str, bool]) -> Iterator[Check]:
    """``enabled``: what the server's configuration says of each extension."""
    wrong = [name for name in SERVER_EXTENSIONS if not enabled.get(name)]
    if not wrong:
        yield Check("ok", f"server extensions: {len(SERVER_EXTENSIONS)} enabled")
    for name in wrong:
        if name in enabled:
            fix = f"{script('jupyter')} server extension enable {server_level(name)} {name}"
            yield Check("mend", f"server extension {name} is off", fix)
        else:
            fix = reinstall("nbgrader" if name.startswith("nbgrader") else "jupytext")
            yield Check("mend", f"server extension {name} is not configured", fix)


def server_level(name: str) -> str:
    """Whose file switches the extension off: the user's, the environment's or the system's."""
    from jupyter_core.paths import jupyter_config_dir, jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager

    for folder in jupyter_config_path():
        if ExtensionConfigManager(read_config_path=[folder]).get_jpserver_extensions().get(name) is False:
            if folder == jupyter_config_dir():
                return "--user"
            return "--sys-prefix" if Path(folder).is_relative_to(sys.prefix) else "--system"
    return "--sys-prefix"


def reinstall(package: str) -> str:
    """The command that lays the files of an installed package anew, or installs it."""
    version = installed_version(package)
    if version is None:
        return pip_install("dlcourse[lab]")
    return pip_install("--force-reinstall", "--no-deps", f"{package}=={version}")


def check_kernel() -> Iterator[Check]:
    """Does the kernel ``python3``, in which every notebook of the course runs, start this Python?"""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        yield Check("mend", "kernel python3: there is none", pip_install("ipykernel"))
        return
    started, here = spec.argv[0], Path(sys.executable)
    # Jupyter puts its own Python in the place of a bare name.
    if re.fullmatch(r"python(3(\.\d+)?)?", started) or Path(started).parent == here.parent:
        yield Check("ok", "kernel python3 starts this Python")
    elif Path(spec.resource_dir).is_relative_to(sys.prefix):
        fix = f"{script('python')} -m ipykernel install --sys-prefix"
        yield Check("mend", f"kernel python3 starts another Python, {started}", fix)
    else:
        told = f"kernel python3 starts another Python, {started}: {spec.resource_dir} stands before ours"
        yield Check("mend", told, f"{script('jupyter')} kernelspec remove -f python3")
