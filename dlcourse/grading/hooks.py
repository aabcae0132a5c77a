"""Where nbgrader calls us: reading a submission, running it, marking it for review, hiding what is secret."""

import re
import tempfile
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import v4
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, Int, List, Unicode

from dlcourse.grading.execute import execute
from dlcourse.grading.intake import intake
from dlcourse.grading.job import cells_of
from dlcourse.grading.limits import Limits
from dlcourse.grading.scratch import prefix
from dlcourse.grading.settings import secret_seed
from dlcourse.grading.staging import stage
from dlcourse.grading.store import Store, Stored
from dlcourse.grading.version import HIDDEN, SCHEME, NotebookVersion


def _version(resources) -> NotebookVersion:
    info = resources["nbgrader"]
    return NotebookVersion.from_gradebook(info["db_url"], info["assignment"], info["notebook"])


class IntakeExporter(NotebookExporter):
    """Reads submitted notebooks through ``intake``; what autograding itself has written is read as it is."""

    remarks = List(Unicode(), help="remarks on the submission that were made before").tag(config=True)

    review = Bool(False, help="a person should look at the submission").tag(config=True)

    def from_filename(self, filename, resources=None, **kw):
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **kw)
        found = intake(Path(filename), _version(resources))
        found.notebook.metadata["dlcourse"] = {
            "remarks": [*self.remarks, *found.remarks],
            "review": found.review or self.review,
        }
        resources["metadata"] = {"name": Path(filename).stem, "path": str(Path(filename).parent)}
        return self.from_notebook_node(found.notebook, resources=resources, **kw)


def _copy_what_is_safe(converter: Autograde, assignment: str, student: str) -> None:
    """In place of ``Autograde.init_assignment``, which would copy what the links of a submission lead to."""
    coursedir = converter.coursedir
    if converter.config.BlackBoxExecute.get("ready"):  # staged before
        return _init_assignment(converter, assignment, student)
    kept = coursedir.submitted_directory
    handed_in = Path(converter._format_source(assignment, student))
    with Gradebook(coursedir.db_url) as gradebook:
        known = assignment in [found.name for found in gradebook.assignments]
    if not known:  # exercises/ came with the course: nobody has pressed "Generate" here
        from dlcourse.grading.course import Course

        Course(Path(coursedir.root), db=coursedir.db_url).register(assignment)
    with Gradebook(coursedir.db_url) as gradebook:
        names = [notebook.name for notebook in gradebook.find_assignment(assignment).notebooks]
    with tempfile.TemporaryDirectory(prefix=prefix("staging")) as place:
        staged = stage(handed_in, Path(place, student, assignment), names, Limits())
        converter.exporter.remarks, converter.exporter.review = staged.remarks, staged.review
        coursedir.submitted_directory = place
        try:
            return _init_assignment(converter, assignment, student)
        finally:
            coursedir.submitted_directory = kept


_init_assignment, Autograde.init_assignment = Autograde.init_assignment, _copy_what_is_safe


class BlackBoxExecute(NbGraderPreprocessor):
    """In place of nbgrader's Execute: the student's process is sandboxed, the tests run here."""

    limits = Dict(help="limits that differ from dlcourse.grading.limits.Limits").tag(config=True)
    unsafe = Bool(False, help="run without a sandbox where bubblewrap does not work").tag(config=True)
    seed = Int(0, help="seed of the hidden inputs; 0: the secret one of the course").tag(config=True)

    ready = Bool(False, help="the results were made before: take them, run nothing").tag(config=True)

    def _result(self, nb, resources) -> Stored:
        root = Path(self.parent.parent.coursedir.root)  # preprocessor -> exporter -> converter
        info = resources["nbgrader"]
        store = Store(root, info["assignment"])
        kept = store.read(info["student"], info["notebook"])
        known = Stored.from_json(kept) if kept else None
        if self.ready and known:
            return known
        files = Path(resources["metadata"]["path"])
        seed, limits = self.seed or secret_seed(root), Limits(**self.limits)
        result = execute(cells_of(nb), _version(resources), seed, limits, files, self.unsafe, known)
        store.write(info["student"], info["notebook"], result.to_json())
        return result

    def preprocess(self, nb, resources):
        result = self._result(nb, resources)
        count = 0
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                count += 1
                name = cell.metadata.get("nbgrader", {}).get("grade_id")
                score = result.scores.get(name)
                outputs = score.outputs if score else result.outputs.get(index, [])
                cell.execution_count = count
                cell.outputs = [nbformat.from_dict(out) for out in outputs]
        notes = nb.metadata.setdefault("dlcourse", {})
        said = [f"{name}: {score.remark}" for name, score in result.scores.items() if score.remark]
        notes["remarks"] = [*notes.get("remarks", []), *result.remarks, *said]
        notes["sentences"] = {name: s.sentence for name, s in result.scores.items() if s.sentence}
        if notes["remarks"]:
            text = "**Remarks of the grader**\n\n" + "\n".join(f"- {_plain(r)}" for r in notes["remarks"])
            nb.cells.insert(0, v4.new_markdown_cell(text, id="remarks"))
        return nb, resources


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", text)


class FlagForReview(NbGraderPreprocessor):
    """A notebook that could not be taken as it came needs a person, whatever its score."""

    def preprocess(self, nb, resources):
        if nb.metadata.get("dlcourse", {}).get("review"):
            info = resources["nbgrader"]
            with Gradebook(info["db_url"]) as gradebook:
                found = gradebook.find_submission_notebook(
                    info["notebook"], info["assignment"], info["student"]
                )
                for grade in found.grades:
                    grade.needs_manual_grade = True
                gradebook.db.commit()
        return nb, resources


class _Strip(NbGraderPreprocessor):
    region: re.Pattern

    def preprocess_cell(self, cell, resources, index):
        if utils.is_grade(cell) or utils.is_locked(cell):
            cell.source = self.region.sub("", cell.source).rstrip("\n")
        return cell, resources


class StripHiddenTests(_Strip):
    """Hidden tests stay in the gradebook: neither Formgrader nor feedback shows them."""

    region = HIDDEN


class StripMarkSchemes(_Strip):
    """Mark schemes are for Formgrader, not for feedback."""

    region = SCHEME
