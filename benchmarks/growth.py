"""How time grows with the length of a text, the batch and the channels."""

from collections.abc import Iterator

from benchmarks import memory
from benchmarks.timing import Work

SIZES = {"T": (256, 512, 1024, 2048), "batch": (1, 8, 64, 256), "channels": (8, 32, 128, 256)}
MEMORY_SIZES = SIZES | {"T": (256, 512, 1024, 2048, 4096)}  # all scores of 4096 take seconds to compute


def works(sizes: dict | None = None) -> Iterator[tuple[str, int, Work]]:
    """(axis, size, work): the functions whose memory is measured, timed at the same sizes."""
    for axis, values in (sizes or SIZES).items():
        for size in values:
            sides = {name: make(size) for name, make in memory.SIDES[axis].items()}
            yield axis, size, Work(f"{axis}={size}", "both ways", sides)
