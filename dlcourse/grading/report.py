"""The report on an assignment: marks, items, what was unusual, near-identical answers; and CSV for an LMS."""

import csv
import io
from pathlib import Path

import nbformat
from jinja2 import Environment

from dlcourse.exercises.source import write_atomically
from dlcourse.grading.course import Course, Row
from dlcourse.grading.items import items
from dlcourse.grading.similar import similar

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ assignment }}: report</title>
<style>body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}
table{border-collapse:collapse}
td,th{border-bottom:1px solid #bbb;padding:.2em .8em;text-align:left}</style></head>
<body><h1>{{ assignment }}</h1>
<p>{{ rows|length }} submissions, {{ waiting }} with marks to give by hand, {{ failed }} not graded.</p>
<h2>Tests</h2>
<p>Difficulty: mean part of the points. Discrimination: correlation with the rest of the score; below 0.2 a
test separates little, below 0 look at the test.</p>
<table><tr><th>test</th><th>points</th><th>difficulty</th><th>discrimination</th>
<th>commonest mistakes</th></tr>
{% for item in items %}<tr><td>{{ item.name }}</td><td>{{ item.points }}</td><td>{{ item.difficulty }}</td>
<td>{{ "" if item.discrimination is none else item.discrimination }}</td>
<td>{% for sentence, count in item.mistakes %}{{ count }} &times; {{ sentence }}<br>{% endfor %}</td></tr>
{% endfor %}</table>
<h2>Unusual</h2>
{% if unusual %}<ul>{% for row in unusual %}
<li><b>{{ row.student }}</b>: {{ row.failure or row.remarks|join(" ") }}</li>
{% endfor %}</ul>{% else %}<p>Nothing.</p>{% endif %}
<h2>Nearly the same answers</h2>
<p>The same code but for names, layout and comments. This proves nothing: look at both.</p>
{% if pairs %}<ul>{% for name, one, other, part in pairs %}
<li>{{ name }}: {{ one }} and {{ other }} ({{ part }})</li>
{% endfor %}</ul>{% else %}<p>None.</p>{% endif %}
<h2>Marks</h2>
<table><tr><th>student</th><th>score</th><th>of</th><th>by hand</th></tr>
{% for row in rows %}<tr><td>{{ row.student }}</td><td>{{ "%g"|format(row.score) }}</td>
<td>{{ "%g"|format(row.max_score) }}</td><td>{{ row.needs_manual|join(" ") }}</td></tr>
{% endfor %}</table></body></html>
"""


def write_report(course: Course, assignment: str, rows: list[Row]) -> Path:
    """report-<assignment>.html in the course's folder."""
    page = Environment(autoescape=True).from_string(PAGE)
    text = page.render(
        assignment=assignment,
        rows=rows,
        items=items(rows),
        unusual=[row for row in rows if row.failure or row.remarks],
        waiting=sum(bool(row.needs_manual) for row in rows),
        failed=sum(bool(row.failure) for row in rows),
        pairs=_pairs(course, assignment, rows),
    )
    path = course.root / f"report-{assignment}.html"
    write_atomically(path, text.encode())
    return path


def _pairs(course: Course, assignment: str, rows: list[Row]) -> list[tuple[str, str, str, float]]:
    answers: dict[str, dict[str, str]] = {}
    for row in rows:
        for path in sorted((course.root / "autograded" / row.student / assignment).glob("*.ipynb")):
            for cell in nbformat.read(path, as_version=4).cells:
                meta = cell.metadata.get("nbgrader", {})
                if meta.get("solution") and cell.cell_type == "code":
                    answers.setdefault(meta["grade_id"], {})[row.student] = cell.source
    versions = course.versions(assignment, course.notebooks(assignment))
    stubs = {cell.name: cell.source for version in versions for cell in version.cells if cell.solution}
    return [(name, *pair) for name, given in answers.items() for pair in similar(given, stubs.get(name, ""))]


def write_lms(course: Course, assignment: str, rows: list[Row]) -> list[Path]:
    """canvas-<assignment>.csv and moodle-<assignment>.csv, in the forms that both import.

    Canvas finds students by their login (the name of the folder in submitted/), Moodle by the ID number:
    choose that column when importing.
    """
    graded = [row for row in rows if not row.failure]
    most = max((row.max_score for row in graded), default=0.0)
    canvas = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment]]
    canvas.append(["Points Possible", "", "", "", "", f"{most:g}"])
    canvas += [[row.student, "", "", row.student, "", f"{row.score:g}"] for row in graded]
    moodle = [["ID number", assignment], *([row.student, f"{row.score:g}"] for row in graded)]
    paths = []
    for name, lines in (("canvas", canvas), ("moodle", moodle)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines)
        paths.append(course.root / f"{name}-{assignment}.csv")
        write_atomically(paths[-1], text.getvalue().encode())
    return paths
