"""Answer with an .npz that would unpack to gigabytes, and with pickled code."""

SLOW = True

ANSWER = """
import io, json, os, struct, zipfile
def conv2d_naive(x, w):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a0.npy", b"\\0" * (1 << 28))
    header = json.dumps({"value": {"array": "a0"}, "error": None, "changed": []}).encode()
    for fd in range(3, 64):
        try:
            os.write(fd, struct.pack("!II", len(header), len(bomb.getvalue())) + header + bomb.getvalue())
        except OSError:
            pass
"""
