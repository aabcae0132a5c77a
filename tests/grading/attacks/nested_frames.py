"""A message with lists in lists, as deep as JSON allows, where a text is expected."""

SLOW = True

CELLS = [
    """
import json, os, socket, struct
text = '{"cell": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": ' + "[" * 900 + "]" * 900 + "}]}"
frames = [json.dumps({"cell": n, "outputs": json.loads("[" * 400 + "]" * 400)}) for n in range(30)] + [text.replace("1", str(n), 1) for n in range(30)]
for fd in range(3, 256):
    try:
        with socket.socket(fileno=os.dup(fd)) as sock:
            for frame in frames:
                sock.send(struct.pack("!II", len(frame), 0) + frame.encode())
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
SCORE = 0
