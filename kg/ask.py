"""Run the operator's own query on a release. Strangers' queries go through the server's isolated workers instead."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, serialize

from kg.errors import UsageError
from kg.graph import open_at
from kg.media import JSON_LD, N_TRIPLES, RESULT_FORMATS, TURTLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.release import Release
    from kg.vocab import Iris

T = TypeVar("T")

#: The parser lists every letter that it would have taken.
MAX_MESSAGE = 200

BINDINGS = {each.name: each.oxigraph_results for each in RESULT_FORMATS}
GRAPHS = {each.name: each.oxigraph for each in (TURTLE, N_TRIPLES, JSON_LD)}


@dataclass(frozen=True, slots=True)
class Answer:
    """A result as text for a person to read: IRIs with prefixes, literals bare."""

    columns: list[str]
    rows: list[list[str]]


def ask(release: Release, iris: Iris, text: str, format_: str) -> Answer | bytes:
    """Run a query over the union of the release's graphs. ``table`` gives an Answer, another format its bytes."""
    store = open_at(release)
    try:
        result = store.query(text, prefixes=iris.prefixes(), use_default_graph_as_union=True)
    except SyntaxError as error:
        msg = f"the query is not SPARQL 1.1: {shorten(str(error), MAX_MESSAGE, placeholder=' …')}"
        raise UsageError(msg) from None
    if isinstance(result, QueryTriples):
        if format_ == "table":
            return Answer(["subject", "predicate", "object"], [[_short(t, iris) for t in triple] for triple in result])
        return serialize(result, format=_format(GRAPHS, format_), prefixes=iris.prefixes()) or b""
    if format_ != "table":
        return result.serialize(format=_format(BINDINGS, format_)) or b""
    if isinstance(result, QueryBoolean):
        return Answer(["answer"], [["yes" if result else "no"]])
    assert isinstance(result, QuerySolutions)  # noqa: S101 (the three kinds of result that pyoxigraph has)
    columns = [variable.value for variable in result.variables]
    return Answer(columns, [[_short(solution[name], iris) for name in columns] for solution in result])


def _format(table: Mapping[str, T], name: str) -> T:
    if name not in table:
        msg = f"this query's result has no format {name}; there are: table, {', '.join(table)}"
        raise UsageError(msg)
    return table[name]


def _short(term: object, iris: Iris) -> str:
    if term is None:
        return ""
    text = getattr(term, "value", None) or str(term)
    if str(term).startswith("<"):
        for prefix, namespace in iris.prefixes().items():
            if text.startswith(namespace):
                return f"{prefix}:{text[len(namespace) :]}"
    return text
