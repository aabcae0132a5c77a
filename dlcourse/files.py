"""Arrays on disk: ``.npz`` without pickle, written whole or not at all."""

import os
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np


def write_npz(path: str | Path, arrays: dict[str, np.ndarray]) -> None:
    """Write ``arrays`` to a temporary file beside ``path``, then rename it.

    Whoever reads ``path``, even after Ctrl-C or a power cut in the middle, finds the old file or the
    new one. Raises ``ValueError`` for an array that would need pickle.
    """
    path = Path(path)
    objects = [name for name, a in arrays.items() if np.asarray(a).dtype.hasobject]
    if objects:
        raise ValueError(f"{path.name}: {', '.join(objects)} hold Python objects, expected plain arrays")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_npz(path: str | Path) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz``. Raises ``FileNotFoundError``, or ``ValueError`` if it is damaged, no
    ``.npz`` at all, or needs pickle (which could run foreign code and is never allowed)."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (
        ValueError,
        OSError,
        EOFError,
        KeyError,
        AttributeError,
        TypeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ValueError(f"{path} is no whole .npz of plain arrays: {error}") from error
