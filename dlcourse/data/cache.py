"""Small files that make the second load of a data set fast, in the user's cache directory."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs

from dlcourse.files import read_npz, write_npz


def cache_dir() -> Path:
    """``$DLCOURSE_CACHE`` if set, else the directory that the operating system has for caches."""
    return Path(os.environ.get("DLCOURSE_CACHE") or platformdirs.user_cache_dir("dlcourse", appauthor=False))


def sha256(arrays: dict[str, np.ndarray]) -> str:
    """Hash of names, dtypes, shapes and contents: the same data give the same hash on every machine."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        a = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {a.dtype.str} {a.shape};".encode())
        digest.update(a.tobytes())
    return digest.hexdigest()


def cached(name: str, expected: str, build: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays of data set ``name``: from its cache file if that is whole, else from ``build()``.

    ``expected`` is the ``sha256`` of the data sheet. A cache file that does not match it is rebuilt;
    a source that does not match it raises ``ValueError``, since every figure of the course depends on it.
    """
    path = cache_dir() / f"{name}-{expected[:12]}.npz"
    try:
        arrays = read_npz(path)
        if sha256(arrays) == expected:
            return arrays
    except (FileNotFoundError, ValueError):
        pass  # absent or damaged: built again below
    arrays = build()
    if sha256(arrays) != expected:
        raise ValueError(
            f"{name}: the installed source holds other data than this course was written with "
            f"(sha256 {sha256(arrays)[:12]}, expected {expected[:12]}); install the versions of "
            "requirements.lock"
        )
    # No room or no right to write: the data are here all the same, only slower next time.
    with contextlib.suppress(OSError):
        write_npz(path, arrays)
    return arrays
