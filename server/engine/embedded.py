"""The release's own Oxigraph store as an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import DataError
from server.engine.worker import WorkerConfig
from server.engine.worker_engine import WorkerEngine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from server.engine.base import Limits


class EmbeddedEngine(WorkerEngine):
    """Answers queries over one store that nobody writes to."""

    def __init__(self, store: Path, prefixes: Mapping[str, str], limits: Limits) -> None:
        """Wait until a first worker answers; a store that cannot be opened is a DataError."""
        super().__init__(WorkerConfig(str(store.resolve()), dict(prefixes), limits.memory_mb, limits.result_mb), limits)
        try:
            self._try("ASK {}")
        except DataError as error:
            raise DataError(f"{store}: the store cannot be opened: {error}") from None
