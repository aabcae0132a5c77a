"""``{exercises} E01 E02``: the exercises a page leads to, each with title, goal and the call that checks it.

``{exercises} convolution`` lists a whole notebook, with the pages that each exercise belongs to and the
notebook to download. Both draw on the released notebooks, so that a title has one source.
"""

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from dlcourse.book.exercises import FOLDER, Exercise, pages_of_exercises, read_exercises
from dlcourse.book.places import chapter_files

LIST = "book/exercises"  # the page where each exercise has an anchor


class Exercises(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        try:
            known = read_exercises()
        except ValueError as error:
            raise self.error(str(error)) from None
        wanted = self.arguments[0].split()
        whole = len(wanted) == 1 and (FOLDER / wanted[0]).is_dir()
        if whole:
            notebook = f"exercises/{wanted[0]}/{wanted[0]}.ipynb"
            wanted = [number for number, e in known.items() if e.notebook == notebook]
        missing = [number for number in wanted if number not in known]
        if missing:
            raise self.error(f"exercises: {', '.join(missing)} is neither an exercise nor a notebook of them")
        for notebook in {known[number].notebook for number in wanted}:
            self.env.note_dependency(str(FOLDER.parent / notebook))
        box = nodes.container(classes=["exercises"])
        if whole:
            box += self.parse(f"{{download}}`{Path(notebook).name} </{notebook}>`")
        pages = pages_of_exercises(chapter_files()) if whole else {}
        for number in wanted:
            box += self.card(known[number], pages.get(number, []) if whole else None)
        return [box]

    def card(self, exercise: Exercise, pages: list[str] | None) -> nodes.container:
        """``pages`` is given on the page that lists them all; elsewhere the title is a link to there."""
        card = nodes.container(classes=["exercise"])
        title = f"{exercise.number} {exercise.title}"
        head = nodes.paragraph(classes=["exercise-head"])
        if pages is None:
            up = "../" * self.env.docname.count("/")
            target = f"{up}{LIST}.html#exercise-{exercise.number.lower()}"
            head += nodes.reference("", title, refuri=target, internal=True)
        else:
            card["ids"] = [f"exercise-{exercise.number.lower()}"]
            head += nodes.strong(text=title)
        head += nodes.Text(f" ({exercise.minutes} minutes, {exercise.points} points)")
        card += head
        told = exercise.goal
        if pages:
            told += " Belongs to " + ", ".join(f"[](/{page}.md)" for page in pages) + "."
        card += self.parse(told)
        card += nodes.literal_block(exercise.call, exercise.call, language="text")
        return card

    def parse(self, text: str) -> list[nodes.Node]:
        """``text`` is MyST."""
        holder = nodes.container()
        self.state.nested_parse(StringList([text], self.get_source_info()[0]), 0, holder)
        return holder.children


def setup(app) -> None:
    app.add_directive("exercises", Exercises)
