"""Grading on a Dask cluster: a worker dies midway, nothing is lost and nothing is graded twice."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from dlcourse.cli import app
from dlcourse.grading import batch, cluster
from dlcourse.grading.batch import run
from dlcourse.grading.course import Course, GradingError
from dlcourse.grading.demo import make_demo
from dlcourse.grading.job import machine
from dlcourse.grading.sandbox import SandboxMissing, sandbox_problem

ROOT = Path(__file__).parents[2]
UNSAFE = sandbox_problem() is not None
MARKS = {"blank": 0, "correct": 12, "flipped_kernel": 8.3, "stride_ignored": 9.73}


class Cluster:
    """A scheduler and workers, each a process of its own, as one starts them on several machines."""

    def __init__(self, folder: Path):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.processes: dict[str, subprocess.Popen] = {}
        self.start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", str(port))

    def start(self, name: str, *words: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    def worker(self, name: str) -> None:
        options = ["--name", name, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"]
        self.start(name, "worker", self.address, *options, "--local-directory", str(self.folder / name))

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        for name in list(self.processes):
            self.kill(name)  # a worker that is asked to end at the same time as its scheduler may hang


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


@pytest.fixture
def small_class(tmp_path):
    with make_demo(ROOT, tmp_path / "class") as folder:
        for path in (folder / "submitted").iterdir():
            if path.name not in MARKS:
                shutil.rmtree(path)
        yield folder


def refused(folder: Path, *options: str) -> str:
    found = CliRunner().invoke(app, ["grade", "convolution", "--root", str(folder), *options])
    assert found.exit_code == 1 and isinstance(found.exception, SystemExit), found.output
    assert not (folder / "gradebook.db").exists()
    return found.output


def test_options_that_make_no_sense_are_told(tmp_path):
    assert "--executor is local or dask, not 'ray'" in refused(tmp_path, "--executor", "ray")
    assert "needs the address of the cluster" in refused(tmp_path, "--executor", "dask")
    assert "is for --executor dask" in refused(tmp_path, "--scheduler", "tcp://127.0.0.1:1")
    for url in ("ray://127.0.0.1:1", "tcp://127.0.0.1:no"):
        assert "write it like tcp://HOST:8786" in refused(tmp_path, "--executor", "dask", "--scheduler", url)


def test_a_scheduler_that_does_not_answer_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "TIMEOUT", 1)
    said = refused(tmp_path, "--executor", "dask", "--scheduler", "tcp://127.0.0.1:1")
    assert "no Dask scheduler answers at tcp://127.0.0.1:1 within 1 s" in said


def test_without_dask_the_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = refused(tmp_path, "--executor", "dask", "--scheduler", "tcp://127.0.0.1:1")
    assert "pip install 'dlcourse[cluster]'" in said


def kill_at_work(dask: Cluster, name: str, client, lost: list) -> None:
    """Kill the worker ``name`` as soon as it has jobs; ``lost`` are they."""
    known = client.scheduler_info()["workers"]
    address = next(address for address, worker in known.items() if worker["name"] == name)
    while not lost:
        lost.extend(client.processing()[address])
        time.sleep(0.05)
    dask.kill(name)


def test_a_worker_dies_midway(dask, small_class, monkeypatch):
    said = refused(small_class, "--executor", "dask", "--scheduler", dask.address)
    assert "has no workers; start some: dask worker" in said
    for name in ("one", "two"):
        dask.worker(name)
    written = []
    write = batch.Batch._write

    def noted(self, plan, results):
        written.append(plan.student)
        return write(self, plan, results)

    monkeypatch.setattr(batch.Batch, "_write", noted)
    course = Course(small_class, unsafe=UNSAFE)
    with cluster._connected(dask.address) as client:
        client.wait_for_workers(2, timeout=60)
    with cluster.workers("dask", dask.address, 1, UNSAFE) as (pool, jobs):
        assert jobs == 2
        lost = []
        killer = Thread(target=kill_at_work, args=(dask, "one", pool._client, lost))
        killer.start()
        rows = run(course, "convolution", jobs=jobs, executor=pool)
        killer.join()
    assert lost, "the worker had jobs when it was killed"
    assert {row.student: row.score for row in rows} == pytest.approx(MARKS)
    assert not any(row.failure for row in rows) and sorted(written) == sorted(MARKS)
    assert len(list(small_class.glob("feedback/*/convolution/convolution.html"))) == len(MARKS)


def test_workers_that_cannot_grade_are_told(dask, monkeypatch):
    def looked_at(answer):
        class Client:
            def run(self, function, on_error):
                return {"tcp://10.0.0.7:1": answer}

            def nthreads(self):
                return {"tcp://10.0.0.7:1": 4}

        return cluster._looked_at(Client(), "tcp://10.0.0.5:8786", False)

    with pytest.raises(GradingError, match=r"10\.0\.0\.7:1 has another version of dlcourse"):
        looked_at(("0" * 64, None))
    with pytest.raises(GradingError, match=r"cannot grade \(No module named 'dlcourse'\)"):
        looked_at(ModuleNotFoundError("No module named 'dlcourse'"))
    with pytest.raises(SandboxMissing, match=r"worker tcp://10\.0\.0\.7:1: no bubblewrap"):
        looked_at((machine()[0], "no bubblewrap"))
    with pytest.raises(GradingError, match=r"as 4 processes: .* --nworkers 4 --nthreads 1"):
        looked_at((machine()[0], None))
