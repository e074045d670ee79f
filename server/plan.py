"""What a request of the SPARQL protocol asks of the engine, worked out from its parts alone: the same parts, the same plan."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.media import RDF_FORMATS, RESULT_FORMATS
from server.accept import preferred
from server.engine.base import Query
from server.negotiation import choose, named
from server.sparql_request import SparqlRequest

if TYPE_CHECKING:
    from kg.media import Format

#: Bytes of an address and an Accept header up to which the plan is kept, and how many plans are.
KEPT_LENGTH = 4096
KEPT = 2048


@dataclass(frozen=True, slots=True)
class Plan:
    """A query to run. ``etag`` names its answer by all that it depends on: a release never changes, so neither does that."""

    query: Query
    timeout_s: float | None
    etag: str


class Planner:
    """Plans for one release. Each method returns None for a request that asks no query, and raises what is wrong with it."""

    def __init__(self, release: str) -> None:
        self._release = release
        self._kept = lru_cache(KEPT)(self._plan)
        self._preferred = lru_cache(KEPT)(_preferred)

    def of(self, address: bytes, accept: str | None, content_type: str | None, body: bytes | None) -> Plan | None:
        """Return the plan for the part of an address behind ?, and the body of a POST (see SparqlRequest)."""
        if body is None and len(address) + len(accept or "") <= KEPT_LENGTH:
            return self._kept(address, accept)
        return self._plan(address, accept, content_type, body)

    def _plan(
        self, address: bytes, accept: str | None, content_type: str | None = None, body: bytes | None = None
    ) -> Plan | None:
        asked = SparqlRequest.read(address, content_type, body)
        if asked.query is None:
            return None
        if asked.format:
            results, graph = named(asked.format, RESULT_FORMATS), named(asked.format, RDF_FORMATS)
        else:
            results, graph = self._preferred(accept)
        if results is None and graph is None:
            choose(accept, (*RESULT_FORMATS, *RDF_FORMATS), asked.format)  # raises, naming all there is
        query = Query(asked.query, results, graph, asked.default_graphs, asked.named_graphs)
        media_types = [chosen and chosen.media_type for chosen in (results, graph)]
        parts = [self._release, query.text, query.default_graphs, query.named_graphs, media_types]
        etag = hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
        return Plan(query, asked.timeout_s, etag)


def _preferred(accept: str | None) -> tuple[Format | None, Format | None]:
    return preferred(accept, RESULT_FORMATS), preferred(accept, RDF_FORMATS)
