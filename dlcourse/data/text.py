"""Data sets of characters: English text, Chinese phrases, first names. The texts come with the package."""

import gzip
import hashlib
from importlib import resources

import numpy as np

from dlcourse.data.dataset import Dataset, Split, split_rows, three_way
from dlcourse.data.vocabulary import BOS, EOS, PAD, Vocabulary, padded

SHA256 = {
    "english": "ac6036576ba3c1cb34e34b2c778e9ec98ebecea31419f9e8e60476f0b170c4fc",
    "names": "f5f2b95153b6516f01700e8f12551d0610b6ccafd3633630758b1caa06fdf8f1",
    "phrases": "5ae17d82b377778c89fb6d37bdad85aa926f6aeec5069d67a83bd136d3a6484d",
}


def read_text(name: str) -> str:
    """The text ``name`` of ``dlcourse/data/texts``. Raises ``ValueError`` if it is not the one of the data
    sheet, because every figure depends on it."""
    content = gzip.decompress((resources.files("dlcourse.data") / "texts" / f"{name}.txt.gz").read_bytes())
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise ValueError(f"the text {name!r} is not the one that dlcourse came with; install dlcourse again")
    return content.decode()


def load_english(seed: int = 0, split=(4000, 500, 500), length: int = 64) -> Dataset:
    """English text for a character language model: windows of ``length`` characters without overlap.

    ``x`` (N, length) int64, ``y`` the same text one character further; ``classes`` are the characters. Text
    blocks of about 2000 characters are shuffled with ``seed`` and dealt to the three parts, so no passage is
    in two of them. Raises ``ValueError`` if the text does not have that many windows.
    """
    text = read_text("english")
    vocabulary = Vocabulary(sorted(set(text)))
    blocks = _blocks(text, 2000)
    order = np.random.default_rng(seed).permutation(len(blocks))
    blocks = [vocabulary.encode(blocks[i]) for i in order]
    starts = np.cumsum([0] + [(len(b) - 1) // length for b in blocks])  # first window of each block
    windows = [b[: (len(b) - 1) // length * length + 1] for b in blocks]
    x = np.concatenate([b[:-1].reshape(-1, length) for b in windows])
    y = np.concatenate([b[1:].reshape(-1, length) for b in windows])
    parts, first = [], 0
    for rows in split_rows("load_english", len(x), split):
        # A part begins with a new block, so that a block is never shared between two parts.
        first = int(starts[np.searchsorted(starts, first)])
        count = rows.stop - rows.start
        if first + count > len(x):
            raise ValueError(f"load_english: split {split}, expected fewer windows: the text has {len(x)}")
        parts.append(Split(x[first : first + count], y[first : first + count]))
        first += count
    return Dataset(*parts, vocabulary.symbols)


def load_phrases(seed: int = 0, split=(16000, 2000, 2000)) -> Dataset:
    """Chinese phrases of four characters for a language model.

    ``x`` (N, 5): <bos> and the four characters; ``y`` (N, 5): the four characters and <eos>; ``classes`` are
    the three marks and all characters.
    """
    lines = read_text("phrases").split()
    vocabulary = Vocabulary([PAD, BOS, EOS, *sorted(set("".join(lines)))])
    rows = np.stack([vocabulary.encode([BOS, *line, EOS]) for line in lines])
    return three_way("load_phrases", rows[:, :-1], rows[:, 1:], seed, split, vocabulary.symbols)


def load_names(seed: int = 0, split=(4000, 400, 400)) -> Dataset:
    """First names from the US census and the list they are on: 0 female, 1 male.

    ``x`` (N, 12) int64, letters numbered from 1 and filled up with 0 (``NAME_SYMBOLS``); ``y`` (N,) int64;
    ``classes`` are ("female", "male"). About five of six names are female: always saying so scores 0.82.
    """
    pairs = [line.split() for line in read_text("names").splitlines()]
    rows = [NAME_SYMBOLS.encode(name) for name, _ in pairs]
    y = np.array([letter == "m" for _, letter in pairs], dtype=np.int64)
    x = padded(rows, max(map(len, rows)), 0)
    return three_way("load_names", x, y, seed, split, ("female", "male"))


NAME_SYMBOLS = Vocabulary([PAD, *"abcdefghijklmnopqrstuvwxyz"])


def _blocks(text: str, size: int) -> list[str]:
    """Neighbouring paragraphs, together at least ``size`` characters each."""
    blocks, block = [], ""
    for paragraph in text.split("\n\n"):
        block += paragraph + "\n\n"
        if len(block) >= size:
            blocks.append(block)
            block = ""
    return blocks
