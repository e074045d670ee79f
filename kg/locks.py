"""Locks on folders, held by processes and kept by the system: however a process ends, its locks end with it.

The one who changes a home holds the home's lock. Whoever serves a release shares the release's, so that nobody removes it.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


class Lock:
    """A lock on a folder, from when it is made until it is closed. Nothing is written: it works on a read-only disk too."""

    def __init__(self, folder: Path, *, shared: bool = False, wait: bool = True) -> None:
        """Take the lock; a BlockingIOError if it is another's and is not to be waited for."""
        self._descriptor: int | None = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the lock back; once more does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            self.close()
