"""An upstream of our own: files over HTTP, with ETags, on 127.0.0.1."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def catalogue(papers: int, day: str, title: str = "Paper") -> bytes:
    """Return a catalogue of made-up papers as of a day."""
    listed = [
        {
            "paper_id": f"2306.{10000 + number}",
            "arxiv_id": f"2306.{10000 + number}",
            "title": f"{title} {number}",
            "authors": ["Doe, Jane"],
            "year": 2023,
            "submitted": "2023-06-14",
            "paper_url": f"https://arxiv.org/abs/2306.{10000 + number}",
            "mechanism": "direct_opd",
            "home": "4",
            "code_urls": [],
            "code_status": "none",
        }
        for number in range(papers)
    ]
    return json.dumps({"updated_on": day, "total": papers, "papers": listed}).encode()


@dataclass(slots=True)
class Web:
    """What the server has at each path, the answers (status, headers, body) that come before that, and what it was asked."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    before: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], int]] = field(default_factory=list)

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if self.before.get(path):
            return self.before[path].pop(0)
        if path not in self.files:
            return 404, {}, b""
        etag = f'"{hashlib.sha256(self.files[path]).hexdigest()}"'
        if headers.get("If-None-Match") == etag:
            return 304, {"ETag": etag}, b""
        return 200, {"ETag": etag}, self.files[path]


@contextmanager
def serving() -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = web.answer(self.path, dict(self.headers))
            web.asked.append((self.path, dict(self.headers), status))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web = Web(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
