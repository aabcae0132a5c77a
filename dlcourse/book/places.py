"""Where the book lies, and the environment in which its cells run."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "_build"
HTML = BUILD / "html"
CACHE = BUILD / ".jupyter_cache"
DOCTREES = BUILD / ".doctrees"
EXECUTED = BUILD / "jupyter_execute"

# What makes two runs of a cell print the same, and one kernel use one core.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "1767225600",  # 1 January 2026: the date inside SVG files
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


class BookError(Exception):
    """A sentence for the person at the keyboard; the command prints it and exits with 1."""


def prepare_environment() -> None:
    """Set the variables above for this process and the kernels it starts; check that the book is here."""
    if not (ROOT / "_config.yml").exists():
        raise BookError(
            f"the book's sources are not in {ROOT}: dlcourse was installed without them. "
            "Clone the repository and install it with: pip install -e '.[all]'"
        )
    os.environ.update(ENVIRONMENT, DLCOURSE_DATA=str(BUILD / "data"))  # not the reader's own progress


def chapter_files() -> list[Path]:
    """The pages that ``_toc.yml`` lists, in reading order."""
    import yaml

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    names = [toc["root"]]

    def collect(entries: list) -> None:
        for entry in entries:
            if "file" in entry:
                names.append(entry["file"])
            collect(entry.get("sections", []) + entry.get("chapters", []))

    collect(toc.get("parts", []) + toc.get("chapters", []))
    missing = [name for name in names if not (ROOT / f"{name}.md").exists()]
    if missing:
        raise BookError(f"_toc.yml lists pages that do not exist: {', '.join(missing)}")
    return [ROOT / f"{name}.md" for name in names]
