"""``{quiz}``: a question whose every answer opens an explanation.

    ```{quiz} How many weights has a 3×3 kernel on three channels?
    - yes: 27
      why: One weight for each position and channel.
    - no: 9
      why: A kernel reaches through all channels.
    ```

It is a list of HTML ``details``: no script, works with keyboard, screen reader and without styles.
"""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from dlcourse.book.questions import read_answers


class Quiz(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        try:
            answers = read_answers("\n".join(self.content))
        except ValueError as error:
            raise self.error(f"quiz: {error}") from None
        box = nodes.container(classes=["quiz"])
        question = nodes.paragraph(classes=["quiz-question"])
        question += self._inline(self.arguments[0])
        box += question
        group = f"quiz-{self.env.docname.replace('/', '-')}-{self.env.new_serialno('quiz')}"
        for right, answer, why in answers:
            verdict = "right" if right else "wrong"
            box += _html(f'<details class="quiz-answer quiz-{verdict}" name="{group}"><summary>')
            box += self._inline(answer)
            box += _html('</summary><div class="quiz-why">')
            told = nodes.paragraph()
            told += nodes.strong(text="Right. " if right else "No. ")
            told += self._inline(why)
            box += told
            box += _html("</div></details>")
        return [box]

    def _inline(self, text: str) -> list[nodes.Node]:
        """``text`` as MyST, without the paragraph around it."""
        holder = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), self.get_source_info()[0]), 0, holder)
        if len(holder) != 1 or not isinstance(holder[0], nodes.paragraph):
            raise self.error(f"quiz: {text[:40]!r} should be one paragraph")
        return holder[0].children


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def setup(app) -> None:
    app.add_directive("quiz", Quiz)
