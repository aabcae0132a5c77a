"""The start page's figure shows a true convolution, and the size of the course is counted."""

import json
import re

import numpy as np

from dlcourse.book.sphinx_ext.start_page import course_size, figure_html


def test_every_pixel_of_the_output_is_the_sum_that_the_figure_shows():
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', figure_html())[1])
    x, w, y = (np.array(data[name]) for name in "xwy")
    sums = [[(x[i : i + 3, j : j + 3] * w).sum() for j in range(26)] for i in range(26)]
    assert x.shape == (28, 28)
    np.testing.assert_allclose(sums, y, atol=0.05)  # the figure rounds pixels to 0.01


def test_the_figure_without_scripts_is_in_the_middle_of_its_work():
    html = figure_html()
    told = float(re.search(r"<output>sum (.*?)</output>", html)[1].replace("−", "-"))
    terms = re.findall(r"<span>([\d.]+)<small>× (−?\d)", html)
    assert len(terms) == 9
    assert abs(sum(float(a) * float(b.replace("−", "-")) for a, b in terms) - told) < 0.45
    assert abs(told) > 1
    assert html.count('alt="') == 2


def test_the_course_is_counted():
    size = course_size()
    assert size["pages"] >= 20
    assert 4 <= size["hours"] <= 20
    assert size["exercises"] >= 36
