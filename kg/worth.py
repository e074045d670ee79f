"""Papers by what they are worth: a query that adds up the weights of the facet values that a paper has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tantivy import Occur, Query

from kg.facets import value_query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tantivy import Schema


class Worth(NamedTuple):
    """What a paper is worth that has a value of a facet."""

    facet: str
    value: str
    weight: float


def worth_query(schema: Schema, kinds: Iterable[Iterable[Worth]], further: float) -> Query:
    """Return the query whose score is the worth of a paper; one that is worth nothing is not found.

    Of the values of one kind that a paper has, the weightiest counts in full and each other one ``further`` times its
    weight; the kinds add up.
    """
    wanted = [[_weighing(schema, *each) for each in kind if each.weight] for kind in kinds]
    return Query.boolean_query([(Occur.Should, Query.disjunction_max_query(each, further)) for each in wanted if each])


def _weighing(schema: Schema, facet: str, value: str, weight: float) -> Query:
    return Query.const_score_query(value_query(schema, facet, [value]), weight)
