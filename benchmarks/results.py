"""The file that the page reads: one entry a section, each with the machine it was measured on.

It lies in the package: pages and downloaded notebooks read what is installed, not what lies beside them.
"""

import json
import os
import tempfile
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "dlcourse" / "efficiency" / "benchmarks.json"


def read(path: Path = RESULTS) -> dict:
    """All sections measured so far. Raises ``ValueError`` if the file is no JSON object."""
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text("utf8"))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path} is no JSON ({error}): delete it, or take it out of version control"
        ) from None
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds a {type(found).__name__}, expected an object: delete it")
    return found


def write(sections: dict, path: Path = RESULTS) -> None:
    """Replace the file by a new one, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf8") as file:
            json.dump(rounded(sections), file, indent=1, sort_keys=True, ensure_ascii=False)
            file.write("\n")
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def rounded(value):
    """Four digits: more would be noise."""
    if isinstance(value, dict):
        return {str(key): rounded(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
