"""A chapter as JupyterLab can show it: what only the built book understands is said in plain MyST."""

import ast
import os
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

from dlcourse.book.questions import read_answers
from dlcourse.book.statements import VERDICTS, Statement

BLOCK = re.compile(
    r"^```\{(quiz|statements|exercises|literalinclude)\} *([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
ROLE = re.compile(r"\{(glue:text|cite|cite:p|cite:t|term|eq)\}`([^`]+)`")


@dataclass(frozen=True)
class Course:
    """What chapters speak of: statements by number, and the chapter of every labelled equation."""

    statements: dict[str, Statement]
    equations: dict[str, Path]


def plain_chapter(path: Path, course: Course, executed: Path | None = None) -> nbformat.NotebookNode:
    """The notebook of a chapter, without outputs. ``executed``: the built one, for numbers in prose."""
    notebook = jupytext.read(path, fmt="md:myst")
    built = nbformat.read(executed, as_version=4) if executed and executed.exists() else notebook
    return plain_notebook(notebook, path, course, glued(built))


def plain_notebook(
    notebook: nbformat.NotebookNode, path: Path, course: Course, values: dict[str, str]
) -> nbformat.NotebookNode:
    """``notebook`` of the chapter ``path``, changed: prose in plain MyST, no metadata that is meant for the
    book."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, path, course, values)
        cell.metadata.pop("mystnb", None)
    notebook.metadata = nbformat.from_dict({"kernelspec": notebook.metadata["kernelspec"]})
    return notebook


def glued(executed: nbformat.NotebookNode) -> dict[str, str]:
    """name -> text of the numbers that the cells of an executed chapter hand to its prose."""
    found = {}
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            text = output.get("data", {}).get("application/papermill.record/text/plain")
            if name and text:
                found[name] = ast.literal_eval(str(text))
    return found


def plain(text: str, path: Path, course: Course, values: dict[str, str]) -> str:
    """``text`` of the chapter ``path`` without what is ours or Sphinx's."""

    def block(match: re.Match) -> str:
        kind, argument, body = match.groups()
        if kind == "quiz":
            return quiz(argument, body)
        if kind == "statements":
            return "\n\n".join(statement(course.statements[number]) for number in argument.split())
        if kind == "exercises":
            return f"Exercises: {argument.replace(' ', ', ')}, in the folders beside `book`."
        return code((path.parent / argument).resolve(), re.search(r":pyobject: *(\S+)", body))

    def role(match: re.Match) -> str:
        kind, name = match.groups()
        if kind == "glue:text":
            return values.get(name, f"`{name}`")
        if kind == "term":
            return re.sub(r" *<[^>]*>$", "", name)
        if kind == "eq":
            there = course.equations.get(name, path)
            if there == path:
                return match[0]  # JupyterLab numbers the equations of one notebook
            link = Path(os.path.relpath(there, path.parent)).with_suffix(".ipynb").as_posix()
            return f"[(equation *{name.removeprefix('eq-')}*)]({link})"
        return re.sub(r"([a-z]+)(\d{4})", lambda key: f"{key[1].title()} {key[2]}", name)

    text = re.sub(r"^% [^\n]*\n", "", text, flags=re.MULTILINE)
    text = ROLE.sub(role, BLOCK.sub(block, text))
    return re.sub(r"\]\(([^):#]+)\.md([)#])", r"](\1.ipynb\2", text)


def quiz(question: str, body: str) -> str:
    answers = read_answers(body)
    lines = [f"**{question}**"]
    for right, answer, why in answers:
        said = f"{'Right' if right else 'No'}. {why}"
        lines.append(f"<details><summary>▸ {answer}</summary>\n\n{said}\n\n</details>")
    return "\n\n".join(lines)


def statement(found: Statement) -> str:
    return f"> {found.quote} ({found.id})\n>\n> **{VERDICTS[found.verdict]}.** {found.correction}"


def code(path: Path, wanted: re.Match | None) -> str:
    source = path.read_text("utf8")
    for name in wanted[1].split(".") if wanted else []:
        node = next(n for n in ast.walk(ast.parse(source)) if getattr(n, "name", None) == name)
        source = textwrap.dedent(ast.get_source_segment(source, node, padded=True))
    return f"```python\n{source}\n```"
