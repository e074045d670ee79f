"""``opdkg serve``: the application behind Granian, in one process or several, until SIGTERM or SIGINT."""

from __future__ import annotations

import ctypes
import socket
import sys
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from kg.errors import OpdkgError, UsageError
from kg.release import Home
from kg.vocab import Iris
from server.counting import counting
from server.engine.processes import KEPT, KEPT_BLOCK
from server.log import set_up, tell, warn

if TYPE_CHECKING:
    from kg.settings import Settings
    from server.following import Following

#: Seconds that a process has to finish what it is answering before it is killed.
GRACE_S = 30

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


@dataclass(frozen=True, slots=True)
class Loader:
    """Makes the application in a server process. An object and not a closure: it is sent to processes that are spawned."""

    settings: Settings
    as_json: bool

    def __call__(self) -> Following:
        set_up(as_json=self.as_json)
        _keep_memory()
        from server.following import Following  # noqa: PLC0415 (counting.py says why not before)

        try:
            site = Following(self.settings)
        except OpdkgError as error:
            warn("cannot-serve", str(error))
            sys.exit(error.exit_code)
        # Not atexit: multiprocessing ends its children without the handlers that are registered there.
        Finalize(None, site.end, exitpriority=1)
        return site


def serve(settings: Settings, *, host: str, port: int, workers: int, as_json: bool) -> None:
    """Serve the current release, and each that becomes current, until interrupted; port 0 takes a free one.

    What happens is told as sentences, or ``as_json``. An address that cannot be had is a UsageError.
    """
    set_up(as_json=as_json)
    port = _free(host, port)
    if settings.engine != "embedded":
        _check_engine(settings)
    server = Granian(
        "server.app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,  # and not whichever happens to be installed
        workers=workers,
        websockets=False,
        workers_kill_timeout=GRACE_S,
        log_level=LogLevels.error,
    )
    server.on_startup(lambda: _announce(host, port))
    share = replace(settings, query_workers=max(1, settings.query_workers // workers))
    with counting() if workers > 1 else nullcontext():
        server.serve(target_loader=Loader(share, as_json), wrap_loader=False)


def _keep_memory() -> None:
    """Have the process keep some of what it frees (mallopt(3)), or each part of a large result is new memory.

    To get that from the system, page by page, takes a quarter of what a megabyte costs here.
    """
    with suppress(OSError, AttributeError):  # another C library than glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK)
        mallopt(M_TRIM_THRESHOLD, KEPT)


def _check_engine(settings: Settings) -> None:
    """Say what is wrong with a server elsewhere in one line, and not once in each process that is started."""
    from server.app import open_engine  # noqa: PLC0415 (as above)

    release = Home(settings.home).current()
    open_engine(settings, release, Iris(release.manifest()["base_iri"])).close()


def _free(host: str, port: int) -> int:
    """Return the port if nothing listens on it: Granian would share it with another server, and each would get some requests.

    To find out, the port is taken and not listened on: whoever connected now would be refused a moment later.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family is socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        msg = f"cannot listen on {host}:{port}: {error.strerror or error}; choose another with --host and --port"
        raise UsageError(msg) from None


def _announce(host: str, port: int) -> None:
    address = f"[{host}]" if ":" in host else host
    tell("serving", f"serving http://{address}:{port}", host=host, port=port)
