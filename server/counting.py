"""Where several processes of a server count together. The library that counts looks for it once, when it is imported.

One process alone counts in its memory: in the folder each count takes ten times as long.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def counting() -> Iterator[None]:
    """Let the processes that are started from now on count in one folder."""
    with TemporaryDirectory(prefix="opdkg-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]
