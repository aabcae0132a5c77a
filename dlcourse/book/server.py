"""Serves the built book as web servers do: text travels compressed."""

import contextlib
import functools
import gzip
import http.server
import io
import sys
from pathlib import Path

TEXT = {".html", ".css", ".js", ".svg", ".json", ".ipynb"}


@functools.lru_cache(maxsize=64)
def compressed(path: Path, changed: float) -> bytes:
    return gzip.compress(path.read_bytes(), 6, mtime=0)


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-") -> None:
        if str(code).startswith(("4", "5")):  # nothing but errors
            super().log_request(code, size)

    def end_headers(self) -> None:
        # The browser keeps files and asks each time whether they are new: the book may have been built again.
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def send_head(self):
        path = Path(self.translate_path(self.path))
        accepted = "gzip" in self.headers.get("Accept-Encoding", "")
        if not accepted or path.suffix not in TEXT or not path.is_file() or self.headers["If-Modified-Since"]:
            return super().send_head()
        changed = path.stat().st_mtime
        body = compressed(path, changed)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string(changed))
        self.end_headers()
        return io.BytesIO(body)

    def copyfile(self, source, outputfile) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the reader has gone on
            super().copyfile(source, outputfile)


class Server(http.server.ThreadingHTTPServer):
    """``Server(folder, port)`` serves it to this machine. ``OSError`` where the port is taken."""

    def __init__(self, folder: Path, port: int):
        super().__init__(("127.0.0.1", port), functools.partial(Handler, directory=str(folder)))

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a browser may hang up
            super().handle_error(request, client_address)
