"""The start page: ``{sliding-kernel}`` is its moving figure, ``{course-size}`` says how long the course is.

The figure is computed by the course's own ``conv2d`` when the book is built. Without scripts, on paper and
for readers who asked their system for less motion it stands still; ``sliding-kernel.js`` moves the window.
"""

import base64
import io
import json
import re
from functools import cache

import numpy as np
from docutils import nodes
from PIL import Image
from sphinx.util.docutils import SphinxDirective, SphinxRole

from dlcourse.book.places import ROOT, chapter_files

INK, POSITIVE, NEGATIVE = (0, 0, 0), (0, 114, 178), (213, 94, 0)
EDGE = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]], np.float32)  # left minus right
START = (9, 16)  # where the window stands when nothing moves: on the rim of a stroke


@cache
def digit_and_edges() -> tuple[np.ndarray, np.ndarray]:
    """A handwritten digit (28, 28) and its correlation with ``EDGE`` (26, 26)."""
    from dlcourse.data import load_mnist
    from dlcourse.numpy_nn.conv import conv2d

    x = load_mnist().train.x[1, 0]
    return x, conv2d(x[None, None], EDGE[None, None])[0, 0]


def transparent(values: np.ndarray, positive=INK, negative=INK) -> Image.Image:
    """Strength as opacity, sign as colour: works on a light and on a dark ground."""
    strength = np.abs(values) / np.abs(values).max()
    colour = np.where((values > 0)[..., None], positive, negative)
    pixels = np.concatenate([colour, np.round(255 * strength[..., None])], axis=-1)
    return Image.fromarray(pixels.astype(np.uint8), "RGBA")


def figure_html() -> str:
    x, y = digit_and_edges()
    i, j = START
    window = zip(x[i : i + 3, j : j + 3].flat, EDGE.flat, strict=True)
    terms = [f"<span>{pixel:.1f}<small>× {weight:.0f}</small></span>" for pixel, weight in window]
    data = {"x": x.round(2).tolist(), "w": EDGE.tolist(), "y": y.round(2).tolist(), "start": START}
    return (
        '<div class="sliding-kernel"><div class="sliding-kernel-stage">'
        + _image(transparent(x), 3, "A handwritten digit of 28 by 28 pixels, and on it a window of 3 by 3.")
        + '<div class="sliding-kernel-sum" aria-hidden="true">'
        + f"<div>{''.join(terms)}</div><output>sum {y[i, j]:.1f}</output></div>".replace("-", "−")
        + _image(
            transparent(y, POSITIVE, NEGATIVE),
            1,
            "The output, 26 by 26 numbers: left rims of the strokes in one colour, right rims in another.",
        )
        + f'</div><script type="application/json">{json.dumps(data, separators=(",", ":"))}</script></div>'
    )


def _image(image: Image.Image, window: int, alt: str) -> str:
    """An image and, over it, the frame around ``window`` × ``window`` of its pixels."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    address = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    kind = "ink" if window > 1 else "edges"
    return (
        f'<div class="sliding-kernel-image"><img class="{kind}" width="{image.width}" '
        f'height="{image.height}" src="{address}" alt="{alt}"><i data-size="{window}"></i></div>'
    )


class SlidingKernel(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", figure_html(), format="html")]


def course_size() -> dict[str, int]:
    """Pages with a reading time, hours to read them, exercises; counted in the sources."""
    times = (re.search(r"\*\*Time:\*\* (\d+)", page.read_text("utf8")) for page in chapter_files())
    minutes = [int(time[1]) for time in times if time]
    exercises = set()
    for path in (ROOT / "solutions").glob("*/*.md"):
        exercises.update(re.findall(r"^## (E\d\d) ", path.read_text("utf8"), re.M))
    return {"pages": len(minutes), "hours": round(sum(minutes) / 60), "exercises": len(exercises)}


class CourseSize(SphinxRole):
    """``{course-size}`pages```: a count as text."""

    def run(self):
        size = course_size()
        if self.text not in size:
            told = self.inliner.reporter.error(f"course-size: {self.text!r} is none of {', '.join(size)}")
            return [], [told]
        return [nodes.Text(str(size[self.text]))], []


def setup(app) -> None:
    app.add_directive("sliding-kernel", SlidingKernel)
    app.add_role("course-size", CourseSize())
