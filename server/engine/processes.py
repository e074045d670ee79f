"""The server's side of the process that forks its workers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from server.engine.frames import FrameWriter
from server.engine.zygote import ORDER, REPLY, UNKNOWN, Order

if TYPE_CHECKING:
    from server.engine.worker import WorkerConfig

#: The folder that holds the package ``server``: whether in a checkout or installed, ``-m`` finds it from there.
ROOT = Path(__file__).resolve().parents[2]

#: Bytes that a worker may have sent before they are read: two of its frames, so that it writes one while one is read.
SENT = 2 * FrameWriter.CHUNK

#: Bytes that each of glibc's arenas keeps of what is freed at its end, and of the largest block that is in one: a part of a
#: result, so that the system need not give and take it each time.
KEPT = 1 << 23
KEPT_BLOCK = 1 << 20

#: One arena of glibc's for all threads of a worker: one of RocksDB's that gets its own late would reserve 64 MiB of what the
#: query may take.
ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(KEPT),
    "MALLOC_MMAP_THRESHOLD_": str(KEPT_BLOCK),
    "RUST_BACKTRACE": "0",
}

#: How long the process may take to end its workers before it is killed; the kernel then ends them.
CLOSING_S = 5.0


class Zygote:
    """The process that forks workers (zygote.py). Any thread may order; it answers in a millisecond."""

    def __init__(self, config: WorkerConfig) -> None:
        self._config = json.dumps(asdict(config)).encode()
        self._lock = threading.Lock()
        self._start()

    def fork(self) -> tuple[int, socket.socket]:
        """Return the id of a new worker, which may still be opening the store, and the socket to it."""
        ours, theirs = socket.socketpair()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT)
        with theirs, self._lock:
            try:
                pid = self._order(Order.FORK, 0, [theirs.fileno()])
            except ConnectionError:
                self._restart()
                pid = self._order(Order.FORK, 0, [theirs.fileno()])
        return pid, ours

    def end(self, worker: int) -> int | None:
        """Kill a worker and return its wait status: DYING while it has none, None if it is an earlier zygote's."""
        with self._lock, suppress(OSError):
            status = self._order(Order.END, worker)
            return None if status == UNKNOWN else status
        return None

    def close(self) -> None:
        """End the process and with it every worker that is left."""
        with self._lock:
            self._control.close()
            try:
                self._process.wait(CLOSING_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OPDKG_")}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - a module of our own
                [sys.executable, "-m", "server.engine.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                env=environment | ENVIRONMENT,  # our settings hold a secret, and no worker needs them
                stdin=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the server, which then ends its workers in order
            )
        with suppress(BrokenPipeError), cast("IO[bytes]", self._process.stdin) as stdin:  # whoever orders notices
            stdin.write(self._config)  # not an argument: anybody reads those, and an address may hold a password

    def _restart(self) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._start()

    def _order(self, order: Order, pid: int, descriptors: list[int] | None = None) -> int:
        socket.send_fds(self._control, [ORDER.pack(order, pid)], descriptors or [])
        reply = self._control.recv(REPLY.size, socket.MSG_WAITALL)
        if len(reply) < REPLY.size:
            raise ConnectionResetError("the process that forks workers is gone")
        return int(REPLY.unpack(reply)[0])
