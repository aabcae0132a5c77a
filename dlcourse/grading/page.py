"""nbgrader's pages of a submission (feedback, Formgrader's): they ask no other server for anything.

Formulas come as MathML (see ``safe_html``), so that MathJax and the address it is loaded from are left out.
"""

from jinja2 import BytecodeCache, DictLoader
from nbconvert.exporters import HTMLExporter
from traitlets import default

# Tables as the exercises have them, and hints that bring a triangle of their own.
STYLE = (
    "<style>.rendered_html :is(td, th) {padding: 2px 14px 2px 0; text-align: left} "
    ".rendered_html table {margin-bottom: 12px} summary {list-style: none; cursor: pointer}</style>"
)
NO_MATHJAX = {"mathjax.html.j2": "{%- macro mathjax(url='') -%}{%- endmacro -%}"}


class Compiled(BytecodeCache):
    """Templates that were compiled before: nbgrader makes a new exporter for each student."""

    def __init__(self):
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket):
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


class FormgraderPage(HTMLExporter):
    """The page on which a person gives marks. nbgrader's own scripts stand in it, so it may run some."""

    policy = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data:; object-src 'none'; base-uri 'none'"

    @default("extra_loaders")
    def _without_mathjax(self):
        return [DictLoader(NO_MATHJAX)]

    def _create_environment(self):
        environment = super()._create_environment()
        environment.bytecode_cache = COMPILED
        return environment

    def from_notebook_node(self, nb, resources=None, **kw):
        html, resources = super().from_notebook_node(nb, resources, **kw)
        rule = f'<meta http-equiv="Content-Security-Policy" content="{self.policy}">'
        html = html.replace("</head>", f"{STYLE}\n</head>", 1)
        return html.replace("<head>", f"<head>\n{rule}", 1), resources


class FeedbackPage(FormgraderPage):
    """The page that a student opens: it runs nothing, whatever stands in it."""

    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:; base-uri 'none'; "
        "form-action 'none'"
    )
