"""Messages between the grader and the student's process: a JSON header and arrays as .npz, never pickle.

What comes from the student's side is hostile. Lengths are limited before anything is read, an .npz is
opened member by member, and an array is made only if its header and its bytes agree.
"""

import io
import json
import math
import select
import socket
import struct
import time
import zipfile

import numpy as np

HEADER_LIMIT = 16 << 20
ARRAYS_LIMIT = 64 << 20
MOST_PARTS = 1_000_000  # of a header: 16 MiB of `[],` would take half a gigabyte
MOST_ARRAYS = 1000
_LENGTHS = struct.Struct("!II")


class FrameError(ValueError):
    """The other side sent something that is no message."""


class Closed(FrameError):
    """The other side is gone."""


class Late(FrameError):
    """Nothing came in time."""


def pack_arrays(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays as an uncompressed .npz."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack_arrays(data: bytes) -> dict[str, np.ndarray]:
    """Numeric arrays out of an uncompressed .npz; raises ``FrameError`` for anything else."""
    try:
        if data.count(b"PK\x01\x02") > MOST_ARRAYS:
            raise FrameError("an .npz of too many arrays")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(m.file_size for m in members) > len(data) or any(m.compress_type for m in members):
                raise FrameError("an .npz that unpacks to more than its own size")
            return {m.filename.removesuffix(".npy"): _array(archive.read(m)) for m in members}
    except Exception as problem:  # whatever hostile bytes make zipfile and NumPy stumble over
        raise FrameError(f"no usable .npz: {type(problem).__name__}") from problem


def _array(data: bytes) -> np.ndarray:
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, fortran, dtype = read[version](stream) if version in read else (None, None, None)
    if dtype is None or dtype.kind not in "biufc" or any(n < 0 for n in shape) or len(shape) > 32:
        raise FrameError("an array that holds no numbers")
    body = stream.read()
    if len(body) != math.prod(shape) * dtype.itemsize:
        raise FrameError("an array whose header lies")
    array = np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")
    if dtype.kind == "b":  # bytes other than 0 and 1 would count more than once in a sum
        return array.view(np.uint8) != 0
    return array.copy()


def parts(text: bytes) -> int:
    """At least as many as JSON text has lists, objects and elements of these."""
    return sum(text.count(sign) for sign in (b"[", b"{", b","))


def send(sock: socket.socket, header: dict, arrays: dict[str, np.ndarray] | None = None) -> None:
    text = json.dumps(header).encode()
    body = pack_arrays(arrays) if arrays else b""
    try:
        sock.sendall(_LENGTHS.pack(len(text), len(body)) + text + body)
    except TimeoutError as problem:
        raise Late("the message was not taken") from problem
    except OSError as problem:
        raise Closed("the connection is gone") from problem


def _read(sock: socket.socket, count: int, deadline: float) -> bytes:
    chunks = bytearray()
    while len(chunks) < count:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([sock], [], [], left)[0]:
            raise Late("nothing came in time")
        try:
            chunk = sock.recv(min(1 << 20, count - len(chunks)))
        except OSError as problem:
            raise Closed("the connection is gone") from problem
        if not chunk:
            raise Closed("the other side is gone")
        chunks += chunk
    return bytes(chunks)


def receive(sock: socket.socket, seconds: float) -> tuple[dict, dict[str, np.ndarray]]:
    """One message, or ``Late``, ``Closed``, ``FrameError``."""
    deadline = time.monotonic() + seconds
    header_size, body_size = _LENGTHS.unpack(_read(sock, _LENGTHS.size, deadline))
    if header_size > HEADER_LIMIT or body_size > ARRAYS_LIMIT:
        raise FrameError("a message that is too large")
    text = _read(sock, header_size, deadline)
    if parts(text) > MOST_PARTS:
        raise FrameError("a header of too many parts")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise FrameError("a header that is no JSON") from problem
    if not isinstance(header, dict):
        raise FrameError("a header that is no object")
    body = _read(sock, body_size, deadline)
    return header, unpack_arrays(body) if body else {}
