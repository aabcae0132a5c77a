"""Change the course's own code, for this and for later students."""

CELLS = [
    """
import dlcourse.checks, os, pathlib, site, sys
folder = pathlib.Path(dlcourse.checks.__file__).parent
for path in [folder / "engine.py", *map(pathlib.Path, site.getsitepackages()), pathlib.Path(sys.executable), pathlib.Path("/usr/bin/env")]:
    for action in (lambda p: os.chmod(p, 0o777), lambda p: (p / "sitecustomize.py").write_text("PWNED"), lambda p: p.write_text("PWNED"), lambda p: os.rename(p, str(p) + ".old"), os.unlink):
        try:
            action(path)
            print("LEAK changed", path)
        except OSError:
            pass
"""
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
