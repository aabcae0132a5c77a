"""What an instructor clicks in Formgrader, and a student in the list of assignments."""

import re

from tests.e2e.jupyter import PATIENCE, Lab


class Formgrader:
    """Formgrader in a browser tab of its own."""

    def __init__(self, page, address: str, shots):
        self.page, self.address, self.shots = page, address, shots
        page.set_default_timeout(PATIENCE)

    def open(self) -> None:
        self.page.goto(f"{self.address}/formgrader")
        self.row("convolution").wait_for()

    def tab(self, name: str) -> None:
        self.page.locator("a", has_text=re.compile(rf"^\s*{name}\s*$")).first.click()

    def row(self, name: str):
        return self.page.locator("tbody tr", has_text=name).first

    def press(self, row: str, column: str) -> str:
        """Click the symbol of a column; returns what Formgrader says about it, and closes that."""
        self.row(row).locator(f"td.{column} a").click()
        box = self.page.locator(".modal.in")
        box.wait_for()
        said = box.inner_text()
        box.locator(".modal-footer button, .modal-header .close").first.click()
        box.wait_for(state="detached")
        assert "Success" in said, said
        self.row(row).wait_for()
        return said

    def submissions(self) -> None:
        self.open()
        self.row("convolution").locator("td.num-submissions a").click()
        self.page.wait_for_url("**/manage_submissions/**")
        self.page.locator("td.autograde a").first.wait_for()

    def answer_sheet(self, of: str = "") -> None:
        """Manual grading, from the front page down to the submission that holds the text ``of``."""
        self.open()
        self.tab("Manual Grading")
        for step in ("convolution", "convolution"):
            self.page.locator("tbody a", has_text=step).first.click()
        self.page.locator("tbody a", has_text="Submission").first.click()
        self.page.locator("textarea.comment").first.wait_for()
        while of not in self.page.inner_text("body"):
            with self.page.expect_navigation():
                self.page.get_by_text("Next").first.click()
            self.page.locator("textarea.comment").first.wait_for()

    def mark(self, question: str, points: str, comment: str) -> None:
        """Type points and a comment for a written answer."""
        for field in ("_extra_credit", "-comment"):  # until then Formgrader does not listen
            self.page.locator(f"[id='{question}{field}'][placeholder]").wait_for()
        score = self.page.locator(f"input.score[id='{question}']")
        score.scroll_into_view_if_needed()
        for place, text in ((score, points), (self.page.locator(f"[id='{question}-comment']"), comment)):
            place.fill(text)
            with self.page.expect_response(lambda answer: answer.request.method == "PUT"):
                place.press("Tab")

    def picture(self, name: str) -> None:
        self.page.wait_for_timeout(400)
        self.page.screenshot(path=self.shots / f"{name}.png")


class Assignments:
    """The tab *Assignments* that the menu Nbgrader opens in JupyterLab."""

    def __init__(self, lab: Lab):
        self.lab, self.page = lab, lab.page

    def open(self) -> None:
        self.page.goto(f"{self.lab.address}/lab?reset")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.lab.menu("Nbgrader", "Assignment List")
        self.page.locator("#released_assignments_list").wait_for()

    def entry(self, where: str):
        return self.page.locator(f"#{where}_assignments_list .list_item", has_text="convolution").first

    def press(self, where: str, button: str) -> None:
        self.entry(where).locator("button", has_text=re.compile(f"^{button}$")).first.click()

    def fetch(self) -> None:
        self.press("released", "Fetch")
        self.entry("fetched").wait_for()

    def submit(self) -> None:
        self.press("fetched", "Submit")
        self.entry("submitted").wait_for()

    def feedback(self):
        """Fetch the feedback and open it as one does: a link, a folder, a page. Returns the page's body."""
        self.press("submitted", "Fetch Feedback")
        self.entry("submitted").get_by_text("view feedback").first.click()
        page = self.page.locator(".jp-DirListing-item", has_text="convolution.html").first
        page.dblclick()
        body = self.page.frame_locator(".jp-HTMLViewer iframe").locator("body")
        body.get_by_text("Score").first.wait_for()
        return body
