"""Symbols and their numbers."""

from collections.abc import Iterable

import numpy as np

PAD, BOS, EOS = "<pad>", "<bos>", "<eos>"


class Vocabulary:
    """A fixed order of different symbols; ``encode`` and ``decode`` are inverse to each other.

    Raises ``ValueError`` for symbols that occur twice.
    """

    def __init__(self, symbols: Iterable[str]):
        self.symbols = tuple(symbols)
        self.index = {symbol: i for i, symbol in enumerate(self.symbols)}
        if len(self.index) < len(self.symbols):
            raise ValueError(
                f"Vocabulary: {len(self.symbols)} symbols, only {len(self.index)} different ones"
            )

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, symbols: Iterable[str]) -> np.ndarray:
        """Numbers (T,) of the symbols (a string is its characters); unknown ones raise ``ValueError``."""
        symbols = list(symbols)
        unknown = sorted({s for s in symbols if s not in self.index})
        if unknown:
            raise ValueError(f"Vocabulary: {', '.join(map(repr, unknown))} not among the {len(self)} symbols")
        return np.array([self.index[s] for s in symbols], dtype=np.int64)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the numbers: up to the first <eos>, without <pad> and <bos>."""
        text = []
        for i in ids:
            if self.symbols[i] == EOS:
                break
            if self.symbols[i] not in (PAD, BOS):
                text.append(self.symbols[i])
        return "".join(text)


def padded(rows: list[np.ndarray], length: int, pad: int) -> np.ndarray:
    """Rows of unequal length as one array (N, length), filled up at the right with ``pad``."""
    table = np.full((len(rows), length), pad, dtype=np.int64)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return table
