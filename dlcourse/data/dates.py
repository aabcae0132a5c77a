"""Dates as people write them in three languages, and the ISO form: a translation task without a limit."""

from datetime import date

import numpy as np

from dlcourse.data.dataset import Dataset, require_package, three_way
from dlcourse.data.vocabulary import BOS, EOS, PAD, Vocabulary, padded

LOCALES, FORMATS = ("en", "de", "zh"), ("full", "long", "medium")


def load_dates(seed: int = 0, split=(4000, 500, 500)) -> Dataset:
    """Pairs such as "Donnerstag, 5. März 2026" -> "2026-03-05"; each day from 1950 to 2049 at most once.

    ``x`` = (source (N, S), target (N, 11)): the written date filled up with <pad>, and <bos> with the ten
    characters of the ISO form; ``y`` (N, 11): the ten characters and <eos>. ``classes`` is the vocabulary of
    both sides, <pad> first. Raises ``ModuleNotFoundError`` with the pip command without Babel.
    """
    format_date = require_package("babel.dates", "babel", "load_dates").format_date
    rng = np.random.default_rng(seed)
    first, last = date(1950, 1, 1).toordinal(), date(2050, 1, 1).toordinal()
    days = [date.fromordinal(int(d)) for d in rng.permutation(np.arange(first, last))[: sum(split)]]
    style = zip(rng.choice(LOCALES, len(days)), rng.choice(FORMATS, len(days)), strict=True)
    written = [format_date(d, str(f), locale=str(loc)) for d, (loc, f) in zip(days, style, strict=True)]
    vocabulary = Vocabulary([PAD, BOS, EOS, *sorted(_alphabet(format_date))])
    source = padded([vocabulary.encode(w) for w in written], _longest(format_date), 0)
    target = np.stack([vocabulary.encode([BOS, *d.isoformat(), EOS]) for d in days])
    return three_way("load_dates", (source, target[:, :-1]), target[:, 1:], seed, split, vocabulary.symbols)


def _year(format_date) -> list[str]:
    """All forms of every day of one year: they show each weekday, month and digit."""
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + i) for i in range(365)]
    return [format_date(d, f, locale=loc) for d in days for f in FORMATS for loc in LOCALES]


def _alphabet(format_date) -> set[str]:
    return set("".join(_year(format_date)) + "0123456789-")


def _longest(format_date) -> int:
    return max(map(len, _year(format_date)))
