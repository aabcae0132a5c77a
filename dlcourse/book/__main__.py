"""The command line of the book."""

from typing import Annotated

import typer
from rich.console import Console

from dlcourse.book.places import HTML, ROOT, BookError, prepare_environment

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Build, check and serve the book.")
console = Console()


def stop(error: BookError) -> typer.Exit:
    console.print("The book is not done:", style="bold red", end=" ")
    console.print(str(error), markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(1)


@app.command()
def build(workers: Annotated[int, typer.Option(help="Notebooks that run at the same time.")] = 2) -> None:
    """Execute every chapter that changed and write the pages; any failure or warning stops it."""
    from dlcourse.book.build import build as build_book

    try:
        page = build_book(workers, console)
    except BookError as error:
        raise stop(error) from None
    console.print(
        f"The book: {page}\nTo read it in a browser: python -m dlcourse.book serve", highlight=False
    )


@app.command()
def check(
    workers: Annotated[int, typer.Option(help="Notebooks that nbval runs at the same time.")] = 2,
) -> None:
    """Check the built book: cells, outputs, links, figures, requests, numbers, equations."""
    from dlcourse.book.check import check as check_book

    try:
        prepare_environment()
        for line in check_book(workers):
            console.print(line, highlight=False)
    except BookError as error:
        raise stop(error) from None


@app.command()
def pdf() -> None:
    """Print the built book into one PDF with Chromium."""
    from dlcourse.book.pdf import write_pdf

    try:
        with console.status("printing the pages"):
            path = write_pdf()
    except BookError as error:
        raise stop(error) from None
    console.print(f"The book on paper: {path.relative_to(ROOT)}", highlight=False)


@app.command()
def serve(port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000) -> None:
    """Serve the built book on this machine until Ctrl-C."""
    from dlcourse.book.server import Server

    if not (HTML / "index.html").exists():
        raise stop(BookError("nothing is built yet. Run: make book"))
    try:
        server = Server(HTML, port)
    except OSError as error:
        told = f"port {port} cannot be used ({error.strerror}). Try another: make serve PORT={port + 1}"
        raise stop(BookError(told)) from None
    console.print(
        f"{HTML.relative_to(ROOT)} is served at http://127.0.0.1:{port}/ (Ctrl-C ends it)", highlight=False
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        console.print("stopped")
    finally:
        server.server_close()


if __name__ == "__main__":
    app()
