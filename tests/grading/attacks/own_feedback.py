"""A gradebook, a feedback page and autograded results handed in."""

from dlcourse.grading.attacks import write

SLOW = True


def hand_in(notebook, folder):
    for name in ("gradebook.db", "convolution.html", "feedback.html", "grades.csv"):
        (folder / name).write_text("<script>LEAK</script>")
    write(notebook, folder)
