"""Where nbgrader calls us: reading a submission, running it, marking it for review, hiding what is secret."""

import re
import secrets
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import v4
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, Int, List, Unicode

from dlcourse.exercises.source import write_atomically
from dlcourse.grading.execute import execute
from dlcourse.grading.intake import intake
from dlcourse.grading.limits import Limits
from dlcourse.grading.version import HIDDEN, SCHEME, NotebookVersion

SEED_FILE = ".grading-seed"


def secret_seed(root: Path) -> int:
    """The seed of this course's hidden inputs: drawn once, kept beside the gradebook."""
    path = root / SEED_FILE
    if not path.exists():
        write_atomically(path, f"{secrets.randbits(63)}\n".encode())
        path.chmod(0o600)
    return int(path.read_text())


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


class BlackBoxExecute(NbGraderPreprocessor):
    """In place of nbgrader's Execute: the student's process is sandboxed, the tests run here."""

    limits = Dict(help="limits that differ from dlcourse.grading.limits.Limits").tag(config=True)
    unsafe = Bool(False, help="run without a sandbox where bubblewrap does not work").tag(config=True)
    seed = Int(0, help="seed of the hidden inputs; 0: the secret one of the course").tag(config=True)

    def preprocess(self, nb, resources):
        root = Path(self.parent.parent.coursedir.root)  # preprocessor -> exporter -> converter
        version = _version(resources)
        cells = [(c.cell_type, c.source, c.metadata.get("nbgrader", {}).get("grade_id")) for c in nb.cells]
        files = Path(resources["metadata"]["path"])
        result = execute(
            cells, version, self.seed or secret_seed(root), Limits(**self.limits), files, self.unsafe
        )
        count = 0
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                count += 1
                cell.execution_count = count
                cell.outputs = [nbformat.from_dict(out) for out in result.outputs.get(index, [])]
        notes = nb.metadata.setdefault("dlcourse", {})
        notes["remarks"] = [*notes.get("remarks", []), *result.remarks]
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
