"""Another SPARQL 1.1 server that holds the release as an engine: workers decide what it may be asked, and pass on its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kg.errors import DataError, UsageError
from server.engine.worker import WorkerConfig
from server.engine.worker_engine import WorkerEngine

if TYPE_CHECKING:
    from kg.release import Release
    from kg.vocab import Iris
    from server.engine.base import Limits


class RemoteEngine(WorkerEngine):
    """Answers queries by a SPARQL server at an http or https address, which may hold other graphs beside the release's."""

    def __init__(self, endpoint: str, release: Release, iris: Iris, limits: Limits) -> None:
        """Ask whether the server holds the release: a UsageError if it does not answer, a DataError if it does not."""
        store, shown = str(release.store.resolve()), f"engine: {_without_password(endpoint)}"
        super().__init__(WorkerConfig(store, iris.prefixes(), limits.memory_mb, limits.result_mb, endpoint), limits)
        try:
            holds = self._try(f"ASK {{ <{iris.release(release.id).value}> ?property ?value }}")
        except DataError as error:
            raise UsageError(f"{shown}: {error}") from None
        if not holds:
            self.close()
            dump = release.dumps / "opd.nq.gz"
            raise DataError(f"{shown} does not hold release {release.id}; load {dump} into it, with its graphs")


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
