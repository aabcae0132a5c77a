"""``{statements} 3.1.1.1 3.1.1.2`` puts statements and verdicts on a page; ``{statement-table}`` lists all.

Both draw on ``book/claims.yml``, so a verdict has one source.
"""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from dlcourse.book.experiments import pages_of_experiments
from dlcourse.book.places import chapter_files
from dlcourse.book.sphinx_ext.experiments import links
from dlcourse.book.statements import FILE, VERDICTS, Statement, read_statements


class StatementDirective(SphinxDirective):
    has_content = False

    def read(self) -> dict[str, Statement]:
        self.env.note_dependency(str(FILE))
        try:
            return read_statements()
        except ValueError as error:
            raise self.error(str(error)) from None

    def parse(self, text: str) -> list[nodes.Node]:
        """``text`` is MyST."""
        holder = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), str(FILE)), 0, holder)
        return holder.children

    def sources(self, statement: Statement) -> str:
        cited = "; ".join(f"{{cite:t}}`{key}`" for key in statement.references)
        return f"Sources: {cited}." if cited else ""


def badge(verdict: str) -> nodes.inline:
    """The verdict as a word; its colour only repeats it."""
    name = verdict.replace(" ", "-")
    return nodes.inline("", VERDICTS[verdict], classes=["verdict", f"verdict-{name}"])


class Statements(StatementDirective):
    """Cards: number, quotation, verdict, what is right, sources."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        known, pages = self.read(), pages_of_experiments(chapter_files())
        up = "../" * self.env.docname.count("/")
        box = nodes.container(classes=["statements"])
        for number in self.arguments[0].split():
            if number not in known:
                raise self.error(f"statements: {number} is not in {FILE.name}")
            statement = known[number]
            if statement.page != self.env.docname:
                raise self.error(f"statements: {number} belongs to {statement.page} according to {FILE.name}")
            card = nodes.container(classes=["statement"], ids=[f"statement-{number.replace('.', '-')}"])
            head = nodes.paragraph(classes=["statement-head"])
            head += [nodes.inline("", number, classes=["statement-id"]), nodes.Text(" ")]
            quote = self.parse(f"“{statement.quote}”")[0].children
            head += [nodes.inline("", "", *quote, classes=["statement-quote"]), nodes.Text(" ")]
            head += badge(statement.verdict)
            card += head
            told = self.parse(f"{statement.correction} {self.sources(statement)}")
            if statement.experiments:
                told[-1] += [
                    nodes.Text(" Shown by "),
                    *links(statement.experiments, pages, self.env.docname, up),
                ]
                told[-1] += nodes.Text(".")
            card += told
            box += card
        return [box]


class StatementTable(StatementDirective):
    """All statements as one table; ``statements.js`` adds the filter when scripts are on."""

    HEAD = ("No.", "The article says", "Verdict", "What is right", "Shown in")
    WIDTHS = (7, 26, 11, 40, 16)

    def run(self) -> list[nodes.Node]:
        known, pages = self.read(), pages_of_experiments(chapter_files())
        up = "../" * self.env.docname.count("/")
        table = nodes.table(classes=["statement-table"])
        group = nodes.tgroup(cols=len(self.HEAD))
        table += group
        group += [nodes.colspec(colwidth=width) for width in self.WIDTHS]
        head = nodes.thead("", nodes.row("", *[nodes.entry("", nodes.paragraph(text=t)) for t in self.HEAD]))
        body = nodes.tbody()
        group += [head, body]
        for statement in known.values():
            verdict = nodes.paragraph("", "", badge(statement.verdict))
            shown = self.parse(f"[](/{statement.page}.md)")
            if statement.experiments:
                shown[0] += [nodes.Text(": "), *links(statement.experiments, pages, statement.page, up)]
            cells = (
                [nodes.paragraph(text=statement.id)],
                self.parse(statement.quote),
                [verdict],
                self.parse(f"{statement.correction} {self.sources(statement)}"),
                shown,
            )
            body += nodes.row("", *[nodes.entry("", *cell) for cell in cells])
        return [table]


class StatementCounts(StatementDirective):
    """One sentence: how many statements got which verdict."""

    def run(self) -> list[nodes.Node]:
        verdicts = [statement.verdict for statement in self.read().values()]
        parts = [f"{verdicts.count(name)} {label.lower()}" for name, label in VERDICTS.items()]
        text = f"Of {len(verdicts)} statements we found " + ", ".join(parts[:-1]) + f", and {parts[-1]}."
        text = text.replace("does not run", "that do not run")
        return [nodes.paragraph(text=text)]


def setup(app) -> None:
    app.add_directive("statements", Statements)
    app.add_directive("statement-table", StatementTable)
    app.add_directive("statement-counts", StatementCounts)
