"""What a submission may use."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Seconds are wall time; ``start`` covers importing Python, ``total`` a whole notebook."""

    start: float = 60.0
    cell: float = 30.0
    call: float = 10.0
    total: float = 300.0
    grace: float = 2.0  # beyond a limit, for the process to say itself that it was reached
    memory: int = 3072 * MIB
    output: int = 100_000  # characters kept of what one cell prints
    outputs: int = 20 * MIB  # of all cells together, pictures included
    file: int = 64 * MIB  # the largest file that may be written
    scratch: int = 128 * MIB  # all files together (sandbox only)
    processes: int = 64
    notebook: int = 20 * MIB  # a submitted .ipynb
    files: int = 100 * MIB  # other files of a submission together
