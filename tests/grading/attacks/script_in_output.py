"""Scripts in every kind of output, in errors and in the source of a cell."""

CELLS = [
    """
from IPython.display import display, HTML, Javascript, Image, SVG
# </script><script>alert(1)</script>
display(HTML("<script>alert(1)</script>"), Javascript("alert(1)"))
display({"text/html": "<script>alert(1)</script>", "image/svg+xml": "<svg onload=alert(1)/>", "text/markdown": "<img src=x onerror=alert(1)>", "text/latex": "$\\\\\\\\href{javascript:alert(1)}{x}$", "image/png": '"><script>alert(1)</script>'}, raw=True)
print("<script>alert(1)</script>")
""",
    """
raise ValueError('<script>alert(1)</script>')
""",
    """
type('<script>alert(1)</script>', (Exception,), {})
raise type('<script>alert(1)</script>', (Exception,), {})('<img src=x onerror=alert(1)>')
""",
]
ANSWER = """
def conv2d_naive(x, w):
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = (x[i : i + w.shape[0], j : j + w.shape[1]] * w).sum()
    return y
"""
SCORE = 4
