"""The command line ``dlcourse``. Each command loads what it needs when it runs, so that help is quick."""

import typer

from dlcourse.cli import check, conformance, doctor, generate, grade, progress, summary, train

app = typer.Typer(
    help="Deep learning for images and language, checked by running code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    doctor.doctor,
    summary.summary,
    train.train,
    generate.generate,
    conformance.conformance,
    check.check,
    progress.progress,
    grade.grade,
):
    app.command()(command)
