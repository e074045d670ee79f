"""The wire between the server and a worker: length-framed messages over a stream socket.

A request is one frame of JSON. An answer is HEAD, any number of DATA and END, or at any point ERROR: an answer without its
END is not an answer, whatever has come of it.
"""

from __future__ import annotations

import json
import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socket import socket
    from typing import BinaryIO

HEADER = struct.Struct("!BI")


class FrameType(IntEnum):
    """What a frame holds: JSON in all but DATA."""

    REQUEST = 1
    HEAD = 2
    DATA = 3
    END = 4
    ERROR = 5


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
    """What a serialiser writes an answer to: collects small writes, frames them, and watches the result's size.

    ``limit`` is in bytes; ``overflow`` makes the exception that is raised past it. A peer that is gone is a ConnectionError.
    """

    #: Bytes that are collected before they are sent: fewer and larger system calls, and an answer that fits in is sent in one.
    CHUNK = 1 << 16

    def __init__(self, connection: socket, limit: int, overflow: Exception) -> None:
        self._connection = connection
        self._room = limit
        self._overflow = overflow
        #: Whole frames, and behind them the DATA frame that is being filled: every byte is copied once.
        self._ready = bytearray()
        self._filling: int | None = None

    def head(self, content: dict[str, Any]) -> None:
        self._ready += message(FrameType.HEAD, content)

    def write(self, data: bytes) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise self._overflow
        if self._filling is None:
            self._filling = len(self._ready)
            self._ready += bytes(HEADER.size)
        self._ready += data
        if len(self._ready) >= self.CHUNK:
            self._send()
        return len(data)

    def flush(self) -> None:
        """Do nothing: the serialiser is not the one to say when a frame is full."""

    def end(self, content: dict[str, Any]) -> None:
        """Send what is left and say that it is all."""
        self._send(message(FrameType.END, content))

    def error(self, content: dict[str, Any]) -> None:
        """Say that there is no answer; what was not sent yet is dropped."""
        self._connection.sendall(message(FrameType.ERROR, content))

    def _send(self, last: bytes = b"") -> None:
        if self._filling is not None:
            length = len(self._ready) - self._filling - HEADER.size
            HEADER.pack_into(self._ready, self._filling, FrameType.DATA, length)
            self._filling = None
        self._ready += last
        self._connection.sendall(self._ready)
        self._ready.clear()
