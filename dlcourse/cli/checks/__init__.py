"""The checks behind ``dlcourse doctor``. Each yields ``Check`` lines and mends nothing."""

import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Check:
    """``state``: "ok", "note" (works, but worth knowing) or "mend" (must be put right).

    ``fix`` is the command that mends it: for a shell, in the folder in which the doctor was called.
    """

    state: str
    text: str
    fix: str = ""


Installed = Callable[[str], str | None]


def installed_version(name: str) -> str | None:
    """The version of an installed distribution, ``None`` if there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def script(name: str) -> str:
    """A command of this very environment (``python``, ``jupyter``), as short as it can be typed here.

    A bare ``pip`` or ``jupyter`` may be that of another environment: a common reason for damage.
    """
    path = Path(sys.executable)
    path = path if name == "python" else path.with_name(name)
    if (found := shutil.which(path.name)) and Path(found).parent == path.parent:
        return path.name
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return shlex.quote(str(path))


def pip_install(*what: str) -> str:
    return " ".join([script("python"), "-m pip install", *(shlex.quote(w) for w in what)])
