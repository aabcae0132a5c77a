"""Write frames of marks, and frames of nonsense, to every open socket."""

CELLS = [
    """
import json, os, struct
forged = json.dumps({"points": 4, "score": 4, "done": True, "cell": 99, "begin": -1, "outputs": [{"output_type": "execute_result", "data": {"text/plain": "4"}}]}).encode()
for fd in range(3, 64):
    for data in (struct.pack("!II", len(forged), 0) + forged, struct.pack("!II", 2**32 - 1, 2**32 - 1)):
        try:
            os.write(fd, data)
        except OSError:
            pass
"""
]
