"""A small process of one thread that forks workers: ``python -m server.engine.zygote FD``, with their configuration on stdin.

A server has threads, and a fork of one inherits whatever lock another holds. This process has none, has imported all
that a worker needs, and has opened nothing: a fork of it takes its time, some 30 ms, nearly only for opening the store.
It is also the only one that waits for its workers, so no id of a process is used again before it was reaped.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING

from server.engine.worker import WorkerConfig, run, source_of

if TYPE_CHECKING:
    from collections.abc import Callable

ORDER = struct.Struct("!Bi")
REPLY = struct.Struct("!i")

#: The reply to an order to end what is not a worker of this process: whoever has that id now is not touched.
UNKNOWN = -1

#: The reply to an order to end what has been killed and is not gone yet: to be asked again.
DYING = -2


class Order(IntEnum):
    """What the server asks for: fork a worker on the socket sent along, or end one; the reply is its id, or its wait status."""

    FORK = 1
    END = 2


def main(descriptor: str) -> None:
    """Serve orders until the server is gone, then take every worker along."""
    control = socket.socket(fileno=int(descriptor))
    config = WorkerConfig(**json.load(sys.stdin))
    start = partial(run, config=config, make_source=source_of(config))
    workers: set[int] = set()
    try:
        while True:
            order, descriptors, _, _ = socket.recv_fds(control, ORDER.size, 1)
            if len(order) < ORDER.size:
                return
            kind, worker = ORDER.unpack(order)
            if kind == Order.FORK:
                reply = _fork(control, descriptors[0], start)
                workers.add(reply)
            elif worker in workers:
                reply = _end(worker, os.WNOHANG)
                if reply != DYING:
                    workers.discard(worker)
            else:
                reply = UNKNOWN
            control.sendall(REPLY.pack(reply))
    finally:
        for worker in workers:
            _end(worker, 0)


def _fork(control: socket.socket, descriptor: int, start: Callable[..., None]) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        os.close(descriptor)
        return child
    try:
        control.close()
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):  # an allocation that fails is announced on stderr, once for each hostile query
            os.dup2(nothing, standard)
        start(socket.socket(fileno=descriptor), parent=parent)
    except MemoryError:
        os.abort()  # as Oxigraph itself does where it cannot allocate
    except BaseException:  # noqa: BLE001 - a panic of Oxigraph is none of Exception; never back into the parent's loop
        os._exit(1)
    os._exit(0)


def _end(worker: int, options: int) -> int:
    """Kill a worker. It may take seconds to go, at the lowest priority and with much memory: nobody shall wait for that."""
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
    reaped, status = os.waitpid(worker, options)
    return status if reaped else DYING


if __name__ == "__main__":
    main(*sys.argv[1:])
