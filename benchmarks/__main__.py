"""The command line of the benchmark."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import results
from benchmarks.machine import clean_environment, facts
from benchmarks.sections import SECTIONS, THREADS

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
DEFAULT = [name for name in SECTIONS if name != "learn"]


@app.command()
def run(
    sections: Annotated[list[str] | None, typer.Argument(help=f"Some of {', '.join(SECTIONS)}.")] = None,
) -> None:
    """Measure (all but learn, unless named) and write the file that the page reads; about 9 minutes."""
    chosen = sections or DEFAULT
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown:
        typer.echo(f"No section {', '.join(unknown)}; there are {', '.join(SECTIONS)}.", err=True)
        raise typer.Exit(2)
    for name in chosen:
        found = _in_fresh_process(name)
        results.write(results.read() | {name: found})  # a section that is done is kept, whatever follows
    typer.echo("Written: dlcourse/efficiency/benchmarks.json, which the page How fast reads.")


@app.command()
def learn() -> None:
    """Train the CNN and the character models to their goals; about 10 minutes."""
    run(["learn"])


@app.command()
def gpu() -> None:
    """Compare torch_nn with plain torch.nn on a CUDA device, and write the results."""
    from benchmarks import gpu

    if not gpu.available():
        typer.echo(f"{gpu.MISSING} Nothing was measured.")
        return
    results.write(results.read() | {"gpu": gpu.measure()})


@app.command(hidden=True)
def section(name: str, path: Path) -> None:
    """Measure one section in this process."""
    import torch

    torch.set_num_threads(THREADS.get(name, 1))
    before = facts()
    found = SECTIONS[name]()
    path.write_text(json.dumps({"machine": before | {"load_after": facts()["load"]}, **found}), "utf8")


@app.command(hidden=True)
def peak(axis: str, side: str, size: int) -> None:
    """Measure the memory of one piece of work in this process."""
    import torch

    from benchmarks import memory

    torch.set_num_threads(1)
    typer.echo(json.dumps(memory.peak(axis, side, size)))


def _in_fresh_process(name: str) -> dict:
    """A section measured without the settings that slow one library down."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "section.json"
        command = [sys.executable, "-m", "benchmarks", "section", name, str(path)]
        done = subprocess.run(command, env=clean_environment(THREADS.get(name, 1)))
        if done.returncode:
            typer.echo(f"The section {name} stopped; see above. What was measured before is kept.", err=True)
            raise typer.Exit(1)
        return json.loads(path.read_text("utf8"))


if __name__ == "__main__":
    app()
