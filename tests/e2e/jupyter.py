"""A Jupyter server of a person's own, and what that person does in JupyterLab with mouse and keyboard."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
PATIENCE = 60_000  # milliseconds; a busy machine is slow, and nothing here measures time
SENTENCE = ".jp-OutputArea-output"


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def own_environment(home: Path) -> dict[str, str]:
    """Environment variables of somebody who has just been given this machine."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "XDG", "IPYTHON", "DLCOURSE"))
    }
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"HOME": str(home), "PATH": scripts, "DLCOURSE_DATA": str(home / "dlcourse")}


@contextlib.contextmanager
def serving(command: list[str], folder: Path, home: Path) -> Iterator[str]:
    """Run ``command`` with a port and without a token; yields the address when it answers."""
    port = free_port()
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    with (home.parent / f"{home.name}.log").open("w") as log:
        server = subprocess.Popen(
            [*command, *options], cwd=folder, env=own_environment(home), stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api", server, Path(log.name))
        yield address
    finally:
        end(server)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + 4 * PATIENCE / 1000
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=10):
            return
        time.sleep(0.2)
    raise RuntimeError(f"{server.args} does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def end(server: subprocess.Popen) -> None:
    """Stop a server and whatever it has started."""
    family = [server, *psutil.Process(server.pid).children(recursive=True)] if server.poll() is None else []
    if family:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(30)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            process.kill()
    server.wait()


class Lab:
    """A page with JupyterLab."""

    def __init__(self, page, address: str, shots: Path):
        self.page, self.address, self.shots = page, address, shots
        page.set_default_timeout(PATIENCE)

    def open(self, path: str) -> None:
        """Open a notebook, with nothing else on the screen."""
        self.page.goto(f"{self.address}/lab/tree/{path}?reset")
        self.page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-Cell").first.wait_for()
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.idle()

    @property
    def panel(self):
        return self.page.locator(".jp-NotebookPanel:visible").first

    def idle(self) -> None:
        """The kernel of the notebook has nothing to do."""
        # The status bar speaks of a kernel only when there is one; the indicator is idle before that, too.
        self.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()

    def busy(self) -> None:
        self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]').wait_for()

    def validate(self) -> None:
        self.panel.locator(".jp-Toolbar").get_by_text("Validate").click()

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        self.page.locator(".jp-mod-dirty").first.wait_for(state="detached")

    def drag(self, thing, x: float, y: float) -> None:
        """Drag something that Lab lets one drag to a place on the page."""
        box, mouse = thing.bounding_box(), self.page.mouse
        mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(x - 200, y, steps=8)
        mouse.move(x, y, steps=8)
        mouse.up()

    def side_bar(self) -> None:
        self.page.keyboard.press("Control+b")

    def menu(self, *path: str) -> None:
        """Click through the menus: ``menu("Kernel", "Interrupt Kernel")``."""
        self.page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{path[0]}$")).click()
        for name in path[1:]:
            label = self.page.locator(
                ".lm-Menu-itemLabel", has_text=re.compile(f"^{re.escape(name)}(…|\\.\\.\\.)?$")
            )
            label.last.click()

    def cell(self, text: str):
        """The first code cell with this text."""
        cell = self.panel.locator(".jp-CodeCell", has=self.page.locator(".cm-content", has_text=text)).first
        cell.scroll_into_view_if_needed()
        return cell

    def enter(self, cell) -> None:
        """Click into a cell. JupyterLab takes the focus away once more when a notebook has just opened."""
        for _ in range(50):
            cell.locator(".cm-content").click()
            self.page.wait_for_timeout(200)
            if cell.locator(".cm-focused").count():
                return
        raise AssertionError("no click brings the cursor into the cell")

    def write(self, cell, text: str) -> None:
        self.enter(cell)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def write_text(self, old: str, text: str) -> None:
        """Replace the text of the rendered cell that holds ``old``."""
        cell = self.panel.locator(".jp-MarkdownCell", has_text=old).first
        cell.scroll_into_view_if_needed()
        cell.get_by_text(old).last.dblclick()
        self.write(cell, text)
        self.page.keyboard.press("Shift+Enter")

    def start(self, cell) -> None:
        """Press Shift+Enter in a cell."""
        self.enter(cell)
        self.page.keyboard.press("Shift+Enter")

    def run(self, cell) -> str:
        """Run a cell; returns what it shows."""
        prompt = cell.locator(".jp-InputArea-prompt")
        prompt.evaluate("e => e.textContent = ''")  # after a restart the same number may come again
        self.start(cell)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=PATIENCE)
        self.idle()
        return self.shown(cell)

    def shown(self, cell) -> str:
        return " ".join(" ".join(cell.locator(SENTENCE).all_inner_texts()).split())

    def dialog(self, button: str | None = None) -> str:
        """The text of the dialog that is open; a click on ``button`` closes it."""
        dialog = self.page.locator(".jp-Dialog")
        dialog.wait_for()
        text = dialog.inner_text()
        if button:
            dialog.locator("button", has_text=re.compile(f"^{button}$")).last.click()
            dialog.wait_for(state="detached")
        return text

    def picture(self, name: str) -> None:
        self.page.wait_for_timeout(400)  # things that move or fade have come to rest
        self.page.screenshot(path=self.shots / f"{name}.png")
