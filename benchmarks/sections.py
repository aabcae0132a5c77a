"""The parts of the benchmark; each runs in a process of its own, and becomes one entry of the results."""

from collections.abc import Callable
from itertools import chain

from tqdm import tqdm

ROUNDS, SECONDS = 11, 0.03  # rounds of a pair, and what a side computes in a round at least


def layers() -> dict:
    """Every layer and step in both backends, on one thread."""
    from benchmarks import profile

    rows, peaks = _pairs(_works())
    return {"rows": rows, "peak": max(peaks.values()), "peaks": peaks, "profile": profile.step_profile()}


def threads() -> dict:
    """A part of them on two threads: published, not promised."""
    from benchmarks import layers, steps

    works = chain(
        layers.convolution(),
        layers.recurrence(widths=(256,)),
        layers.attention((256,)),
        layers.block(),
        steps.optimisers(),
        steps.whole_cnn(),
    )
    rows, peaks = _pairs(works, seconds=0.02)
    return {"rows": rows, "peak": max(peaks.values()), "peaks": peaks}


def peers() -> dict:
    """Ours beside other ways to write the same work."""
    from benchmarks import peers
    from benchmarks.timing import compare_all

    with _bar("peers", 8) as bar:
        return {"rows": compare_all(peers.works(), 5, SECONDS, bar)}


def growth() -> dict:
    """Time and peak memory against T, batch and channels."""
    from benchmarks import growth, memory
    from benchmarks.timing import compare

    memories = [
        (axis, side, size)
        for axis, sizes in growth.MEMORY_SIZES.items()
        for side in memory.SIDES[axis]
        for size in sizes
    ]
    times, peaks = [], []
    with _bar("growth", sum(map(len, growth.SIZES.values())) + len(memories)) as bar:
        for axis, size, work in growth.works():
            times.append({"axis": axis, "size": size, **compare(work, 3, 0.01)})
            bar.update()
        for axis, side, size in memories:
            bar.set_postfix_str(f"memory, {axis}={size}, {side}")
            peaks.append(memory.peak_in_fresh_process(axis, side, size))
            bar.update()
    return {"times": times, "memory": peaks}


def epochs() -> dict:
    """A whole epoch of each language model."""
    from benchmarks import epochs

    with _bar("epochs", len(epochs.MODELS)) as bar:
        rows = []
        for name in epochs.MODELS:
            bar.set_postfix_str(name)
            rows.append(epochs.epoch(name, bar))
        return {"rows": rows}


def waiting() -> dict:
    """Imports, command line, data, kernel."""
    from benchmarks import waiting

    with _bar("waiting", len(waiting.WAITS)) as bar:
        return {"rows": waiting.measure(5, bar)}


def learn() -> dict:
    """Until 96 % of the digits are right, until two bits a character are enough."""
    from benchmarks import learn

    runs = list(learn.runs())
    with _bar("learn", len(runs)) as bar:
        rows = []
        for run, *arguments in runs:
            bar.set_postfix_str(" ".join(map(str, arguments)))
            rows.append(run(*arguments))
            bar.update()
        return {"rows": rows}


SECTIONS: dict[str, Callable[[], dict]] = {
    section.__name__: section for section in (layers, threads, peers, growth, epochs, waiting, learn)
}
THREADS = {"threads": 2}  # all other sections: 1


def _works():
    from benchmarks import layers, steps

    return chain(
        layers.convolution(),
        steps.whole_cnn(),
        layers.recurrence(),
        layers.attention(),
        layers.block(),
        layers.dense(),
        steps.cross_entropy(),
        steps.optimisers(),
        steps.embedding(),
    )


def _pairs(works, seconds: float = SECONDS) -> tuple[list[dict], dict[str, float]]:
    from benchmarks.timing import compare_all, sgemm_peaks

    works = list(works)
    peaks = sgemm_peaks()
    with _bar("pairs", len(works)) as bar:
        rows = compare_all(works, ROUNDS, seconds, bar)
    again = sgemm_peaks()  # the clock of the processor may have changed
    return rows, {name: max(peaks[name], again[name]) for name in peaks}


def _bar(name: str, total: int) -> tqdm:
    return tqdm(
        total=total,
        desc=name,
        leave=True,
        bar_format="{desc:8} {percentage:3.0f}%|{bar}| {elapsed} {postfix}",
    )
