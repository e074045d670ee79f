"""The beginning of a query's answer, for a person's page: the front (front.py) collects it, and Flask shows it (sparql.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import QueryBoolean, QueryResultsFormat, parse_query_results

from server.answers import Rows, first_rows

if TYPE_CHECKING:
    from server.engine.base import Kind, Query

#: The key in a request's environment of the excerpt that is to be shown.
EXCERPT = "opdkg.excerpt"

#: Bytes of an answer that a page is made from. More of it is none of a page's business.
MAX_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a query has answered first, a graph in Turtle and all else in JSON. ``whole`` says whether that is all."""

    query: Query
    kind: Kind
    data: bytes
    whole: bool

    def verdict(self) -> bool:
        """Return what the answer to an ASK is."""
        found = parse_query_results(self.data, QueryResultsFormat.JSON)
        return isinstance(found, QueryBoolean) and bool(found)

    def rows(self, limit: int) -> Rows:
        """Return the first rows of the answer to a SELECT: those that are in the excerpt as a whole."""
        return first_rows(self.data, limit, whole=self.whole)

    def text(self) -> str:
        """Return the first lines of a graph."""
        end = len(self.data) if self.whole else self.data.rfind(b"\n") + 1
        return self.data[:end].decode(errors="replace")
