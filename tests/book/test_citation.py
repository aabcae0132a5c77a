"""The two ways to cite the course say the same."""

import re

import yaml

from dlcourse.book.places import ROOT


def test_bibtex_on_the_page_agrees_with_citation_cff():
    known = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
    page = (ROOT / "book" / "about.md").read_text("utf8")
    entry = dict(re.findall(r"^ +(\w+) += \{+(.*?)\}+,$", page, re.M))
    assert entry["title"] == known["title"]
    assert entry["version"] == known["version"]
    assert entry["year"] == str(known["date-released"])[:4]
    assert entry["author"] == known["authors"][0]["name"]
