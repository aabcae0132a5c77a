"""A downloaded chapter opens in JupyterLab and runs there as it is, in a folder that holds nothing else."""

import re
import shutil
import sys

import nbformat
import pytest
from playwright.sync_api import expect

from dlcourse.book.places import HTML
from tests.e2e.jupyter import PATIENCE, Lab, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("downloads")]

CHAPTERS = ["1-background/index", "3-formulas/convolution"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("downloads")
    for name in CHAPTERS:
        shutil.copy(HTML / "_sources" / "book" / f"{name}.ipynb", folder / file_of(name))
    return folder


@pytest.fixture(scope="module")
def lab_address(folder, tmp_path_factory):
    with serving([sys.executable, "-m", "jupyterlab"], folder, tmp_path_factory.mktemp("home")) as address:
        yield address


def file_of(name: str) -> str:
    return f"{name.replace('/', '-')}.ipynb"


@pytest.mark.parametrize("name", CHAPTERS)
def test_run_all_gives_the_outputs_again(browser, shots, folder, lab_address, name):
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    lab = Lab(page, lab_address, shots)
    lab.open(file_of(name))
    lab.menu("Edit", "Clear Outputs of All Cells")
    lab.menu("Run", "Run All Cells")
    last = lab.panel.locator(".jp-CodeCell .jp-InputArea-prompt").last
    expect(last).to_have_text(re.compile(r"\[\d+\]"), timeout=PATIENCE)
    lab.idle()
    lab.save()
    page.screenshot(path=shots / f"download-{name.split('/')[1]}.png")
    page.context.close()
    cells = [c for c in nbformat.read(folder / file_of(name), 4).cells if c.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert all(cell.execution_count for cell in cells)
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    before = nbformat.read(HTML / "_sources" / "book" / f"{name}.ipynb", 4)
    assert len(outputs) == sum(len(c.outputs) for c in before.cells if c.cell_type == "code")
