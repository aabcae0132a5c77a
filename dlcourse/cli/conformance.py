"""``dlcourse conformance``: NumPy and PyTorch side by side, every layer, every gradient."""

from pathlib import Path
from typing import Annotated

import typer

from dlcourse.cli.saying import errors_as_sentences, needs, stop


def conformance(
    out: Annotated[
        Path | None, typer.Option(help="File to write: .md or .json. Else the table is printed.")
    ] = None,
    only: Annotated[str, typer.Option(help="Only cases whose name contains this text.")] = "",
) -> None:
    """Run all cases in float64 and float32, and against finite differences; write a table with the worst
    error of each layer. Exit code 1 if a layer disagrees."""
    with errors_as_sentences(), needs("torch"):
        from dlcourse.conformance import report

        if out is not None and out.suffix not in (".md", ".json"):
            raise ValueError(f"{out} ends in {out.suffix or 'nothing'}, expected .md or .json")
        cases = [case for case in report.all_cases() if only.lower() in case.name.lower()]
        if not cases:
            raise ValueError(f"no case has {only!r} in its name")
        result = _with_a_bar(report.report, cases)
        if out is None:
            typer.echo(result.markdown(), nl=False)
        else:
            result.write(out)
            typer.echo(f"{len(cases)} cases, {len(result.rows)} layers: {out}")
    if not result.agrees:
        wrong = "; ".join(
            f"{row.layer} (float64 {row.worst:.1e}, float32 {row.worst_float32:.1e}, "
            f"finite differences {row.worst_finite:.1e})"
            for row in result.rows
            if not row.agrees
        )
        raise stop(
            f"more than the tolerance (float64 {result.tolerance:.0e}, "
            f"float32 {result.tolerance_float32:.0e}, finite differences {result.tolerance_finite:.0e}) "
            f"lies between the two sides of: {wrong}"
        )


def _with_a_bar(report, cases: list):
    from rich.console import Console
    from rich.progress import track

    # On stderr, and only on a terminal: what is printed can be piped.
    console = Console(stderr=True)
    steps = iter(
        track(
            range(len(cases)), "Comparing", console=console, transient=True, disable=not console.is_terminal
        )
    )
    result = report(cases, progress=lambda case: next(steps))
    next(steps, None)
    return result
