"""A learner at work in JupyterLab, with nothing but the folder that ``make lab`` opens."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.answers import CONV2D, ENDLESS, FLIPPED, NAIVE, WRITTEN
from tests.e2e.jupyter import PATIENCE, ROOT, Lab, own_environment, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

ASSIGNMENTS = sorted(path.name for path in (ROOT / "exercises").iterdir())
NOTEBOOK = "convolution/convolution.ipynb"


class Learner:
    """Somebody with a clone of the course: ``course`` is theirs, ``folder`` what JupyterLab shows."""

    def __init__(self, base: Path):
        self.base, self.course, self.folder, self.home = base, base / "course", base / "work", base / "home"
        shutil.copytree(ROOT / "exercises", self.course / "exercises")
        shutil.copytree(ROOT / "book", self.course / "book")
        (self.course / "dlcourse").symlink_to(ROOT / "dlcourse")  # of which chapters show pieces

    def lab(self):
        """What ``make lab`` runs."""
        where = ["--root", str(self.course), "--folder", str(self.folder)]
        return serving([sys.executable, "-m", "dlcourse.exercises", "lab", *where], self.base, self.home)

    def said(self) -> str:
        return (self.base / "home.log").read_text("utf8")

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [Path(sys.executable).with_name("dlcourse"), *command],
            env=own_environment(self.home),
            capture_output=True,
        )
        return done.stdout.decode()

    def copy(self, folder: str) -> str:
        """A fresh notebook for one test; returns its path in JupyterLab."""
        (self.folder / folder).mkdir()
        shutil.copy(self.course / "exercises" / NOTEBOOK, self.folder / folder / "convolution.ipynb")
        return f"{folder}/convolution.ipynb"

    def saved(self, path: str) -> str:
        return "\n".join(
            "".join(c["source"]) for c in json.loads((self.folder / path).read_text("utf8"))["cells"]
        )


@pytest.fixture(scope="module")
def learner(tmp_path_factory):
    return Learner(tmp_path_factory.mktemp("learner"))


@pytest.fixture(scope="module")
def address(learner):
    with learner.lab() as address:
        yield address


@pytest.fixture
def lab(browser, address, shots):
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    yield Lab(context.new_page(), address, shots)
    context.close()


def test_make_lab_runs_what_is_tested_here():
    done = subprocess.run(
        ["make", "-n", "lab", "LAB_OPTIONS=--port=1"], cwd=ROOT, capture_output=True, text=True
    )
    assert "-m dlcourse.exercises lab --port=1" in done.stdout


def test_from_the_blank_notebook_to_success(lab, learner):
    lab.open(NOTEBOOK)
    lab.side_bar()
    lab.picture("lab-begin")
    stub, test = lab.cell("def conv2d_naive("), lab.cell('check("conv2d_naive")')
    lab.run(lab.cell("import numpy as np"))
    lab.run(stub)
    assert "conv2d_naive: it is not written yet" in lab.run(test)

    lab.write(stub, FLIPPED)
    lab.run(stub)
    assert "you rotated the kernel by 180 degrees" in lab.run(test)
    stub.scroll_into_view_if_needed()
    lab.picture("lab-red")

    lab.write(stub, NAIVE)
    lab.run(stub)
    shown = lab.run(test)
    assert "✗" not in shown and shown.count("✓") >= 4
    lab.picture("lab-green")
    assert "E01  conv2d_naive             solved" in learner.run("progress")

    lab.validate()
    failed = lab.dialog("Ok")
    assert "conv2d: it is not written yet" in failed
    assert "You did not provide a response." in failed  # the written question
    lab.write_text("YOUR ANSWER HERE", WRITTEN)
    lab.write(lab.cell("def conv2d("), CONV2D)  # not run, not saved
    lab.validate()
    lab.page.locator(".jp-Dialog", has_text="Success!").wait_for()
    lab.picture("lab-validated")
    lab.dialog("Ok")
    assert CONV2D.strip() in learner.saved(NOTEBOOK)  # what was validated is what lies in the folder
    progress = learner.run("progress")
    assert "E02  conv2d " in progress and "\n2 of " in progress


def test_the_chapter_lies_rendered_beside_the_exercise(lab):
    lab.open(NOTEBOOK)
    page = lab.page
    page.locator(".jp-BreadCrumbs-home").click()
    for name in ("book", "3-formulas", "convolution.ipynb"):
        page.locator(".jp-DirListing-item", has_text=name).first.dblclick()
    tab = page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text="convolution.ipynb").nth(1)
    tab.wait_for()
    area = page.locator("#jp-main-dock-panel").bounding_box()
    lab.drag(tab, area["x"] + area["width"] - 30, area["y"] + area["height"] / 2)
    lab.side_bar()
    chapter = page.locator(".jp-NotebookPanel:visible", has_text="3.1.1 Convolution")
    chapter.locator(".katex").first.wait_for()
    assert page.locator(".jp-NotebookPanel:visible").count() == 2
    assert chapter.locator("aside, .callout, .admonition", has_text="After this page you can").count() >= 1
    assert chapter.locator("details").count() >= 3
    text = "\n".join(chapter.locator(".jp-RenderedMarkdown, .myst").all_inner_texts())
    assert ":::" not in text and "```" not in text and "{glue" not in text
    lab.picture("lab-chapter-beside")


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_hints_wait_for_a_click_and_formulas_are_set(lab, name):
    lab.open(f"{name}/{name}.ipynb")
    hints = lab.panel.locator("details")
    opened = "es => es.filter(e => e.open).length"
    total = (ROOT / "exercises" / name / f"{name}.ipynb").read_text("utf8").count("<details>")
    hints.nth(total - 1).wait_for(state="attached")  # JupyterLab sets one text after the other
    assert hints.count() == total >= 6
    assert hints.evaluate_all(opened) == 0
    outside = [text for text in lab.panel.locator("details > :not(summary)").all() if text.is_visible()]
    assert outside == []
    for hint in hints.all()[:3]:
        assert hint.locator("summary").inner_text().startswith("▸ Hint")
        hint.locator("summary").click()
    assert hints.evaluate_all(opened) == 3
    assert lab.panel.locator(".katex").count() > 10
    assert lab.panel.locator(".katex-error").count() == 0
    assert "$" not in "".join(lab.panel.locator(".jp-MarkdownCell").all_inner_texts())
    assert lab.panel.locator(".jp-MarkdownCell", has_text="minutes").count() >= 2
    hints.first.scroll_into_view_if_needed()
    lab.picture(f"lab-{name}")


def test_an_endless_loop_can_be_stopped_and_nothing_is_lost(lab, learner):
    path = learner.copy("endless")
    lab.open(path)
    stub, test = lab.cell("def conv2d_naive("), lab.cell('check("conv2d_naive")')
    lab.run(lab.cell("import numpy as np"))
    lab.write(stub, ENDLESS)
    lab.run(stub)
    lab.start(test)
    lab.busy()
    lab.menu("Kernel", "Interrupt Kernel")
    lab.idle()
    assert "stopped" in lab.shown(test)
    lab.picture("lab-interrupted")
    lab.write(stub, NAIVE)
    lab.run(stub)
    assert "✗" not in lab.run(test)


def test_after_a_restart_the_notebook_says_where_to_begin(lab, learner):
    lab.open(learner.copy("restart"))
    assert (
        "again after each restart of the kernel" in lab.panel.locator(".jp-MarkdownCell").first.inner_text()
    )
    stub, test, first = (
        lab.cell(t) for t in ("def conv2d_naive(", 'check("conv2d_naive")', "import numpy as np")
    )
    lab.write(stub, NAIVE)
    for cell in (first, stub, test):
        lab.run(cell)
    lab.menu("Kernel", "Restart Kernel")
    lab.dialog("Restart")
    lab.idle()
    assert "There is no function conv2d_naive. Run the cell that defines it first." in lab.run(test)
    lab.run(stub)
    assert "a restarted kernel knows nothing" in lab.run(test)  # np is not defined
    lab.run(first)
    assert "✗" not in lab.run(test)


def test_what_is_typed_is_saved_without_being_asked(lab, learner):
    path = learner.copy("autosave")
    lab.open(path)
    lab.write(lab.cell("def conv2d_naive("), NAIVE)
    for _ in range(PATIENCE // 500):
        if NAIVE.strip() in learner.saved(path):
            break
        lab.page.wait_for_timeout(500)
    assert NAIVE.strip() in learner.saved(path)


def test_a_new_release_keeps_the_work(browser, shots, tmp_path):
    learner = Learner(tmp_path)
    with learner.lab() as address:
        lab = Lab(browser.new_page(), address, shots)
        lab.open(NOTEBOOK)
        lab.write(lab.cell("def conv2d_naive("), NAIVE)
        lab.page.keyboard.press("Control+s")
        lab.page.locator(".jp-mod-dirty").first.wait_for(state="detached")
        lab.page.close()
    release = learner.course / "exercises" / NOTEBOOK
    release.write_text(
        release.read_text("utf8").replace("Two exercises on", "This year two exercises on"), "utf8"
    )
    with learner.lab() as address:
        assert f"{NOTEBOOK}: there is a new release. Your file is kept as it was" in learner.said()
        assert "1 cell(s) that you wrote are in the new one too" in learner.said()
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        lab = Lab(page, address, shots)
        lab.open(NOTEBOOK)
        assert "This year two exercises" in lab.panel.locator(".jp-MarkdownCell").first.inner_text()
        lab.run(lab.cell("import numpy as np"))
        lab.run(lab.cell("def conv2d_naive("))
        assert "✗" not in lab.run(lab.cell('check("conv2d_naive")'))
        assert page.locator(".jp-DirListing-item", has_text="before").count() == 1
        lab.picture("lab-new-release")
        page.close()
