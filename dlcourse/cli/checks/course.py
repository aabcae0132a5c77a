"""The folder of the course: does the installed package fit the notebooks, and can submissions be graded?"""

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import dlcourse
from dlcourse.cli.checks import Check, Installed, installed_version, pip_install

CONFIG = "from dlcourse.grading.settings import configure; configure(get_config())"


def check_source(
    folder: Path, installed: Installed = installed_version, requires: list[str] | None = None
) -> Iterator[Check]:
    """In a clone: is its own package the installed one, and installed as ``pyproject.toml`` now says?

    ``requires``: what the installation says that it needs, read from its metadata unless given.
    """
    import tomllib

    project = folder / "pyproject.toml"
    about = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {}) if project.is_file() else {}
    if about.get("name") != "dlcourse":
        return
    fix = pip_install("--no-deps", "-e", ".")
    used, here, version = Path(dlcourse.__file__).parent, folder / "dlcourse", installed("dlcourse")
    if used.resolve() != here.resolve():
        yield Check("mend", f"course: {used} is used, the book of this folder needs {here}", fix)
    elif version not in (None, about["version"]):
        told = f"course: the book here is {about['version']} and {version} is installed"
        yield Check("mend", told, fix)
    elif new := _new_requirements(about, metadata.requires("dlcourse") if requires is None else requires):
        told = f"course: installed before its pyproject.toml changed; new there: {', '.join(new)}"
        yield Check("mend", told, fix)
    else:
        yield Check("ok", f"course: dlcourse {about['version']} of this folder")


def _new_requirements(about: dict, installed: list[str] | None) -> list[str]:
    """Packages that ``pyproject.toml`` names and that the installation knows nothing of."""
    from packaging.requirements import Requirement

    groups = [about.get("dependencies", []), *about.get("optional-dependencies", {}).values()]
    wanted = {Requirement(text).name for group in groups for text in group}
    return sorted(wanted - {Requirement(text).name for text in installed or []} - {"dlcourse"})


def check_notebooks(folder: Path) -> Iterator[Check]:
    """Does the package know every exercise that the notebooks of ``folder`` ask it to check?"""
    from dlcourse.checks import names

    patterns = ("*.ipynb", "*/*.ipynb", "exercises/*/*.ipynb", "work/*/*.ipynb")
    files = [file for pattern in patterns for file in folder.glob(pattern)]
    unknown: dict[str, str] = {}
    asked = 0
    for file in sorted(set(files)):
        for name in _asked(file):
            asked += 1
            if name not in names():
                unknown.setdefault(name, file.relative_to(folder).as_posix())
    if unknown:
        name, file = next(iter(unknown.items()))
        version = installed_version("dlcourse")
        in_clone = (folder / "dlcourse").is_dir()
        yield Check(
            "mend",
            f"notebooks: {file} asks for the check {name!r}, which dlcourse {version} does not know"
            f"{f' ({len(unknown)} such checks)' if len(unknown) > 1 else ''}: the notebooks are newer than "
            "the package",
            pip_install("--no-deps", "-e", ".") if in_clone else pip_install("--upgrade", "dlcourse"),
        )
    elif asked:
        yield Check("ok", f"notebooks: all {asked} checks in {folder.name} are known")


def _asked(file: Path) -> list[str]:
    """The names in ``check("...")`` of a notebook; a file that is no notebook asks for nothing."""
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, OSError):
        return []
    return re.findall(r"^check\(\"(\w+)\"", "\n".join(code), re.MULTILINE)


def check_grading(folder: Path, installed: Installed = installed_version) -> Iterator[Check]:
    """Only where solutions or submissions lie: nbgrader's settings and the sandbox."""
    if not ((folder / "solutions").is_dir() or (folder / "submitted").is_dir()):
        return
    if installed("nbgrader") is None:
        yield Check("note", "grading: nbgrader is not installed. To grade:", pip_install("dlcourse[grade]"))
        return
    config = folder / "nbgrader_config.py"
    if config.is_file() and "dlcourse.grading" in config.read_text(encoding="utf-8"):
        yield Check("ok", f"grading: {config.name}")
    else:
        fault = "does not name the grader of the course" if config.exists() else "is missing"
        risk = "nbgrader would run submissions as they are, without a sandbox"
        yield Check("mend", f"grading: {config.name} {fault}: {risk}", f"echo '{CONFIG}' > {config.name}")
    from dlcourse.grading.protection import protections
    from dlcourse.grading.sandbox import isolation

    level, why = isolation()
    yield sandbox(level, why)
    for line in protections(level):
        yield Check("note" if level == "none" else "ok", f"in force: {line}")


def sandbox(level: str, why: str) -> Check:
    """``level`` and ``why`` as ``dlcourse.grading.sandbox.isolation`` returns them."""
    if level == "bubblewrap":
        return Check("ok", "sandbox: bubblewrap")
    why = why.replace(": pip install 'dlcourse[grade]'", "")
    fix = pip_install("dlcourse[grade]") if "not installed" in why else ""
    if level == "landlock":
        return Check("note", f"sandbox: {why}; landlock takes its place", fix)
    return Check("mend", f"sandbox: {why}; submissions cannot be graded safely here", fix)
