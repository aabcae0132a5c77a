"""The statements of the article: complete, well formed, each on its page, each source known."""

import re
from collections import Counter

import pytest

from dlcourse.book.places import ROOT, chapter_files
from dlcourse.book.statements import misplaced_statements, read_statements


def write(tmp_path, text):
    path = tmp_path / "claims.yml"
    path.write_text("sections:\n- page: book/x\n  statements:\n" + text)
    return path


GOOD = '  - {id: "1.1", quote: It works, verdict: "true", correction: It does.}\n'


def test_all_statements_of_the_article_are_there_with_their_verdicts():
    verdicts = Counter(statement.verdict for statement in read_statements().values())
    assert verdicts == {"true": 33, "imprecise": 48, "false": 19, "undefined": 6, "does not run": 7}


def test_every_statement_stands_on_the_page_that_it_names():
    assert misplaced_statements(chapter_files()) == []


def test_every_source_is_in_the_bibliography():
    keys = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "book/references.bib").read_text("utf8"), re.M))
    cited = {key for statement in read_statements().values() for key in statement.references}
    assert cited - keys == set()


def test_a_correction_holds_no_measured_number():
    for statement in read_statements().values():
        plain = re.sub(
            r"\$[^$]*\$|`[^`]*`|\b\d(\.\d){2,3}\b|\b(19|20)\d\d\b|Keras 3|\]\([^)]*\)",
            "",
            statement.correction,
        )
        assert not re.search(r"\d", plain), statement.id


@pytest.mark.parametrize(
    "entry, told",
    [
        (GOOD + GOOD, "1.1: stands there twice"),
        (GOOD.replace('"true"', "maybe"), "verdict 'maybe', expected one of true, imprecise"),
        (GOOD.replace(", correction: It does.", ""), "1.1: lacks correction"),
        (GOOD.replace("quote", "qoute"), "unknown keys qoute"),
        (GOOD.replace('"1.1"', "1.1"), "quoted string"),
    ],
)
def test_a_fault_in_the_file_is_told(tmp_path, entry, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        read_statements(write(tmp_path, entry))


def test_a_statement_on_no_page_is_found(tmp_path):
    page = tmp_path / "book" / "page.md"
    page.parent.mkdir()
    page.write_text("```{statements} 3.1.1.1\n```\n")
    found = misplaced_statements([page], tmp_path)
    assert "statement 3.1.1.1 should stand on book/3-formulas/convolution, it stands on book/page" in found
    assert "statement 1.0.1 should stand on book/1-background/index, it stands on no page" in found
