"""The server's side of its worker processes: the one that forks them, and one that answers a query."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from server.engine.frames import FrameType, message, read_frame
from server.engine.zygote import ORDER, REPLY, UNKNOWN, Order

if TYPE_CHECKING:
    from server.engine.worker import WorkerConfig

#: The folder that holds the package ``server``: whether in a checkout or installed, ``-m`` finds it from there.
ROOT = Path(__file__).resolve().parents[2]

#: How long the process may take to end its workers before it is killed; the kernel then ends them.
CLOSING_S = 5.0


@dataclass(eq=False, slots=True)
class Worker:
    """One worker process and the socket to it."""

    pid: int
    connection: socket.socket
    stream: BinaryIO

    def ask(self, request: dict[str, Any], deadline: float) -> None:
        """Send a query. A worker that is gone is not told apart here: reading tells."""
        self.connection.settimeout(_left(deadline))
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.sendall(message(FrameType.REQUEST, request))

    def read(self, deadline: float) -> tuple[FrameType, bytes] | None:
        """Return the next frame, None if the worker is gone; past the deadline (of the monotonic clock) a TimeoutError."""
        self.connection.settimeout(_left(deadline))
        with suppress(ConnectionResetError):
            return read_frame(self.stream)
        return None

    def is_idle(self) -> bool:
        """Tell whether it waits for a query: one that has died while it waited has closed its socket."""
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Close the socket; a worker that waits then ends."""
        self.stream.close()
        self.connection.close()


class Zygote:
    """The process that forks workers (zygote.py). Any thread may order; it answers in a millisecond."""

    def __init__(self, config: WorkerConfig) -> None:
        self._config = json.dumps(asdict(config))
        self._lock = threading.Lock()
        self._start()

    def fork(self) -> Worker:
        """Return a new worker, which may still be opening the store."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                pid = self._order(Order.FORK, 0, [theirs.fileno()])
            except ConnectionError:
                self._restart()
                pid = self._order(Order.FORK, 0, [theirs.fileno()])
        return Worker(pid, ours, ours.makefile("rb"))

    def end(self, worker: Worker) -> int | None:
        """Kill a worker if it still runs and return its wait status; None if an earlier zygote took it along."""
        worker.close()
        with self._lock, suppress(OSError):
            status = self._order(Order.END, worker.pid)
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
                [sys.executable, "-m", "server.engine.zygote", str(theirs.fileno()), self._config],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                env=environment | {"RUST_BACKTRACE": "0"},  # our settings hold a secret, and no worker needs them
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the server, which then ends its workers in order
            )

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


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
