"""``{grader-matrix}``, ``{points} cnn``, ``{mistakes} cnn``: tables of the instructor's pages.

They draw on the matrix that ``python -m dlcourse.exercises matrix --write`` makes.
"""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from dlcourse.book.graders import matrix_table, mistakes, points_table
from dlcourse.book.places import ROOT
from dlcourse.exercises.matrix import FILE


class _Table(SphinxDirective):
    def show(self, text: str) -> list[nodes.Node]:
        """``text`` is MyST."""
        self.env.note_dependency(str(ROOT / FILE))
        holder = nodes.container(classes=["graders"])
        self.state.nested_parse(StringList(text.splitlines(), str(ROOT / FILE)), 0, holder)
        return [holder]


class Matrix(_Table):
    def run(self) -> list[nodes.Node]:
        return self.show(matrix_table())


class Points(_Table):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        try:
            return self.show(points_table(self.arguments[0]))
        except ValueError as error:
            raise self.error(str(error)) from None


class Mistakes(_Table):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return self.show(mistakes(self.arguments[0]))


def setup(app) -> None:
    app.add_directive("grader-matrix", Matrix)
    app.add_directive("points", Points)
    app.add_directive("mistakes", Mistakes)
