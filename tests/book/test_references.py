"""The bibliography: each entry can be found by its reader, and each is cited."""

import re

import pytest

from dlcourse.book.places import ROOT, chapter_files
from dlcourse.book.statements import read_statements

ENTRIES = {
    key: dict(re.findall(r"^\s+(\w+)\s*=\s*\{(.*)\},?$", body, re.M)) | {"kind": kind}
    for kind, key, body in re.findall(
        r"^@(\w+)\{(\w+),\n(.*?)^\}", (ROOT / "book/references.bib").read_text("utf8"), re.S | re.M
    )
}
VENUE = {"article": "journal", "inproceedings": "booktitle", "book": "publisher", "mastersthesis": "school"}


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_says_who_what_where_and_when_and_how_to_find_it(key):
    entry = ENTRIES[key]
    assert entry["author"] and entry["title"]
    assert key.endswith(entry["year"])
    if entry["kind"] == "misc":
        assert entry.keys() & {"eprint", "howpublished"}
    else:
        assert entry[VENUE[entry["kind"]]]
    found = {
        "doi": r"10\.\d{4,}/\S+",
        "eprint": r"\d{4}\.\d{4,5}",
        "url": r"https://\S+",
    }
    given = entry.keys() & found.keys()
    assert given, "a DOI, an arXiv id or an address"
    assert all(re.fullmatch(found[name], entry[name]) for name in given)


def test_every_entry_is_cited_and_every_citation_is_there():
    cited = {key for statement in read_statements().values() for key in statement.references}
    for page in chapter_files():
        for keys in re.findall(r"\{cite(?::[pt])?\}`([^`]+)`", page.read_text("utf8")):
            cited |= {key.strip() for key in keys.split(",")}
    assert cited == ENTRIES.keys()
