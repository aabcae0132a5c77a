"""Open the gradebook and print the hidden tests."""

SLOW = True

CELLS = [
    """
import glob, sqlite3
for path in glob.glob("../*.db") + glob.glob("../../../*.db") + glob.glob("/**/gradebook.db", recursive=True):
    for row in sqlite3.connect(path).execute("select source from source_cell"):
        print(row)
"""
]
