"""``python tests/install``: install the course in every cell of the matrix, use it, write a table.

Each cell has an environment of its own in ``_build/install``, removed when it is done; its log stays.
"""

import argparse
import concurrent.futures
import platform
import shutil
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

from cells import CELLS, PLAIN, Cell, find_python
from steps import WORK, Failure, NotRun, Run

TABLE = Path(__file__).with_name("results.md")


def run(number: int, cell: Cell, pip: list[str], cuda: bool, uv: bool, keep: bool) -> tuple[str, str, float]:
    """(state, what was seen, seconds)."""
    one, began = Run(number, cell, pip, cuda, uv), time.monotonic()
    shutil.rmtree(one.folder.parent, ignore_errors=True)
    one.log.unlink(missing_ok=True)
    try:
        one.install()
        state, seen = "ok", one.use()
    except NotRun as reason:
        state, seen = "not run", str(reason)
    except Failure as failure:
        state, seen = "FAILED", str(failure)
    except subprocess.TimeoutExpired as error:
        state, seen = "FAILED", f"no end after {error.timeout:.0f} s"
    if not keep:
        shutil.rmtree(one.folder.parent, ignore_errors=True)
    return state, seen, time.monotonic() - began


def table(rows: dict[int, tuple[str, str, float]]) -> str:
    names = ("Python", "versions", "PyTorch", "as", "folder", "result", "seen")
    lines = [names, ["---"] * len(names)]
    for number, (state, seen, _) in sorted(rows.items()):
        cell = CELLS[number]
        folder = "plain" if cell.folder == PLAIN else "spaces, `&`, non-ASCII"
        torch = "yes" if cell.torch else "no"
        lines.append([full_version(cell.python), cell.versions, torch, cell.how, folder, state, seen])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def full_version(python: str) -> str:
    found = find_python(python)
    return (
        subprocess.run([found, "-V"], capture_output=True, text=True).stdout.split()[1] if found else python
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests/install", description=__doc__.splitlines()[0])
    parser.add_argument("cells", nargs="*", type=int, help="numbers of cells, from 0; all without them")
    parser.add_argument("--pip-options", default="", help="passed to pip install")
    parser.add_argument(
        "--cuda", action="store_true", help="install a CUDA build of PyTorch where pip takes one"
    )
    parser.add_argument("--uv", action="store_true", help="install with uv: a fifth of the time of pip")
    parser.add_argument("--jobs", type=int, default=1, help="cells at the same time")
    parser.add_argument("--keep", action="store_true", help="leave the environments")
    given = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    rows, told = {}, threading.Lock()

    def one(number: int) -> None:
        print(f"      {CELLS[number]}: begins", flush=True)
        result = run(number, CELLS[number], given.pip_options.split(), given.cuda, given.uv, given.keep)
        with told:
            rows[number] = result
            state, seen, seconds = result
            done = f"[{len(rows)}/{len(chosen)}] {CELLS[number]}"
            print(f"{done}: {state}, {seen} ({seconds:.0f} s)", flush=True)

    chosen = given.cells or list(range(len(CELLS)))
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        list(pool.map(one, chosen))
    text = table(rows)
    print(text)
    if not given.cells:
        how = "`make install-matrix`" + (", packages installed with uv" if given.uv else "")
        head = f"Measured on {date.today()}, {platform.system()} {platform.machine()}, by {how}."
        meaning = (
            "*lock*: `requirements.lock`; *newest* and *oldest*: what the ranges of `pyproject.toml` allow, "
            "with every extra; *core*: `pip install dlcourse` without extras."
        )
        temporary = TABLE.with_suffix(".new")
        temporary.write_text(f"# Where the course installs\n\n{head} {meaning}\n\n{text}\n", encoding="utf-8")
        temporary.replace(TABLE)
    sys.exit(any(state == "FAILED" for state, *_ in rows.values()))


if __name__ == "__main__":
    main()
