"""Plotly figures in the pages: MyST-NB does not know their MIME type.

The page carries the figure as JSON; ``book/_static/figures.js`` draws it with the local Plotly and gives
its slider a control that a keyboard and a screen reader can use.
"""

import html
import json

from docutils import nodes

PLOTLY = "application/vnd.plotly.v1+json"


class PlotlyFigure:
    """MyST-NB renderer plugin (entry point ``myst_nb.mime_renderers``)."""

    mime_priority_overrides = (("*", PLOTLY, 0),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if inline or data.mime_type != PLOTLY:
            return None
        alt = str((data.content.get("layout", {}).get("meta") or {}).get("alt", "")).strip()
        if not alt:
            renderer.logger.warning(
                "a Plotly figure has no text for those who cannot see it; give it one: "
                "figure.update_layout(meta={'alt': '...'})",
                subtype="alt",
            )
        return [nodes.raw("", figure_html(data.content, alt), format="html")]


def figure_html(figure: dict, alt: str) -> str:
    """The place of the figure, its data, and its text alternative (which shows when scripts are off)."""
    kept = {key: figure[key] for key in ("data", "layout", "frames") if key in figure}
    data = json.dumps(kept, separators=(",", ":"), sort_keys=True).replace("</", "<\\/")
    height = int(figure.get("layout", {}).get("height") or 380)
    text = html.escape(alt, quote=True)
    return (
        f'<div class="moving-figure"><div class="moving-figure-plot" role="img" aria-label="{text}" '
        f'style="min-height:{height}px"></div>'
        f"<noscript><p>{text}</p></noscript>"
        f'<script type="application/json">{data}</script></div>'
    )
