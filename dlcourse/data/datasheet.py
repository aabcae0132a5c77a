"""Where each data set comes from: one Markdown page a data set, packaged with the code."""

from importlib import resources

_PAGES = resources.files("dlcourse.data") / "datasheets"


def datasheets() -> list[str]:
    """Names of all data sets that have a data sheet."""
    return sorted(page.name.removesuffix(".md") for page in _PAGES.iterdir() if page.name.endswith(".md"))


def datasheet(name: str) -> str:
    """The data sheet of ``name`` as Markdown: origin, licence, size, hash, preparation, limits.

    Gebru et al. 2021 (Datasheets for Datasets). Raises ``ValueError`` for an unknown name.
    """
    if name not in datasheets():
        raise ValueError(f"datasheet: {name!r} is unknown, expected one of {', '.join(datasheets())}")
    return (_PAGES / f"{name}.md").read_text(encoding="utf-8")


def print_datasheet(name: str) -> None:
    """Print the data sheet of ``name``."""
    print(datasheet(name))
