"""The checks behind ``dlcourse doctor``. Each returns ``Check`` lines and changes nothing."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

PYTHONS = ((3, 11), (3, 13))
LAB_EXTENSIONS = {
    "jupyterlab-myst": "shows the chapters' MyST markup",
    "jupyterlab-jupytext": "opens text notebooks",
    "@jupyter/nbgrader": "fetches, validates and submits exercises",
}
SERVER_EXTENSIONS = (
    "jupyterlab_jupytext",
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
)
ENOUGH_MEMORY = 1.0  # GiB; the whole test suite stays below it


@dataclass(frozen=True)
class Check:
    """``state``: "ok", "note" (works, but worth knowing) or "mend" (must be put right)."""

    state: str
    text: str


def installed_version(name: str) -> str | None:
    """The version of an installed distribution, ``None`` if there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Iterator[Check]:
    low, high = PYTHONS
    name, wanted = ".".join(map(str, version)), f"{low[0]}.{low[1]} to {high[0]}.{high[1]}"
    if low <= version <= high:
        yield Check("ok", f"Python {name}")
    else:
        yield Check(
            "mend", f"Python {name}: the course needs {wanted}; make a new environment with one of them"
        )


def check_packages(
    requirements: list[str], extras: list[str], installed: Callable = installed_version
) -> Iterator[Check]:
    """One line for the core and for each extra: all present and within their ranges?"""
    from packaging.requirements import Requirement

    parsed = [Requirement(text) for text in requirements]
    for extra in ["", *extras]:
        needed = [
            r
            for r in parsed
            if (r.marker is None or r.marker.evaluate({"extra": extra}))
            and (not extra or _names_extra(r, extra))
        ]
        needed = [r for r in needed if r.name != "dlcourse"]
        found = {r.name: installed(r.name) for r in needed}
        missing = [r for r in needed if found[r.name] is None]
        unfit = [
            r for r in needed if found[r.name] and not r.specifier.contains(found[r.name], prereleases=True)
        ]
        name = extra or "core"
        if unfit or (missing and not extra):
            wrong = [
                f"{r.name} {found[r.name] or 'missing'}, expected {r.specifier or 'any'}"
                for r in unfit + missing
            ]
            fix = " ".join(f"'{r.name}{r.specifier}'" for r in unfit + missing)
            yield Check("mend", f"{name}: {'; '.join(wrong)}. pip install {fix}")
        elif missing:
            names = ", ".join(r.name for r in missing)
            yield Check(
                "note", f"{name}: {names} not installed. If you need it: pip install 'dlcourse[{extra}]'"
            )
        elif needed:
            yield Check("ok", f"{name}: " + ", ".join(f"{r.name} {found[r.name]}" for r in needed))


def _names_extra(requirement, extra: str) -> bool:
    # A requirement of the core has no marker about extras and would hold for every one of them.
    return requirement.marker is not None and not requirement.marker.evaluate({"extra": ""})


def check_lock(
    text: str, name: str, strict: bool, installed: Callable = installed_version
) -> Iterator[Check]:
    """Does what is installed agree with a lock file of ``name==version`` lines?

    Without ``strict`` a difference is a note: learners install ranges, graders and CI the lock.
    """
    from packaging.requirements import Requirement

    locked = {}
    for line in text.splitlines():
        line = line.split(" #")[0].split(" --hash")[0].rstrip("\\ ").strip()
        if "==" in line and not line.startswith(("#", "-")):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate():
                locked[requirement.name] = next(iter(requirement.specifier)).version
    differ = []
    for package, version in locked.items():
        found = installed(package)
        if found is None:
            differ.append(f"{package} missing, locked {version}")
        elif found.split("+")[0] != version.split("+")[0]:  # 2.13.0+cpu is a build of 2.13.0
            differ.append(f"{package} {found}, locked {version}")
    if not differ:
        yield Check("ok", f"lock: all {len(locked)} packages as in {name}")
        return
    shown = "; ".join(differ[:5]) + (f"; and {len(differ) - 5} more" if len(differ) > 5 else "")
    yield Check("mend" if strict else "note", f"lock: {shown}. pip install -r {name}")


def check_torch(installed: Callable = installed_version) -> Iterator[Check]:
    if installed("torch") is None:
        yield Check("note", "torch device: none, numpy_nn works without torch")
        return
    import torch

    from dlcourse.torch_nn.device import pick_device

    device = pick_device("auto")
    name = f" ({torch.cuda.get_device_name()})" if device.type == "cuda" else ""
    yield Check("ok", f"torch device: {device.type}{name}; threads on the CPU: {torch.get_num_threads()}")


def check_lab(installed: Callable = installed_version) -> Iterator[Check]:
    version = installed("jupyterlab")
    if version is None:
        yield Check("note", "JupyterLab: not installed. To open the notebooks: pip install 'dlcourse[lab]'")
        return
    if not version.startswith("4.5."):
        yield Check(
            "mend",
            f"JupyterLab {version}: the MyST extension works with 4.5.x only. "
            "pip install 'jupyterlab>=4.5,<4.6' 'notebook>=7.5,<7.6'",
        )
    else:
        yield Check("ok", f"JupyterLab {version}")
    from jupyter_core.paths import jupyter_config_path, jupyter_path
    from jupyter_server.extension.config import ExtensionConfigManager
    from jupyterlab_server.config import get_federated_extensions, get_page_config

    folders = jupyter_path("labextensions")
    disabled = get_page_config(folders).get("disabledExtensions", [])
    yield from check_lab_extensions(get_federated_extensions(folders), disabled)
    servers = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
    yield from check_server_extensions(servers)


def check_lab_extensions(found: dict, disabled: list[str]) -> Iterator[Check]:
    """``found``: JupyterLab's extensions by name; ``disabled``: names, or parts of them (``name:part``)."""
    off = {name.split(":")[0] for name in disabled}
    for name, purpose in LAB_EXTENSIONS.items():
        if name not in found:
            yield Check("mend", f"extension {name} ({purpose}) is missing. pip install 'dlcourse[lab]'")
        elif name in off:
            yield Check(
                "mend", f"extension {name} ({purpose}) is disabled. jupyter labextension enable {name}"
            )
        else:
            yield Check("ok", f"extension {name} {found[name].get('version', '')}: {purpose}")


def check_server_extensions(enabled: dict[str, bool]) -> Iterator[Check]:
    off = [name for name in SERVER_EXTENSIONS if not enabled.get(name)]
    if not off:
        yield Check("ok", f"server extensions: {len(SERVER_EXTENSIONS)} enabled")
    for name in off:
        yield Check(
            "mend", f"server extension {name} is off. jupyter server extension enable {name} --sys-prefix"
        )


def check_memory(available: float | None = None) -> Iterator[Check]:
    """``available``: free bytes, read from the system unless given."""
    if available is None:
        import psutil

        available = psutil.virtual_memory().available
    free = available / 2**30
    if free < ENOUGH_MEMORY:
        yield Check(
            "mend", f"memory: {free:.1f} GiB free, expected {ENOUGH_MEMORY} GiB; close other programs"
        )
    else:
        yield Check("ok", f"memory: {free:.1f} GiB free")
