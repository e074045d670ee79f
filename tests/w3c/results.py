"""Answers and the suite's expected results in one form that is equal where they are isomorphic."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    Triple,
    parse,
    parse_query_results,
)

from kg.media import CSV, RDF_FORMATS, RESULT_FORMATS, Format

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The format of a result file, by its ending.
FORMATS = {known.suffix: known for known in (*RESULT_FORMATS, *RDF_FORMATS)}

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
XSD = "http://www.w3.org/2001/XMLSchema#"
NUMERIC = {f"{XSD}{name}" for name in ("decimal", "double", "float")}
Term = NamedNode | BlankNode | Literal | Triple
Row = dict[str, Term]
Statements = list[str]


@dataclass(frozen=True)
class Table:
    """The solutions of a SELECT, as statements about rows: terms are compared as terms, never as values."""

    variables: frozenset[str]
    rows: Statements


def read(content: bytes, form: Format, base: str, *, ordered: bool, by_value: bool) -> Table | Statements | bool:
    """Read a result. Blank nodes get canonical names; the order of rows counts where it is ``ordered``.

    Numbers are terms like all others, unless they are to be compared ``by_value``.
    """
    if form in RDF_FORMATS:
        return _canonical(parse(content, form.oxigraph, base_iri=base))
    if form is CSV:
        head, *lines = csv.reader(io.StringIO(content.decode(), newline=""))
        return _table(head, [_row_of_texts(head, line) for line in lines], ordered=ordered)
    results = parse_query_results(content, form.oxigraph_results)
    if isinstance(results, QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    rows = [{name: solution[name] for name in names if solution[name] is not None} for solution in results]
    if by_value:
        rows = [{name: _respelled(term) for name, term in row.items()} for row in rows]
    return _table(names, rows, ordered=ordered)


def _row_of_texts(names: list[str], cells: list[str]) -> Row:
    """CSV tells neither IRIs from strings nor what is unbound from what is empty: only blank nodes are known."""
    return {
        name: BlankNode(cell.removeprefix("_:")) if cell.startswith("_:") else Literal(cell)
        for name, cell in zip(names, cells, strict=True)
    }


def _respelled(term: Term) -> Term:
    """Give a number one spelling; its datatype stays."""
    if isinstance(term, Literal) and term.datatype.value in NUMERIC:
        return Literal(str(float(term.value)), datatype=term.datatype)
    return term


def _table(names: list[str], rows: list[Row], *, ordered: bool) -> Table:
    quads = []
    for number, row in enumerate(rows):
        node = BlankNode()
        quads.append(Quad(node, NamedNode(f"{RS}index"), Literal(number if ordered else 0)))
        quads += [Quad(node, NamedNode(f"{RS}binding/{name}"), value) for name, value in row.items()]
    return Table(frozenset(names), _canonical(quads))


def _canonical(quads: Iterable[Quad]) -> Statements:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))
