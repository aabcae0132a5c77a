"""Where submissions run: in processes of this machine, or on the workers of a Dask cluster.

A job is a function from (submission, versions of the notebooks, seed) to results, and needs nothing of the
course's folder. A worker needs this package, the same version of it, and a sandbox. A job whose worker dies
runs again on another; the gradebook has one writer, the process that asked, which takes each result once.
"""

import asyncio
import contextlib
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor

from dlcourse.grading.course import GradingError
from dlcourse.grading.job import machine
from dlcourse.grading.sandbox import SandboxMissing

TIMEOUT = 10  # seconds to reach the scheduler


@contextlib.contextmanager
def workers(executor: str, scheduler: str, jobs: int, unsafe: bool) -> Iterator[tuple[Executor | None, int]]:
    """What ``batch.run`` takes: an executor (None: processes of this machine), and the jobs at a time.

    Raises ``GradingError`` if the choice makes no sense or the cluster cannot be used, ``SandboxMissing`` if
    a worker has no sandbox.
    """
    if executor not in ("local", "dask"):
        raise GradingError(f"--executor is local or dask, not {executor!r}")
    if executor == "local":
        if scheduler:
            raise GradingError(f"--scheduler {scheduler} is for --executor dask")
        yield None, jobs
        return
    if not scheduler:
        raise GradingError("--executor dask needs the address of the cluster: --scheduler tcp://HOST:8786")
    with _connected(scheduler) as client:
        yield client.get_executor(pure=False), _looked_at(client, scheduler, unsafe)


@contextlib.contextmanager
def _connected(scheduler: str) -> Iterator:
    try:
        from distributed import Client
    except ModuleNotFoundError as problem:
        raise GradingError(
            f"{problem.name} is not installed: pip install 'dlcourse[cluster]', here and on the workers"
        ) from problem
    # What goes wrong is told in one sentence, not by the library's own tracebacks.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", "Sending large graph")  # a submission may bring files
    try:
        # Before there is a client: one that fails half-made can block a later one of the same process.
        asyncio.run(_reach(scheduler))
        client = Client(scheduler, timeout=TIMEOUT, set_as_default=False)
    except ValueError as problem:
        raise GradingError(f"--scheduler {scheduler}: {problem}; write it like tcp://HOST:8786") from problem
    except OSError as problem:
        raise GradingError(
            f"no Dask scheduler answers at {scheduler} within {TIMEOUT} s; is `dask scheduler` running there?"
        ) from problem
    try:
        yield client
    finally:
        client.close()


async def _reach(scheduler: str) -> None:
    from distributed.comm import connect
    from distributed.security import Security

    connection = await connect(scheduler, timeout=TIMEOUT, **Security().get_connection_args("client"))
    await connection.close()


def _looked_at(client, scheduler: str, unsafe: bool) -> int:
    """How many jobs the workers can run at a time, after each was asked whether it can."""
    try:
        found = client.run(machine, on_error="return")
    except Exception as problem:
        raise GradingError(f"the workers of {scheduler} cannot be asked: {problem}") from problem
    if not found:
        raise GradingError(f"{scheduler} has no workers; start some: dask worker {scheduler} --nthreads 1")
    ours, _ = machine()
    for address, answer in sorted(found.items()):
        if isinstance(answer, BaseException):
            raise GradingError(
                f"worker {address} cannot grade ({answer}); install this version of dlcourse there"
            )
        theirs, problem = answer
        if theirs != ours:
            raise GradingError(f"worker {address} has another version of dlcourse than this machine")
        if problem and not unsafe:
            raise SandboxMissing(f"worker {address}: {problem}")
    for address, threads in sorted(client.nthreads().items()):
        if threads > 1:
            raise GradingError(
                f"worker {address} has {threads} threads, and a process grades one submission at a time; "
                f"start it as {threads} processes: dask worker {scheduler} --nworkers {threads} --nthreads 1"
            )
    return len(found)
