"""Markdown as HTML that can do nothing: for feedback and Formgrader, which show what students wrote."""

import base64
import re
import secrets

import bleach
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from dlcourse.grading.formulas import mathml

TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr b blockquote br code dd del details div dl dt em hr i h1 h2 h3 h4 h5 h6 img kbd li ol p pre "
        "s span strong sub summary sup table tbody td th thead tr ul",
    )
)
PICTURES = ("image/png", "image/jpeg")
BESIDE = re.compile(
    r"[\w-][\w.-]*\.(png|jpe?g|gif)", re.IGNORECASE
)  # a picture that lies beside the notebook
ELSEWHERE = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
HIGHLIGHTED = re.compile(r"highlight|[a-z][a-z0-9]{0,2}")  # the classes that Pygments gives


class _Renderer(IPythonRenderer):
    """Puts a mark that nobody can guess where a formula or a pasted picture belongs."""

    def __init__(self, attachments: dict):
        super().__init__(escape=False, exclude_anchor_links=True)
        self.mark, self.kept = f"kept{secrets.token_hex(16)}x", []
        self.attachments = attachments

    def _keep(self, html: str) -> str:
        self.kept.append(html)
        return f"{self.mark}{len(self.kept) - 1}x"

    def block_math(self, body):
        return self._keep(mathml(body, display=True))

    def inline_math(self, body):
        return self._keep(mathml(body, display=False))

    def latex_environment(self, name, body):
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def image(self, text, url, title=None):
        if not url.startswith("attachment:"):
            return super().image(text, url, title)
        pasted = self.attachments.get(url.removeprefix("attachment:"), {})
        kind = next((kind for kind in PICTURES if kind in pasted), None)
        if kind is None:
            return "[picture]"
        return self._keep(f'<img alt="" src="data:{kind};base64,{pasted[kind]}">')

    def block_mermaidjs(self, code):
        return f"<pre>{self.escape_html(code)}</pre>"

    def whole(self, html: str) -> str:
        return re.sub(self.mark + r"(\d+)x", lambda found: self.kept[int(found[1])], html)


def pictures(attachments) -> dict[str, dict[str, str]]:
    """The PNG and JPEG pictures among the attachments of a cell that came from anywhere."""
    found: dict[str, dict[str, str]] = {}
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        for kind in PICTURES:
            data = kinds.get(kind) if isinstance(kinds, dict) else None
            try:
                if isinstance(data, str) and base64.b64decode(data := "".join(data.split()), validate=True):
                    found.setdefault(str(name), {})[kind] = data
            except ValueError:
                continue
    return found


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img" and name == "src":  # a picture from elsewhere would tell who opened the page, and when
        return BESIDE.fullmatch(value) is not None
    if name == "href":  # another file of the submission would run with the rights of the page
        return ELSEWHERE.match(value.strip()) is not None
    if name == "class":  # others would dress an answer up as a part of the page
        return HIGHLIGHTED.fullmatch(value) is not None
    return name in ("alt", "title")


def safe_html(source: str, attachments: dict | None = None) -> str:
    """``source`` as HTML without scripts, handlers, styles, frames, forms or pictures from elsewhere."""
    renderer = _Renderer(pictures(attachments))
    try:
        html = MarkdownWithMath(renderer=renderer).render(source)
        return renderer.whole(
            bleach.clean(html, tags=TAGS, attributes=_allowed, protocols={"http", "https", "mailto"})
        )
    except RecursionError:
        return f"<pre>{renderer.escape_html(source)}</pre>"


@pass_context
def markdown2html(context, source: str) -> str:
    """The filter of nbconvert's templates."""
    return safe_html(source, context.get("cell", {}).get("attachments"))
