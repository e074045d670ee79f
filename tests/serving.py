"""``opdkg serve`` as a process of its own, for what talks to it from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def serving(home: Path, log: Path, *options: str) -> Iterator[str]:
    """Serve the current release of a home; yield the address, without a slash at its end, once it answers there."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kg", "serve", "--port", str(port), *options]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "OPDKG_HOME": str(home)}, stderr=output)
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_it_answers(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Its port takes connections before the release is open."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        with suppress(requests.ConnectionError):
            if requests.get(f"{address}/healthz", timeout=60).status_code == HTTPStatus.OK:
                return
    raise AssertionError(log.read_text())
