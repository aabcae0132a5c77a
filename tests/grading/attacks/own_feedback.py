"""A gradebook, a feedback page and autograded results handed in."""

from dlcourse.grading.attacks import write

SAID = "convolution.html has the name of the feedback page"


def hand_in(notebook, folder):
    for name in ("gradebook.db", "convolution.html", "feedback.html", "grades.csv"):
        (folder / name).write_text("<script>LEAK</script>")
    write(notebook, folder)
