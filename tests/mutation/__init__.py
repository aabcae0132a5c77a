"""Faults that people write into layers, kept as data: the test suite must notice every one of them.

A ``Fault`` replaces a piece of text in a file of ``dlcourse.numpy_nn``. The files on disk are never touched:
``engine.faulty`` imports a second copy of the package with the changed source. If a refactoring moves
the text, ``test_mutations`` says which entry here has to follow.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """In ``file``, ``old`` (which occurs once) becomes ``new``; ``why`` people write it so."""

    file: str
    old: str
    new: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}: {self.why}"
