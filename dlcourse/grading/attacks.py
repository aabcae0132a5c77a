"""The attack suite: hostile submissions with honest students between them, through the whole path.

Each file of ``tests/grading/attacks`` is one attacker who begins with the unsolved notebook of the
assignment `convolution`. Its docstring says what is tried; it defines ``CELLS`` (cells in front of the
exercises), ``ANSWER`` (the answer to E01) or ``hand_in(notebook, folder)``, and what must happen: ``SCORE``
(default 0), ``SAID`` (a part of what the student must be told), ``REVIEW`` (a person has to look). ``SLOW``
keeps it out of `make test`. It is a failure if the word LEAK or the random word that stands in every secret
is shown, a file changes, a process survives, or a byte arrives on the wire.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import re
import runpy
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import psutil

from dlcourse.grading.batch import run
from dlcourse.grading.course import Course, Row
from dlcourse.grading.forkserver import close_servers
from dlcourse.grading.limits import MIB, Limits
from dlcourse.grading.scratch import prefix

ASSIGNMENT = "convolution"
LIMITS = Limits(cell=1, call=1, grace=0.5, total=10, memory=1024 * MIB)
HONEST = 12.0  # what machine tests give to a correct notebook
WRITTEN = (
    "gradebook.db",
    "autograded",
    "feedback",
    "grades.csv",
    "report-",
    "canvas-",
    "moodle-",
    ".grading",
)
PLACES = ("/tmp", "/dev/shm", "/var/tmp", "/run")
PLANTED = ("PWNED", "LEAK-planted", "fill0", "inputs")
BETWEEN = 12  # an honest student after so many attackers


def write(notebook: dict, folder: Path) -> None:
    """Hand in ``notebook``."""
    (folder / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def code(source: str) -> dict:
    """A code cell without a grade id."""
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}


def metas(notebook: dict) -> list[dict]:
    """nbgrader's metadata of all cells that have some."""
    return [c["metadata"]["nbgrader"] for c in notebook["cells"] if "nbgrader" in c["metadata"]]


@dataclass(frozen=True)
class Attack:
    """One hostile submission and what must happen."""

    name: str
    what: str
    cells: list[str] = field(default_factory=list)
    answer: str = ""
    score: float = 0.0
    said: str = ""
    review: bool = False
    slow: bool = False
    hand_in: Callable | None = None

    @classmethod
    def load(cls, path: Path) -> "Attack":
        given = runpy.run_path(str(path))
        keys = ("CELLS", "ANSWER", "SCORE", "SAID", "REVIEW", "SLOW")
        known = {key.lower(): given[key] for key in keys if key in given}
        return cls(path.stem, given["__doc__"].strip(), hand_in=given.get("hand_in"), **known)

    def place(self, notebook: dict, folder: Path, port: int) -> None:
        if self.hand_in is not None:
            self.hand_in(notebook, folder)
            return
        first = next(i for i, c in enumerate(notebook["cells"]) if _name(c) == "E01-conv2d_naive")
        if self.answer:
            notebook["cells"][first]["source"] = self.answer
        notebook["cells"][first:first] = [code(cell.replace("PORT", str(port))) for cell in self.cells]
        write(notebook, folder)


def _name(cell: dict) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def load_attacks(folder: Path, names: list[str] | None = None) -> list[Attack]:
    """All attacks of ``folder``, or those with the given names."""
    found = [Attack.load(path) for path in sorted(folder.glob("*.py"))]
    return [a for a in found if not names or a.name in names]


@dataclass
class Suite:
    """What a run has shown: for each attack its faults, and what was seen of the grader."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    honest: int = 0
    peak_mib: float = 0.0
    seconds: float = 0.0

    @property
    def failed(self) -> list[str]:
        return [f"{name}: {fault}" for name, faults in self.faults.items() for fault in faults] + self.general


def run_suite(root: Path, attacks: list[Attack]) -> Suite:
    """Grade ``attacks`` in one class and look at everything that they could have done."""
    ctypes.CDLL(None).prctl(
        36, 1, 0, 0, 0
    )  # orphans of any depth become children of this process, to be seen
    suite, begun, word = Suite(), time.monotonic(), f"canary{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory(prefix=prefix("attacks")) as place, _listener() as (port, heard):
        folder, students = Path(place), {}
        _course(root, folder, word)
        released = (root / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8")
        honest = runpy.run_path(str(root / "demo" / "students.py"))["correct"]
        for name, attack in _order(attacks):
            students[name] = attack
            target = folder / "submitted" / name / ASSIGNMENT
            target.mkdir(parents=True)
            if attack is None:
                honest(released, target)
            else:
                attack.place(json.loads(released), target, port)
        before, outside = _snapshot(folder), _outside()
        os.environ["GRADER_SECRET"] = word
        Path("/proc/self/clear_refs").write_text("5")  # from here on, the peak of memory is that of grading
        rows = {row.student: row for row in run(Course(folder, limits=LIMITS), ASSIGNMENT)}
        del os.environ["GRADER_SECRET"]
        status = Path("/proc/self/status").read_text()
        suite.peak_mib = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
        after = _snapshot(folder)
        changed = sorted(set(before.items()) ^ set(after.items()))
        suite.general += [
            f"on disk: {path} is not as before" for path in dict.fromkeys(p for p, _ in changed)
        ]
        suite.general += [f"outside the course: {path} appeared" for path in sorted(_outside() - outside)]
        suite.general += [f"a process survived: {' '.join(p.cmdline())}" for p in _left_behind()]
        ours = Path(tempfile.gettempdir()).glob(prefix("*"))
        suite.general += [f"left behind: {path}" for path in ours if path != folder]
        suite.general += [f"something was sent: {data!r}" for data in heard]
        for name, attack in students.items():
            if attack is None:
                suite.honest += 1
                suite.general += [f"honest student {name}: {f}" for f in _honest_faults(rows.get(name))]
            else:
                suite.faults[attack.name] = _faults(attack, rows.get(name), folder, name, word)
    suite.seconds = time.monotonic() - begun
    return suite


def _order(attacks: list[Attack]) -> Iterator[tuple[str, Attack | None]]:
    yield "a_honest", None
    for number, attack in enumerate(attacks):
        yield f"m{number:03}_{attack.name}", attack
        if number % BETWEEN == BETWEEN - 1:
            yield f"m{number:03}_z_honest", None
    yield "z_honest", None


def _course(root: Path, folder: Path, word: str) -> None:
    """The course of ``root`` with ``word`` in every secret."""
    (folder / "solutions" / ASSIGNMENT).mkdir(parents=True)
    source = (root / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.md").read_text(encoding="utf-8")
    for marker in ("### BEGIN HIDDEN TESTS\n", "    ### BEGIN SOLUTION\n"):
        source = source.replace(marker, f"{marker}{marker[: marker.index('#')]}# {word}\n")
    (folder / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.md").write_text(source, encoding="utf-8")
    (folder / "secret.txt").write_text(word)
    shutil.copy(root / "nbgrader_config.py", folder)


@contextlib.contextmanager
def _listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port on the loopback interface and what has arrived there when it is closed."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        port = server.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))
        server.setblocking(False)
        datagrams.setblocking(False)
        yield port, heard
        for take in (lambda: server.accept()[1], lambda: datagrams.recv(100)):
            with contextlib.suppress(BlockingIOError):
                heard.append(take())


def _snapshot(folder: Path) -> dict[str, tuple]:
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = Path(parent) / name
            relative = str(path.relative_to(folder))
            if relative.startswith((*WRITTEN, f"solutions/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")):
                continue
            info = path.lstat()
            small = path.is_file() and not path.is_symlink() and info.st_size < 1 << 26
            content = hashlib.sha256(path.read_bytes()).hexdigest() if small else ""
            size = info.st_size if small else 0  # a folder's size and time change with what belongs there
            found[relative] = (info.st_mode, info.st_uid, size, content)
    return found


def _outside() -> set[str]:
    found = set()
    for place in PLACES:
        for name in os.listdir(place) if os.path.isdir(place) else ():
            if name.startswith(PLANTED):
                found.add(f"{place}/{name}")
    return found


def _left_behind() -> list[psutil.Process]:
    close_servers()
    _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=5)
    return [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def _honest_faults(row: Row | None) -> list[str]:
    if row is None or row.failure:
        return [f"not graded: {row and row.failure}"]
    faults = [] if row.score == HONEST else [f"{row.score:g} points, expected {HONEST:g}"]
    return faults + [f"was told {remark!r}" for remark in row.remarks]


def _faults(attack: Attack, row: Row | None, folder: Path, student: str, word: str) -> list[str]:
    if row is None or row.failure:
        return [f"not graded: {row and row.failure}"]
    faults = []
    said = " ".join([*row.remarks, *row.sentences.values()])
    if row.score != attack.score:
        faults.append(f"{row.score:g} points, expected {attack.score:g} ({said})")
    if attack.said not in said:
        faults.append(f"nobody said {attack.said!r}, but: {said}")
    if attack.review and len(row.needs_manual) < 5:
        faults.append(f"only {row.needs_manual} shown to a person")
    notebook = json.loads((folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
    outputs = json.dumps([cell.get("outputs", []) for cell in notebook["cells"]])
    page = (folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text(encoding="utf-8")
    everything = json.dumps(notebook) + page + said
    if "LEAK" in outputs + said:
        faults.append("leaked: " + re.search(r".{0,60}LEAK.{0,80}", outputs + said)[0])
    if word in everything:
        faults.append("a secret stands in the results")
    if "HIDDEN TESTS" in outputs + page:
        faults.append("hidden tests stand in the results")
    faults += [f"live markup in feedback: {found}" for found in live_markup(page)]
    return faults


def summary(attacks: list[Attack], suites: list[Suite]) -> dict:
    """The figures of the instructor's page."""
    return {
        "attacks": len(attacks),
        "classes": len(suites),
        "honest": sum(suite.honest for suite in suites),
        "failed": sum(len(suite.failed) for suite in suites),
        "peak_mib": round(max(suite.peak_mib for suite in suites)),
        "tried": {attack.name: [attack.what, attack.score] for attack in attacks},
    }


class _Live(HTMLParser):
    """Collects what in a page could act or ask another server: feedback pages need none of it."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        given = {key: value or "" for key, value in attributes}
        if tag in ("script", "iframe", "form", "object", "embed", "svg", "base", "link"):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {key}" for key in given if key.startswith("on")]
        if tag == "a" and not given.get("href", "#").startswith(("#", "http://", "https://", "mailto:")):
            self.found.append(f"link to {given['href'][:60]}")
        if tag != "a" and (where := given.get("src") or given.get("href") or "").startswith(("http", "//")):
            self.found.append(f"{tag} from {where[:60]}")


def live_markup(page: str) -> list[str]:
    """What a browser would act upon, or load from elsewhere, in a feedback page."""
    parser = _Live()
    parser.feed(page)
    return parser.found
