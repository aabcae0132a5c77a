"""Which exercises are solved: the best share of the visible checks, in one small file of the user."""

import json
import os
import tempfile
from pathlib import Path


def progress_file() -> Path:
    """``progress.json`` in ``$DLCOURSE_DATA`` if set, else in the user's data directory."""
    import platformdirs  # only where progress is read or written

    folder = os.environ.get("DLCOURSE_DATA") or platformdirs.user_data_dir("dlcourse", appauthor=False)
    return Path(folder) / "progress.json"


def shares() -> dict[str, float]:
    """name -> best share so far, between 0 and 1. Raises ``ValueError`` if the file is damaged."""
    path = progress_file()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): min(1.0, max(0.0, float(share))) for name, share in found["best"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise ValueError(
            f"{path} is damaged, expected what `dlcourse check` writes; delete it to begin anew"
        ) from problem


def record(name: str, share: float) -> None:
    """Keep ``share`` if it is better than before. A reader sees the old file or the new one."""
    best = shares()
    if best.get(name, -1.0) >= share:
        return
    path = progress_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".progress-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps({"best": {**best, name: share}}, indent=1) + "\n")
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
