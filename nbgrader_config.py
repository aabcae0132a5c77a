"""The course as nbgrader sees it: `nbgrader autograde convolution` and the like work in this folder.

The solutions are text (MyST) notebooks; `python -m dlcourse.exercises build` derives the .ipynb files that
nbgrader reads. What differs from stock nbgrader is how a submission is read and run: see dlcourse/grading.
"""

from dlcourse.grading.settings import configure

configure(get_config())  # noqa: F821 (nbgrader provides get_config)
