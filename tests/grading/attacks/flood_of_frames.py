"""Send endless messages that begin a cell, so that the grader reads for ever."""

SLOW = True

CELLS = [
    """
import json, os, struct
text = json.dumps({"begin": 0, "x": "y" * 1000}).encode()
frame = struct.pack("!II", len(text), 0) + text
good = []
for fd in range(3, 64):
    try:
        os.write(fd, frame)
        good.append(fd)
    except OSError:
        pass
while True:
    for fd in good:
        os.write(fd, frame)
"""
]
SAID = "before the test"
