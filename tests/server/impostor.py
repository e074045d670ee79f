"""A SPARQL server that answers whatever a test says, byte for byte, and tells what it was asked and when its client left."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterator

TRUE = b'{"head":{},"boolean":true}'
JSON_TYPE = "application/sparql-results+json"


def reply(body: bytes, content_type: str = JSON_TYPE, status: int = 200, **headers: str) -> bytes:
    """An HTTP answer as it is sent. A header's name is written with _ for -."""
    lengths = {} if "Transfer_Encoding" in headers else {"Content_Length": str(len(body))}
    fields = {"Content_Type": content_type, "Connection": "close", **lengths, **headers}
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items() if value]
    return f"HTTP/1.1 {status} Whatever\r\n{''.join(lines)}\r\n".encode() + body


class Asked:
    """One request."""

    def __init__(self, head: list[str], body: bytes) -> None:
        self.line = head[0]
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        self.form = parse_qsl(body.decode(), strict_parsing=True)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.form if key == name]


class Impostor(socketserver.ThreadingTCPServer):
    """Sends ``reply`` to everybody, then waits for the client to leave if it is to ``hold``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply = reply(TRUE)
        self.hold = False
        self.asked: list[Asked] = []
        self.left = threading.Event()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Handler(socketserver.StreamRequestHandler):
    server: Impostor

    def handle(self) -> None:
        head: list[str] = []
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            head.append(line)
        if not head:
            return
        asked = Asked(head, b"")
        self.server.asked.append(Asked(head, self.rfile.read(int(asked.headers["content-length"]))))
        try:
            self.wfile.write(self.server.reply)
            if self.server.hold and not self.connection.recv(1):
                self.server.left.set()
        except ConnectionError:
            self.server.left.set()


@contextmanager
def impostor() -> Iterator[Impostor]:
    with Impostor() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def chunked(*pieces: bytes, ends: bool = True) -> dict[str, Any]:
    """The arguments of a ``reply`` in chunks, with or without the last one."""
    body = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return {"body": body + (b"0\r\n\r\n" if ends else b""), "Transfer_Encoding": "chunked"}
