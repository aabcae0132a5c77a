"""What a page may cost when it is executed, and what it did cost.

Counted is the time that its kernel spent computing, which does not depend on what else the machine does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CPU_SECONDS = 90.0
CELL_SECONDS = 30.0  # an experiment is a cell, or a few
PEAK_MIB = 1200.0


@dataclass
class Cost:
    """Processor time, that of the longest cell, and largest memory of one kernel, so far."""

    cpu_seconds: float = 0.0
    cell_seconds: float = 0.0
    peak_mib: float = 0.0


def measuring_client(notebook, **options):
    """An nbclient that leaves the cost of its kernel in ``client.cost``, measured after every cell."""
    import psutil
    from nbclient import NotebookClient

    class MeasuringClient(NotebookClient):
        cost = Cost()

        async def async_execute_cell(self, *arguments, **named):
            try:
                return await super().async_execute_cell(*arguments, **named)
            finally:
                self.cost = cost_of(self.km.provisioner.pid, self.cost)

    def cost_of(pid: int, before: Cost) -> Cost:
        try:
            process = psutil.Process(pid)
            spent, memory = process.cpu_times(), process.memory_info().rss / 2**20
        except psutil.Error:  # the kernel died; its last cost stays
            return before
        total = spent.user + spent.system
        longest = max(before.cell_seconds, total - before.cpu_seconds)
        return Cost(total, longest, max(before.peak_mib, memory, peak_of(pid)))

    return MeasuringClient(notebook, **options)


def peak_of(pid: int) -> float:
    """The largest resident memory of a process in MiB, where the system (Linux) tells it; else 0."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) / 2**10 for line in lines if line.startswith("VmHWM:")), default=0.0)


def costs(chapters: Iterable[Path], cache_path: Path) -> dict[Path, Cost | None]:
    """The cost of every chapter with cells; ``None`` where the cache holds none."""
    from jupyter_cache import get_cache

    from dlcourse.book.execution import read_notebook

    cache, found = get_cache(str(cache_path)), {}
    for chapter in chapters:
        notebook = read_notebook(chapter)
        if notebook is None:
            continue
        try:
            found[chapter] = Cost(**cache.match_cache_notebook(notebook).data["cost"])
        except KeyError:
            found[chapter] = None
    return found


def over_budget(chapters: Iterable[Path], cache_path: Path, root: Path) -> list[str]:
    """Pages that took more time or memory than a page may, and pages of which nothing is known."""
    faults = []
    for chapter, cost in costs(chapters, cache_path).items():
        name = chapter.relative_to(root)
        if cost is None:
            faults.append(f"{name}: what its cells cost is not known; build the book again")
            continue
        if cost.cpu_seconds > CPU_SECONDS:
            faults.append(
                f"{name}: its cells took {cost.cpu_seconds:.0f} s of processor time, "
                f"the budget of a page is {CPU_SECONDS:.0f} s"
            )
        if cost.cell_seconds > CELL_SECONDS:
            faults.append(
                f"{name}: one of its cells took {cost.cell_seconds:.0f} s of processor time, "
                f"the budget of a cell is {CELL_SECONDS:.0f} s"
            )
        if cost.peak_mib > PEAK_MIB:
            faults.append(
                f"{name}: its kernel needed {cost.peak_mib:.0f} MiB, "
                f"the budget of a page is {PEAK_MIB:.0f} MiB"
            )
    return faults
