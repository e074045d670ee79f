"""``opdkg serve``: the application behind Granian, one process or several, until SIGTERM or SIGINT."""

from __future__ import annotations

import atexit
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces

from kg.errors import UsageError
from server.app import create_app

if TYPE_CHECKING:
    from flask import Flask

    from kg.settings import Settings

#: Requests that one process works on at a time. Most of them wait: for the store's disk, or for a query's worker.
THREADS = 8

#: How long a process may take to finish what it is answering before it is killed.
GRACE_S = 30


@dataclass(frozen=True, slots=True)
class Loader:
    """Makes the application in a server process. An object and not a closure: it is sent to processes that are spawned."""

    settings: Settings

    def __call__(self) -> Flask:
        app = create_app(self.settings)
        atexit.register(app.extensions["opdkg"].close)
        return app


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve the current release until interrupted. An address that cannot be had is a UsageError."""
    server = Granian(
        "server.app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        workers_kill_timeout=GRACE_S,
        log_level="warning",
    )
    server.on_startup(lambda: _announce(host, port))
    try:
        server.serve(target_loader=Loader(settings), wrap_loader=False)
    except OSError as error:
        msg = f"cannot listen on {host}:{port}: {error}; choose another with --host and --port"
        raise UsageError(msg) from None


def _announce(host: str, port: int) -> None:
    address = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"opdkg: serving http://{address}:{port}\n")
    sys.stderr.flush()
