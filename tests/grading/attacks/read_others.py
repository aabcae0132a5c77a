"""Copy the answer of another student."""

CELLS = [
    """
import glob
for path in glob.glob("../../*/*/*.ipynb") + glob.glob("/**/submitted/**/*.ipynb", recursive=True):
    print(open(path).read())
"""
]
