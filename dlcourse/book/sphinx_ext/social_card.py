"""The picture that others show beside a link to the book: ``_static/social-card.png``, 1200 by 630."""

from pathlib import Path

import numpy as np

from dlcourse.book.sphinx_ext.page_head import CARD
from dlcourse.book.sphinx_ext.start_page import EDGE, START, digit_and_edges

PAPER, INK, MUTED = "#ffffff", "#1b1f24", "#57606a"
BLUE, VERMILION = "#0072B2", "#D55E00"


def draw(title: str, subtitle: str, target: Path) -> None:
    """The title over the start page's figure: a digit, the window, what comes out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    x, y = digit_and_edges()
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=PAPER)
    FigureCanvasAgg(figure)
    figure.text(0.06, 0.81, title, fontsize=46, weight="bold", color=INK)
    figure.text(0.06, 0.71, subtitle, fontsize=23, color=MUTED)
    reach = np.abs(y).max()
    edges = LinearSegmentedColormap.from_list("edges", [VERMILION, PAPER, BLUE])
    for left, image, colours, low, size in ((0.06, x, "gray_r", 0, 3), (0.64, y, edges, -reach, 1)):
        axes = figure.add_axes((left, 0.07, 0.30, 0.30 * 12 / 6.3))
        axes.imshow(image, cmap=colours, vmin=low, vmax=reach if low else 1)
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_color("#d0d7de")
        i, j = START
        frame = Rectangle((j - 0.5, i - 0.5), size, size, fill=False, edgecolor=VERMILION, linewidth=4)
        axes.add_patch(frame)
    kernel = "\n".join("  ".join(f"{weight:+.0f}" for weight in row) for row in EDGE).replace("+0", " 0")
    place = {"ha": "center", "va": "center", "linespacing": 1.6, "family": "monospace"}
    figure.text(0.5, 0.355, kernel.replace("-", "−"), fontsize=26, color=INK, **place)
    temporary = target.with_suffix(".new")
    figure.savefig(temporary, format="png")
    temporary.replace(target)


def write_card(app) -> None:
    if app.builder.format == "html":
        target = Path(app.outdir, CARD)
        target.parent.mkdir(parents=True, exist_ok=True)
        draw(app.config.html_title, "Deep learning, every sentence checked", target)


def setup(app) -> None:
    app.connect("builder-inited", write_card)
