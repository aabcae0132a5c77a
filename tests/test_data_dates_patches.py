"""Dates and colour patches: right pairs, no day and no pixel in two parts, sentences."""

import sys
from datetime import date

import numpy as np
import pytest
from babel.dates import format_date

from dlcourse.data import Vocabulary, load_dates, load_patches, patches
from dlcourse.data.dates import FORMATS, LOCALES


def test_dates_are_pairs_of_the_same_day():
    data = load_dates(seed=3)
    symbols, days, locales = Vocabulary(data.classes), [], set()
    for part, rows in ((data.train, 4000), (data.valid, 500), (data.test, 500)):
        (source, target), y = part
        assert len(source) == len(target) == len(y) == rows and y.shape == (rows, 11)
        np.testing.assert_array_equal(target[:, 1:], y[:, :-1])
        assert (target[:, 0] == 1).all() and (y[:, -1] == 2).all()
        for written, iso in zip(map(symbols.decode, source), map(symbols.decode, y), strict=True):
            day = date.fromisoformat(iso)
            days.append(day)
            forms = {format_date(day, f, locale=loc): loc for f in FORMATS for loc in LOCALES}
            assert written in forms
            locales.add(forms[written])
    assert len(set(days)) == 5000 and locales == set(LOCALES)


def test_patches_are_balanced_and_none_occurs_twice():
    data = load_patches(seed=1)
    patches = set()
    for part, rows in ((data.train, 1200), (data.valid, 300), (data.test, 300)):
        assert part.x.shape == (rows, 3, 32, 32) and part.x.dtype == np.float32
        assert part.x.min() >= 0 and part.x.max() <= 1
        assert np.bincount(part.y).tolist() == [rows // 6] * 6
        assert len(set(part.y[:50])) == 6  # shuffled
        patches |= set(map(bytes, part.x))
    assert len(patches) == 1800 and len(data.classes) == 6


def test_patches_come_from_the_photograph_of_their_class_and_the_band_of_their_part():
    from skimage.data import coffee

    photo, data = coffee(), load_patches(split=(60, 12, 12))
    label = data.classes.index("coffee")
    for part, left, right in ((data.train, 0, 360), (data.valid, 360, 480), (data.test, 480, 600)):
        windows = np.lib.stride_tricks.sliding_window_view(photo[:, left:right], (32, 32), (0, 1))
        for patch in np.round(part.x[part.y == label] * 255).astype(np.uint8):
            places = (windows[..., 0, 0] == patch[:, 0, 0]).all(-1)
            assert any((windows[i, j] == patch).all() for i, j in np.argwhere(places))


@pytest.mark.parametrize("load", [load_dates, load_patches])
def test_the_seed_decides(load):
    first, again, other = (load(seed=s, split=(60, 12, 12)).train for s in (4, 4, 5))
    np.testing.assert_array_equal(first.y, again.y)
    assert not np.array_equal(first.y, other.y)


@pytest.mark.parametrize(
    ("load", "module", "package"),
    [(load_dates, "babel", "babel"), (load_patches, "skimage", "scikit-image")],
)
def test_a_missing_package_is_named_with_its_command(load, module, package, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, f"{module}.d" + ("ates" if module == "babel" else "ata"), raising=False)
    with pytest.raises(ModuleNotFoundError, match=f"{load.__name__} needs .*: pip install {package}"):
        load()


def test_impossible_splits_get_a_sentence():
    with pytest.raises(
        ValueError, match=r"load_dates: split \(40000, 1, 1\), expected three positive numbers"
    ):
        load_dates(split=(40000, 1, 1))
    with pytest.raises(
        ValueError, match=r"load_patches: split \(12, 0, 6\), expected three numbers of at least 6"
    ):
        load_patches(split=(12, 0, 6))


def test_more_patches_than_a_photograph_has(monkeypatch):
    """A window of 90 pixels fits into the middle band of the cat at 211 places."""
    monkeypatch.setattr(patches, "SIZE", 90)
    with pytest.raises(ValueError, match="300 patches of a photograph, but it has only 211 different ones"):
        load_patches(split=(6, 1800, 6))
