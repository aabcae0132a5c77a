"""Python and the packages: present, within their ranges, as locked?"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from dlcourse.cli.checks import Check, Installed, installed_version, pip_install

PYTHONS = ((3, 11), (3, 13))


def check_python(version: tuple[int, int] = sys.version_info[:2], find=shutil.which) -> Iterator[Check]:
    low, high = PYTHONS
    name, wanted = ".".join(map(str, version)), f"{low[0]}.{low[1]} to {high[0]}.{high[1]}"
    if low <= version <= high:
        yield Check("ok", f"Python {name}")
        return
    fitting = [f"python3.{minor}" for minor in range(high[1], low[1] - 1, -1)]
    here = next((python for python in fitting if find(python)), None)
    python = here or "python3.12"
    where = "" if here else "; none is on this machine: install one, from python.org for example"
    if Path("Makefile").is_file():
        fix = f"rm -r .venv; make PYTHON={python} venv"
    else:
        fix = f"{python} -m venv .venv && .venv/bin/python -m pip install dlcourse"
    yield Check("mend", f"Python {name}: the course needs {wanted}{where}", fix)


def check_packages(
    requirements: list[str], extras: list[str], installed: Installed = installed_version
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
            and r.name != "dlcourse"
        ]
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
            fix = pip_install(*(f"{r.name}{r.specifier}" for r in unfit + missing))
            yield Check("mend", f"{name}: {'; '.join(wrong)}", fix)
        elif missing:
            names = ", ".join(r.name for r in missing)
            yield Check(
                "note", f"{name}: {names} not installed. If you need it:", pip_install(f"dlcourse[{extra}]")
            )
        elif needed:
            yield Check("ok", f"{name}: " + ", ".join(f"{r.name} {found[r.name]}" for r in needed))


def _names_extra(requirement, extra: str) -> bool:
    # A requirement of the core has no marker about extras and would hold for every one of them.
    return requirement.marker is not None and not requirement.marker.evaluate({"extra": ""})


def check_lock(
    text: str, name: str, strict: bool, installed: Installed = installed_version
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
    yield Check("mend" if strict else "note", f"lock: {shown}", pip_install("-r", name))
