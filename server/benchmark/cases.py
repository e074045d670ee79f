"""What is asked, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from server.benchmark.load import NONCE
from server.benchmark.targets import NAMES, NATIVE, OURS, RDFLIB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.vocab import Iris

#: As many as the target for the 99th percentile names.
CONNECTIONS = 8

#: Heavy queries: one for each core of the smallest machine, so that little of one round is left over in the next.
HEAVY_CONNECTIONS = 2

#: Rows that make about 1 MB of JSON.
WHOLE_ROWS = 4500


class Key(StrEnum):
    """The cases."""

    LOOKUP = "lookup"
    WHOLE = "whole-graph"
    REPEATED = "repeated"
    AGGREGATE = "aggregate"


@dataclass(frozen=True, slots=True)
class Case:
    """Queries that are asked in turn of the servers named. A variable that holds NONCE makes each query a new one."""

    key: Key
    queries: Sequence[str]
    connections: int
    targets: tuple[str, ...]


class Measure(StrEnum):
    """What is compared."""

    RATE = "requests/s"
    P99 = "p99"


@dataclass(frozen=True, slots=True)
class Goal:
    """Our measure in ``case`` over the peer's in ``peer_case`` is at least (``P99``: at most) ``bound``."""

    title: str
    case: Key
    peer: str
    peer_case: Key
    bound: float
    measure: Measure = Measure.RATE

    def is_met_by(self, ratio: float) -> bool:
        return ratio <= self.bound if self.measure is Measure.P99 else ratio >= self.bound


GOALS = (
    Goal("one entity, never cached", Key.LOOKUP, NATIVE, Key.LOOKUP, 0.3),
    Goal("one entity, never cached", Key.LOOKUP, RDFLIB, Key.LOOKUP, 3),
    Goal("whole graph, 1 MB of JSON", Key.WHOLE, NATIVE, Key.WHOLE, 0.9),
    Goal("whole graph, 1 MB of JSON", Key.WHOLE, RDFLIB, Key.WHOLE, 10),
    Goal("repeated query / a lookup", Key.REPEATED, NATIVE, Key.LOOKUP, 0.8),
    Goal("heavy aggregate, repeated", Key.AGGREGATE, NATIVE, Key.AGGREGATE, 100),
    Goal(f"one entity, {CONNECTIONS} connections", Key.LOOKUP, NATIVE, Key.LOOKUP, 3, Measure.P99),
)


def cases(papers: Sequence[str], iris: Iris) -> tuple[Case, ...]:
    """Return the cases for a graph that has the papers with these IRIs."""
    lookups = [f"SELECT ?property ?value{NONCE} WHERE {{ <{paper}> ?property ?value{NONCE} }}" for paper in papers]
    whole = (
        f"SELECT ?paper ?property ?value{NONCE} WHERE "
        f"{{ ?paper a <{iris.opd.Paper.value}> ; ?property ?value{NONCE} }} LIMIT {WHOLE_ROWS}"
    )
    aggregate = (
        "SELECT ?property (COUNT(DISTINCT ?value) AS ?values) (AVG(STRLEN(STR(?value))) AS ?length) "
        "WHERE { ?thing ?property ?value } GROUP BY ?property"
    )
    return (
        Case(Key.LOOKUP, lookups, CONNECTIONS, NAMES),
        Case(Key.WHOLE, [whole], HEAVY_CONNECTIONS, NAMES),
        Case(Key.REPEATED, [lookups[0].replace(NONCE, "")], CONNECTIONS, (OURS,)),
        Case(Key.AGGREGATE, [aggregate], HEAVY_CONNECTIONS, (OURS, NATIVE)),
    )
