"""Which servers are measured, and how each is started, waited for and ended."""

from __future__ import annotations

import gzip
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.request import urlopen

from kg.errors import DataError, UsageError
from server.proc import read_process

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.release import Release
    from kg.settings import Settings
    from server.proc import Process

OURS = "opdkg"
NATIVE = "oxigraph"
RDFLIB = "rdflib-endpoint"
NAMES = (OURS, NATIVE, RDFLIB)

#: rdflib-endpoint parses the whole dump before it listens, at about 15,000 quads a second.
READY_S = 900.0
POLL_S = 0.1
GRACE_S = 10.0

#: A server is at rest that has had no more than an instant of a processor for so long; and how long that is waited for.
REST_S = 0.1
INSTANT_S = 0.01
SETTLING_S = 60.0


@dataclass(frozen=True, slots=True)
class Command:
    """How a server is started; ``path`` is where it takes queries."""

    name: str
    arguments: tuple[str, ...]
    path: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """A server that answers: ``base`` is ``http://host:port``, ``path`` where it takes queries, ``pid`` its first process."""

    name: str
    base: str
    path: str
    pid: int

    def address(self, query: str) -> str:
        """Return path and query of a request, ready for a request line."""
        return f"{self.path}?query={quote(query, safe='')}"


def check_installed() -> None:
    """Raise a UsageError that names the peers which are missing."""
    missing = [NATIVE] if _native() is None else []
    missing += [RDFLIB] if importlib.util.find_spec("rdflib_endpoint") is None else []
    if missing:
        msg = (
            f"not installed beside {sys.executable}: {', '.join(missing)}; 'make bench' installs what it compares with"
        )
        raise UsageError(msg)


def commands(settings: Settings, home: Path, release: Release, scratch: Path) -> Iterator[tuple[Command, str]]:
    """Yield how to start each server on the release, with the address that it will have: ``127.0.0.1:port``."""
    dump = scratch / "opd.nq"
    with gzip.open(release.dumps / "opd.nq.gz") as packed, dump.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    yield own_command(replace(settings, home=home))
    bind = f"127.0.0.1:{_free_port()}"
    native = (
        str(_native()),
        "serve-read-only",
        "--location",
        str(release.store),
        "--bind",
        bind,
        "--union-default-graph",
    )
    yield Command(NATIVE, native, "/query", {}), bind
    port = _free_port()
    where = ("--store", "Oxigraph", "--host", "127.0.0.1", "--port", str(port))
    yield (
        Command(RDFLIB, (sys.executable, "-m", "rdflib_endpoint", "serve", *where, str(dump)), "/", {}),
        (f"127.0.0.1:{port}"),
    )


def own_command(settings: Settings) -> tuple[Command, str]:
    """Return how to start our server with these settings, and the address that it will have."""
    port = _free_port()
    serve = (sys.executable, "-m", "kg", "serve", "--port", str(port))
    given = {f"OPDKG_{name.upper()}": str(value) for name, value in asdict(settings).items() if value is not None}
    return Command(OURS, serve, "/sparql", given), f"127.0.0.1:{port}"


@contextmanager
def running(command: Command, address: str, log: Path) -> Iterator[Target]:
    """Start a server, and end it and all its children at the end, whatever that is. One that does not answer: DataError."""
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 - the project's own commands
            command.arguments,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group that can be ended as a whole, and that Ctrl-C does not reach before us
        )
    target = Target(command.name, f"http://{address}", command.path, server.pid)
    try:
        _wait_until_ready(target, server, log)
        yield target
    finally:
        _end(server)


def settle(target: Target) -> None:
    """Wait until the server has worked off what the load generator left behind, a query without a reader too.

    It answers, and its processors are at rest where the system tells (Linux).
    """
    _ask(target)
    deadline = time.monotonic() + SETTLING_S
    before = _processor_s(target.pid)
    while time.monotonic() < deadline:
        time.sleep(REST_S)
        now = _processor_s(target.pid)
        if sum(seconds - before.get(process, 0) for process, seconds in now.items()) <= INSTANT_S:
            return
        before = now


def _ask(target: Target) -> None:
    with urlopen(target.base + target.address("ASK {}"), timeout=60) as answer:  # noqa: S310 - it is http
        answer.read()


def _processor_s(pid: int) -> dict[int, float]:
    """Return the seconds of a processor that a process and all below it have had, by process."""
    there: dict[int, Process] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            there[int(folder.name)] = read_process(folder.name)
    below, found = {pid}, {pid}
    while below:
        below = {process for process, each in there.items() if each.parent in below}
        found |= below
    return {process: there[process].cpu_s for process in found & there.keys()}


def _wait_until_ready(target: Target, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            _ask(target)
        except (OSError, HTTPException):
            time.sleep(POLL_S)
        else:
            return
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["nothing"]
    how = f"has not answered within {READY_S:g} s" if server.poll() is None else f"ended with {server.returncode}"
    msg = f"{target.name} {how}; its last words: {said[-1][:300]}"
    raise DataError(msg)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        with suppress(subprocess.TimeoutExpired):
            server.wait(GRACE_S)
    finally:
        with suppress(ProcessLookupError, PermissionError):  # nothing of the group is left
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _native() -> str | None:
    return shutil.which("oxigraph", path=str(Path(sys.executable).parent))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
