"""What an engine is: it takes a query and a deadline, and gives bytes that are whole or raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from kg.media import Format

#: What a query turned out to be once parsed: SELECT, ASK, or CONSTRUCT and DESCRIBE.
Kind = Literal["select", "ask", "graph"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use. Times in seconds, sizes in MiB; ``memory_mb`` is what it may take beside the opened store."""

    timeout_s: float = 10.0
    memory_mb: int = 1024
    result_mb: int = 1024
    workers: int = 2
    #: How long a query waits for a worker before the client is told to come again.
    queue_s: float = 5.0
    #: After so many queries a worker is replaced, whatever it looks like. A new one takes the time of a hundred look-ups.
    queries_per_worker: int = 50_000


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it came, not yet parsed, and what the client takes for an answer.

    ``default_graphs`` and ``named_graphs`` are the IRIs of the protocol's dataset, which overrides the query's own FROM;
    both None: the client gave none. Only the parser knows which kind of query it is, so the format of either kind is
    given, None for a kind that the client would not take.
    """

    text: str
    results_format: Format | None
    graph_format: Format | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None


class Answer(Protocol):
    """A running query. Iterating gives its bytes; if they stop before the end, it raises, and what came is not an answer.

    ``close`` ends the query if it still runs; every answer must be closed or read to its end.
    """

    kind: Kind
    format: Format

    def __iter__(self) -> Iterator[bytes]: ...

    def __next__(self) -> bytes: ...

    def close(self) -> None: ...


class Running(Protocol):
    """A query that holds a worker, as an operator sees it. ``client`` is empty for a query of the server's own."""

    id: str
    query: Query
    client: str
    started: datetime

    def elapsed(self) -> float:
        """Return for how many seconds a worker has been at it."""
        ...


class Engine(Protocol):
    """Runs queries over one release. Any number of threads may call it."""

    limits: Limits

    @property
    def running(self) -> Mapping[str, Running]:
        """The queries that run, by their ids."""
        ...

    def execute(self, query: Query, timeout_s: float | None = None) -> Answer:
        """Start a query; ``timeout_s`` may shorten the limit. What is wrong with it is one of errors.py."""
        ...

    def end(self, query: str) -> bool:
        """End a running query by its id, for the operator; False if there is none."""
        ...

    def close(self) -> None:
        """End all that the engine runs."""
        ...
