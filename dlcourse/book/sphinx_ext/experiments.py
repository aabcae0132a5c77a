"""Where a page says "experiment X05" for the first time, it gets a place that tables can link to.

``{experiment-table}`` lists all experiments with the pages that run them.
"""

import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from dlcourse.book.experiments import ANNOUNCED, FILE, pages_of_experiments, read_experiments
from dlcourse.book.places import chapter_files


class MarkExperiments(SphinxTransform):
    """The first announcement of each experiment on a page becomes ``<span id="experiment-x05">``."""

    default_priority = 500

    def apply(self, **options) -> None:
        seen: set[str] = set()
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, nodes.literal | nodes.literal_block | nodes.raw):
                continue
            parts, end = [], 0
            for match in ANNOUNCED.finditer(text):
                if match[1] in seen:
                    continue
                seen.add(match[1])
                place = nodes.inline("", match[0], ids=[place_of(match[1])])
                parts += [nodes.Text(text[end : match.start()]), place]
                end = match.end()
            if parts:
                text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def place_of(number: str) -> str:
    return f"experiment-{number.lower()}"


def links(numbers: list[str], pages: dict[str, list[str]], prefer: str, up: str) -> list[nodes.Node]:
    """``X05, X06`` with links to where they run: on the page ``prefer`` if it is one of them."""
    found: list[nodes.Node] = []
    for number in numbers:
        found.append(nodes.Text(", " if found else ""))
        homes = pages.get(number, [])
        home = prefer if prefer in homes else next(iter(homes), "")
        uri = f"{up}{home}.html#{place_of(number)}"
        found.append(nodes.reference("", number, refuri=uri, internal=True) if home else nodes.Text(number))
    return found


class ExperimentTable(SphinxDirective):
    has_content = False
    HEAD = ("No.", "What it shows", "Where it runs")
    WIDTHS = (8, 52, 40)

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(FILE))
        try:
            known = read_experiments()
        except ValueError as error:
            raise self.error(str(error)) from None
        pages = pages_of_experiments(chapter_files())
        up = "../" * self.env.docname.count("/")
        table = nodes.table(classes=["experiment-table"])
        group = nodes.tgroup(cols=len(self.HEAD))
        table += group
        group += [nodes.colspec(colwidth=width) for width in self.WIDTHS]
        head = nodes.thead("", nodes.row("", *[nodes.entry("", nodes.paragraph(text=t)) for t in self.HEAD]))
        body = nodes.tbody()
        group += [head, body]
        for number, experiment in known.items():
            where = nodes.paragraph()
            for page in pages.get(number, []):
                uri = f"{up}{page}.html#{place_of(number)}"
                where += [
                    nodes.Text(", " if len(where) else ""),
                    nodes.reference("", title_of(page), refuri=uri, internal=True),
                ]
            if experiment.left_out:
                where += nodes.Text(f"Left out. {experiment.left_out.strip()}")
            cells = ([nodes.paragraph(text=number)], self.parse(experiment.shows), [where])
            body += nodes.row("", *[nodes.entry("", *cell) for cell in cells])
        return [table]

    def parse(self, text: str) -> list[nodes.Node]:
        """``text`` is MyST."""
        holder = nodes.container()
        self.state.nested_parse(StringList([text], str(FILE)), 0, holder)
        return holder.children


def title_of(page: str) -> str:
    """The title of a chapter, from its source."""
    path = next(p for p in chapter_files() if p.as_posix().endswith(f"{page}.md"))
    return re.search(r"^# (.+)$", path.read_text("utf8").split("\n---\n", 1)[-1], re.M)[1]


def setup(app) -> None:
    app.add_transform(MarkExperiments)
    app.add_directive("experiment-table", ExperimentTable)
