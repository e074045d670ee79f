"""Bytes that come in pieces, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stream:
    """What parsers read from, so that the bytes need not be there as a whole. No piece may be empty."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, nothing at the end."""
        if self._at == len(self._piece):
            self._piece, self._at = next(self._pieces, b""), 0
        start, self._at = self._at, min(self._at + size, len(self._piece))
        return self._piece[start : self._at]
