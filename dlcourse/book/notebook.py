"""What a chapter imports: figures for the book, and numbers that its prose may quote."""

import re

# Okabe & Ito (2008): eight colours that colour-blind readers can tell apart.
BLUE, VERMILION, GREEN, PINK, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
COLOURS = [BLUE, VERMILION, GREEN, PINK, ORANGE, SKY]
LINE_STYLES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1))]


def use_book_style() -> None:
    """Figures as SVG that come out the same every time, on a transparent ground, in safe colours.

    Lines differ in style as well as in colour. The book's style sheet inverts the figures for a dark
    page, which is why no figure may paint its own ground.
    """
    import matplotlib
    from cycler import cycler
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("svg", facecolor="none", edgecolor="none")
    matplotlib.rcParams.update(
        {
            "svg.hashsalt": "dlcourse",
            "figure.figsize": (6.4, 3.2),
            "figure.constrained_layout.use": True,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=LINE_STYLES),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#b0b0b0",
            "grid.alpha": 0.4,
            "font.size": 11,
            "legend.frameon": False,
            "image.cmap": "gray_r",
        }
    )


def mark_signs(axes, values, size: float = 7) -> None:
    """Write + and − on the cells of a map whose size is at least a third of the largest.

    A colour map with two colours tells the sign by the colour alone; this says it once more.
    """
    import numpy as np

    share = np.asarray(values) / np.abs(values).max()
    for row, column in zip(*np.nonzero(np.abs(share) >= 1 / 3), strict=True):
        here = share[row, column]
        ink = "white" if abs(here) > 0.6 else "black"
        axes.text(column, row, "+" if here > 0 else "−", ha="center", va="center", fontsize=size, color=ink)


def quote(**numbers) -> None:
    """Hand numbers to the prose of this page: ``quote(weights=f"{n:,}")``, then {glue:text}`weights`.

    A value that is no string is quoted as ``str`` gives it. In JupyterLab nothing is shown.
    """
    from IPython.display import display

    for name, value in numbers.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ValueError(f"quote: the name {name!r} should be lower case letters, digits and _")
        # The format of MyST-NB's glue(display=False), which would make every learner install Sphinx.
        display(
            {"application/papermill.record/text/plain": repr(str(value))},
            metadata={"scrapbook": {"name": name, "mime_prefix": "application/papermill.record/"}},
            raw=True,
        )
