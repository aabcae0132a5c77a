"""What executing a page costs is measured, kept, and compared with the budget."""

from dlcourse.book import budget
from dlcourse.book.budget import costs, over_budget
from dlcourse.book.execution import fill_cache
from tests.book.test_execution import chapter

SPEND = "import time\nbegin = time.process_time()\nwhile time.process_time() < begin + 1.5: pass"
HOLD = "block = bytearray(200 * 2**20)\nblock[::4096] = b'x' * len(block[::4096])"


def test_time_and_memory_of_a_page_are_kept_and_a_small_budget_is_exceeded(tmp_path, monkeypatch):
    page, cache = chapter(tmp_path, SPEND, HOLD), tmp_path / "cache"
    assert fill_cache([page], cache) == []
    cost = costs([page], cache)[page]
    assert 1.4 < cost.cell_seconds <= cost.cpu_seconds < 60 and 200 < cost.peak_mib < 1000
    assert over_budget([page], cache, tmp_path) == []
    monkeypatch.setattr(budget, "CPU_SECONDS", 1.0)
    monkeypatch.setattr(budget, "CELL_SECONDS", 1.2)
    monkeypatch.setattr(budget, "PEAK_MIB", 100.0)
    time, cell, memory = over_budget([page], cache, tmp_path)
    assert time.startswith("page.md: its cells took") and "budget of a page is 1 s" in time
    assert cell.startswith("page.md: one of its cells took") and "budget of a cell is 1 s" in cell
    assert memory.startswith("page.md: its kernel needed") and "budget of a page is 100 MiB" in memory


def test_a_page_of_which_nothing_is_known_is_told(tmp_path):
    page = chapter(tmp_path, "print(1)")
    assert "is not known; build the book again" in over_budget([page], tmp_path / "cache", tmp_path)[0]


def test_a_page_that_fails_has_no_cost(tmp_path):
    page, cache = chapter(tmp_path, "1 / 0"), tmp_path / "cache"
    assert len(fill_cache([page], cache)) == 1
    assert costs([page], cache) == {page: None}
