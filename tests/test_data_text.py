"""English text, phrases, names: fixed texts, disjoint parts, ids that decode to the text."""

import gzip
from importlib import resources

import numpy as np
import pytest

from dlcourse.data import Vocabulary, datasheet, load_english, load_names, load_phrases, make_texts, text
from dlcourse.data.text import NAME_SYMBOLS, read_text


@pytest.mark.parametrize("name", text.SHA256)
def test_the_data_sheet_holds_the_hash_that_the_loader_checks(name):
    assert text.SHA256[name] in datasheet(name)


def test_a_changed_text_is_refused(monkeypatch):
    monkeypatch.setitem(text.SHA256, "names", "0" * 64)
    with pytest.raises(ValueError, match="the text 'names' is not the one that dlcourse came with"):
        load_names()


def test_the_texts_are_what_the_sources_give():
    """The lock has these versions of pypinyin and names; Python's help texts differ between versions."""
    assert make_texts.phrases() == read_text("phrases")
    assert make_texts.first_names() == read_text("names")
    own, other = (set(t.split("\n\n")) for t in (read_text("english"), make_texts.english()))
    assert len(own & other) > len(own) / 2


def test_no_paragraph_of_the_english_text_occurs_twice():
    paragraphs = read_text("english").rstrip("\n").split("\n\n")
    assert len(paragraphs) == len(set(paragraphs)) == 2078


@pytest.mark.parametrize("length", [64, 50])
def test_english_windows_are_text_and_its_continuation(length):
    data, whole = load_english(seed=2, length=length), read_text("english")
    symbols = Vocabulary(data.classes)
    assert len(symbols) == 103
    for part, rows in ((data.train, 4000), (data.valid, 500), (data.test, 500)):
        assert part.x.shape == part.y.shape == (rows, length) and part.x.dtype == np.int64
        np.testing.assert_array_equal(part.x[:, 1:], part.y[:, :-1])
        for i in (0, 7, rows - 1):
            passage = symbols.decode([*part.x[i], part.y[i, -1]])
            assert passage.rstrip("\n") in whole


def test_english_parts_share_no_passage():
    data = load_english()
    passages = [set(map(bytes, part.x)) for part in (data.train, data.valid, data.test)]
    assert not passages[0] & passages[1] and not passages[0] & passages[2] and not passages[1] & passages[2]


def test_the_files_are_what_the_command_writes(tmp_path):
    make_texts.main(tmp_path)
    for name in ("names", "phrases"):
        shipped = resources.files("dlcourse.data") / "texts" / f"{name}.txt.gz"
        assert gzip.decompress((tmp_path / f"{name}.txt.gz").read_bytes()) == gzip.decompress(
            shipped.read_bytes()
        )


def test_english_has_a_limit():
    """Parts begin with whole blocks, so a few windows are lost between them."""
    with pytest.raises(ValueError, match=r"load_english: split \(4000, 500, 1235\), expected fewer windows"):
        load_english(split=(4000, 500, 1235))
    with pytest.raises(ValueError, match=r"load_english: split \(6000, 500, 500\), expected"):
        load_english(split=(6000, 500, 500))


def test_phrases():
    data = load_phrases()
    symbols = Vocabulary(data.classes)
    assert symbols.symbols[:3] == ("<pad>", "<bos>", "<eos>") and len(symbols) == 4373 + 3
    found = [symbols.decode(row) for part in (data.train, data.valid, data.test) for row in part.y]
    assert len(set(found)) == len(found) == 20_000
    assert set(found) <= set(read_text("phrases").split())
    assert (data.train.x[:, 0] == 1).all() and (data.train.y[:, 4] == 2).all()
    np.testing.assert_array_equal(data.test.x[:, 1:], data.test.y[:, :-1])


def test_names():
    data = load_names(seed=1)
    listed = dict(line.split() for line in read_text("names").splitlines())
    rows = [row for part in (data.train, data.valid, data.test) for row in zip(part.x, part.y, strict=True)]
    found = {NAME_SYMBOLS.decode(x): int(y) for x, y in rows}
    assert len(found) == len(rows) == 4800
    assert all(listed[name] == "fm"[y] for name, y in found.items())
    assert 0.8 < 1 - data.train.y.mean() < 0.84 and data.classes == ("female", "male")


@pytest.mark.parametrize("load", [load_english, load_phrases, load_names])
def test_the_seed_decides(load):
    np.testing.assert_array_equal(load(seed=4).train.x, load(seed=4).train.x)
    assert not np.array_equal(load(seed=4).train.x, load(seed=5).train.x)


def test_vocabulary():
    symbols = Vocabulary("abc")
    assert symbols.encode("cab").tolist() == [2, 0, 1] and symbols.decode([2, 0]) == "ca"
    with pytest.raises(ValueError, match="Vocabulary: 'x', 'z' not among the 3 symbols"):
        symbols.encode("zax")
    with pytest.raises(ValueError, match="4 symbols, only 3 different ones"):
        Vocabulary("abca")
