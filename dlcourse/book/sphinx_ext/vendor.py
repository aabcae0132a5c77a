"""MathJax and Plotly out of installed wheels, so that no page asks another server for anything."""

import importlib.util
import shutil
from pathlib import Path

from sphinx.errors import ExtensionError

# What a page with formulas loads: the parts of the program that _config.yml names (MathJax's own bundle is
# half as large again, for a menu that is switched off), fonts, and TeX extensions that are fetched on demand.
MATHJAX = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
    "output/chtml/fonts/woff-v2/*.woff",
    "input/tex/extensions/*.js",
)


def _folder(module: str, package: str, inside: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ExtensionError(f"{package} is missing; install it with: pip install '{package}'")
    return Path(next(iter(spec.submodule_search_locations))) / inside


def copy_libraries(app) -> None:
    """Copy the files into ``_static/vendor`` of the built book, those that are not there yet."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "vendor")
    mathjax = _folder("mathjax", "django-static-mathjax==3.2.2.1", "static/mathjax/es5")
    for pattern in MATHJAX:
        found = sorted(mathjax.glob(pattern))
        if not found:
            raise ExtensionError(f"{mathjax} holds no {pattern}: another version of django-static-mathjax?")
        for path in found:
            _copy(path, target / "mathjax" / path.relative_to(mathjax))
    _copy(_folder("plotly", "plotly", "package_data") / "plotly.min.js", target / "plotly.min.js")


def _copy(source: Path, target: Path) -> None:
    if not target.exists() or target.stat().st_size != source.stat().st_size:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def setup(app) -> None:
    app.connect("builder-inited", copy_libraries)
