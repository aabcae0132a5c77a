"""A number in the text must come from a cell, or it will be wrong one day and nobody will notice.

Prose quotes numbers with ``{glue:text}``, which a cell hands over with ``quote``. What a number may be
otherwise: part of a name (E01, X04, 3.1.1.4), a year, a time ("25 minutes"), one of the words that
stand for small numbers, or given by the task itself: then the page says so in a comment,
``% given: 28×28, 3×3``.
"""

import re
from pathlib import Path

from dlcourse.book.places import ROOT

GIVEN = re.compile(r"^% given: (.*)$", re.M)
PROSE_FENCES = ("quiz", "glossary")  # of the blocks between ``` these hold prose, the others code
# Removed before looking for numbers, in this order.
NOT_PROSE = [
    re.compile(r"\A---\n.*?\n---\n", re.S),  # front matter
    re.compile(r"^%.*$", re.M),  # comments
    re.compile(r"^#+ [\d.]+ ", re.M),  # the article's number in a heading
    re.compile(r"^ *\d+\. ", re.M),  # the numbers of a list
    re.compile(r"^\$\$.*?^\$\$.*?$", re.S | re.M),  # formulas
    re.compile(r"\$[^$]+\$"),
    re.compile(r"\{[a-z:]+\}`[^`\n]*`"),  # roles, glue among them
    re.compile(r"`[^`\n]*`"),
    re.compile(r"\]\([^)]*\)"),  # targets of links
    re.compile(r"\b[EX]\d\d\b"),  # exercises, experiments
    re.compile(r"\b(?:[Ss]ections?|[Ss]tatements?|to|and) \d(?:\.\d+){1,3}|\(\d(?:\.\d+){2,3}\)"),
    re.compile(r"\b(?:19|20)\d\d\b"),  # years
    re.compile(r"\b\d+ minutes\b"),
    re.compile(r"\bCC BY \d\.\d|Attribution \d\.\d|\bKeras \d\b"),
]


def loose_numbers(chapters: list[Path], root: Path = ROOT) -> list[str]:
    """Every number in the prose of the chapters that no cell hands over."""
    cure = (
        "quote() it in a cell and write {glue:text}`name`, or name it in '% given: ...' if the task gives it"
    )
    return [
        f"{chapter.relative_to(root)}, line {line}: the number {number} comes from no cell; {cure}"
        for chapter in chapters
        for line, number in numbers_in(chapter.read_text("utf8"))
    ]


def numbers_in(text: str) -> list[tuple[int, str]]:
    """(line, number) for each loose number of a page in MyST."""
    given = {word.strip() for names in GIVEN.findall(text) for word in names.split(",")}
    text = without_code(text)
    for pattern in NOT_PROSE:
        text = pattern.sub(_blank, text)
    for word in sorted(given, key=len, reverse=True):
        text = text.replace(word, " " * len(word))
    return [
        (text.count("\n", 0, match.start()) + 1, match[0])
        for match in re.finditer(r"\d(?:[\d.,]*\d)?%?", text)
    ]


def without_code(text: str) -> str:
    """The text with empty lines instead of fenced code and of directives that hold no prose."""
    kept, inside, hidden = [], False, False
    for line in text.split("\n"):
        if line.startswith("```"):
            name = re.match(r"```\{?([\w-]*)", line)[1]
            hidden = not inside and name not in PROSE_FENCES
            inside = not inside
            kept.append("" if hidden or not inside else line)
            continue
        kept.append("" if inside and hidden else line)
    return "\n".join(kept)


def _blank(match: re.Match) -> str:
    """As many lines as before, so that line numbers stay right."""
    return "\n" * match[0].count("\n") or " "
