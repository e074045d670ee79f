"""What a query has answered and its client has not taken yet: some of it in memory, the rest in a file without a name."""

from __future__ import annotations

import asyncio
import errno
import os
from collections import deque
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes of one result that wait in memory, and that are read from its file at once.
MEMORY = 1 << 20
BLOCK = 1 << 19


class Disk:
    """How many bytes all spools together may keep in files."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._waiting: set[asyncio.Event] = set()

    def take(self, size: int) -> bool:
        """Take room for so many bytes if there is."""
        if self._used and self._used + size > self._limit:
            return False
        self._used += size
        return True

    def give_back(self, size: int) -> None:
        self._used -= size
        for freed in self._waiting:
            freed.set()

    @contextmanager
    def telling(self, freed: asyncio.Event) -> Iterator[None]:
        """Set the event whenever room is given back meanwhile."""
        self._waiting.add(freed)
        try:
            yield
        finally:
            self._waiting.remove(freed)


class Spool:
    """Written at the worker's pace and read at the client's, so that the one never waits for the other.

    But for where neither memory nor the disk has room: then whoever writes waits until somebody has read.
    """

    def __init__(self, disk: Disk) -> None:
        self.size = 0
        self._disk = disk
        self._blocks: deque[bytes] = deque()
        self._held = 0
        self._file: IO[bytes] | None = None
        self._read = self._written = 0
        self._error: Exception | None = None
        self._ended = False
        self._changed = asyncio.Event()
        self._freed = asyncio.Event()

    async def write(self, block: bytes, *, patient: bool = True) -> None:
        """Keep more of the result; an OSError if the disk cannot, or if there is no room and who writes is not patient."""
        while not self._keep(block):
            if not patient:
                raise OSError(errno.ENOSPC, "results that wait for their clients take all the room that they may have")
            self._freed.clear()
            with self._disk.telling(self._freed):
                await self._freed.wait()
        self.size += len(block)
        self._changed.set()

    def end(self, error: Exception | None = None) -> None:
        """Say that it is all, or why it will never be."""
        self._ended, self._error = True, error
        self._changed.set()

    def check(self) -> None:
        """Raise what the result has ended in."""
        if self._error:
            raise self._error

    async def read(self) -> bytes:
        """Wait for more and return it, nothing at the end; raise what the result has ended in, be there more or not."""
        while True:
            self.check()
            if self._blocks:
                return self._from_memory()
            if self._file and self._read < self._written:
                return self._from_file(self._file)
            if self._ended:
                return b""
            self._changed.clear()
            await self._changed.wait()

    def close(self) -> None:
        """Forget what is left."""
        if self._file:
            self._file.close()
            self._disk.give_back(self._written)
            self._file, self._written, self._read = None, 0, 0

    def _keep(self, block: bytes) -> bool:
        """Keep a block if there is room."""
        if self._written == self._read and (not self._held or self._held + len(block) <= MEMORY):
            self._blocks.append(block)
            self._held += len(block)
            return True
        if not self._disk.take(len(block)):
            return False
        try:
            self._file = self._file or TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the spool
            _write(self._file, block, self._written)
        except OSError:
            self._disk.give_back(len(block))
            raise
        self._written += len(block)
        return True

    def _from_memory(self) -> bytes:
        block = self._blocks.popleft()
        self._held -= len(block)
        self._freed.set()
        return block

    def _from_file(self, file: IO[bytes]) -> bytes:
        block = os.pread(file.fileno(), BLOCK, self._read)
        self._read += len(block)
        if self._read == self._written:  # it has caught up: the file is of no more use
            self.close()
            self._freed.set()
        return block


def _write(file: IO[bytes], block: bytes, place: int) -> None:
    """Write all of a block: a disk that fills up takes a part of it first, and refuses only the next."""
    rest = memoryview(block)
    while rest:
        written = os.pwrite(file.fileno(), rest, place)
        rest, place = rest[written:], place + written
