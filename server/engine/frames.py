"""The wire between the server and a worker: length-framed messages over a stream socket.

A worker first says READY: it has opened the store. A request is one frame of JSON. An answer is HEAD, which names the query's
kind, any number of DATA, and END, which says how the worker is; or at any point ERROR, in JSON. An answer without its END is
not an answer, whatever has come of it.
"""

from __future__ import annotations

import json
import struct
from enum import IntEnum
from io import BufferedWriter, RawIOBase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from typing import BinaryIO

    from _typeshed import ReadableBuffer

    from server.engine.base import Kind

HEADER = struct.Struct("!BI")

#: How a worker is: whether it ends with this answer, and the seconds of a processor that it has had.
STATE = struct.Struct("!?d")


class FrameType(IntEnum):
    """What a frame holds."""

    REQUEST = 1
    HEAD = 2
    DATA = 3
    END = 4
    ERROR = 5
    READY = 6


def frame(kind: FrameType, payload: bytes | bytearray) -> bytes:
    """Return a frame as bytes."""
    return HEADER.pack(kind, len(payload)) + payload


def message(kind: FrameType, content: object) -> bytes:
    """Return a frame of JSON as bytes."""
    return frame(kind, json.dumps(content).encode())


def read_frame(stream: BinaryIO) -> tuple[FrameType, bytes] | None:
    """Return the next frame, None where the stream ends, be it within one."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    kind, length = HEADER.unpack(header)
    payload = stream.read(length)
    return (FrameType(kind), payload) if len(payload) == length else None


class FrameWriter:
    """What an answer is written to: ``output`` is for its serialiser, whose small writes are collected and framed.

    ``limit`` is in bytes; ``overflow`` makes the exception that is raised past it. A peer that is gone is a ConnectionError.
    """

    #: Bytes that are collected before they are sent: fewer and larger system calls, and an answer that fits in is sent in one.
    CHUNK = 1 << 19

    def __init__(self, connection: socket, limit: int, overflow: Callable[[], Exception]) -> None:
        self._frames = _Frames(connection, limit, overflow)
        self.output = _Collector(self._frames, self.CHUNK)

    def head(self, kind: Kind) -> None:
        """Say what kind of answer it will be."""
        self._frames.ready += frame(FrameType.HEAD, kind.encode())

    def end(self, *, last: bool, cpu_s: float) -> None:
        """Send what is left and say that it is all, and how the worker is."""
        self._frames.last = frame(FrameType.END, STATE.pack(last, cpu_s))
        self.output.empty()
        self._frames.send()

    def error(self, content: dict[str, Any]) -> None:
        """Say that there is no answer; what was not sent yet is dropped."""
        self._frames.connection.sendall(message(FrameType.ERROR, content))


class _Collector(BufferedWriter):
    """Collects small writes without a line of Python for each: a 30th of the time of a large answer."""

    def flush(self) -> None:
        """Do nothing: neither the serialiser nor the end of an answer that failed says when a frame is full."""

    def empty(self) -> None:
        super().flush()


class _Frames(RawIOBase):
    """Sends what is written as one DATA frame, with what is ready to go before it and what is the last to come behind it."""

    def __init__(self, connection: socket, room: int, overflow: Callable[[], Exception]) -> None:
        self.connection = connection
        self.ready = bytearray()
        self.last = b""
        self._room = room
        self._overflow = overflow

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        size = len(memoryview(data))
        self._room -= size
        if self._room < 0:
            raise self._overflow()
        self.ready += HEADER.pack(FrameType.DATA, size)
        self.ready += data
        self.send()
        return size

    def send(self) -> None:
        self.ready += self.last
        self.last = b""
        if self.ready:
            self.connection.sendall(self.ready)
            self.ready.clear()
