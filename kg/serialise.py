"""The formats that a list of papers comes in: one function each, all over the same cards."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, serialize

from kg import cite
from kg.columns import COLUMNS, SEPARATOR
from kg.media import BIBTEX, CITATIONS, CSL, CSV, JSON_LD, RIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad, Triple

    from kg.cards import Card
    from kg.library import Library
    from kg.media import Format
    from kg.vocab import Iris

#: A cell that begins so is taken for a formula by spreadsheets; behind a quote mark it is text again.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def record(card: Card) -> dict[str, Any]:
    """Return the paper as plain JSON; what is not known is null or empty."""
    return {
        "id": card.id,
        "iri": card.iri,
        "title": card.title,
        "authors": list(card.authors),
        "issued": card.issued and card.issued.isoformat(),
        "year": card.year,
        "arxiv_id": card.arxiv_id,
        "doi": card.doi,
        "page": card.address,
        "venue": card.venue,
        "code": list(card.repositories),
        "status": card.status,
        "dropped_since": card.dropped_since and card.dropped_since.isoformat(),
        "concepts": [
            {"iri": concept.iri, "scheme": concept.scheme, "label": concept.label} for concept in card.concepts
        ],
    }


def as_json(content: object) -> bytes:
    """Return JSON that a person can read, in UTF-8."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def as_csv(cards: Iterable[Card]) -> bytes:
    """Return RFC 4180 CSV in UTF-8: a line for each paper, several values in a cell set apart by SEPARATOR."""
    return csv_table(
        (column.name for column in COLUMNS), ((SEPARATOR.join(values) for values in _cells(card)) for card in cards)
    )


def csv_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return RFC 4180 CSV in UTF-8 in which no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row)
    return out.getvalue().encode()


def _cells(card: Card) -> Iterator[list[str]]:
    """Return the values of each column."""
    values = record(card)
    for column in COLUMNS:
        if column.scheme:
            yield [each.label for each in card.concepts if each.scheme.endswith(f"/scheme/{column.scheme}")]
        else:
            yield values[column.name] if column.many else [str(values[column.name] or "")]


def as_citations(cards: Iterable[Card], chosen: Format) -> bytes:
    """Return BibTeX, RIS or CSL-JSON."""
    write = {BIBTEX.name: cite.bibtex, RIS.name: cite.ris, CSL.name: cite.csl_json}[chosen.name]
    return write(card.citation() for card in cards).encode()


def as_rdf(statements: list[Triple] | list[Quad], chosen: Format, iris: Iris) -> bytes:
    """Serialise triples, or quads in a format that has graphs; with the prefixes of the vocabularies that they use."""
    terms = {term for each in statements for term in (each.predicate, each.object)}
    nodes = {term.datatype if isinstance(term, Literal) else term for term in terms}
    named = (node.value for node in nodes if isinstance(node, NamedNode))
    used = {iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in named}
    prefixes = {prefix: iri for prefix, iri in iris.vocabularies().items() if iri in used}
    return serialize(statements, format=chosen.oxigraph, prefixes=prefixes) or b""


def as_list(cards: Iterable[Card], chosen: Format, library: Library) -> bytes:
    """Return the papers as CSV, as citations, as JSON-LD trees, or in another RDF format for triples."""
    if chosen.name == CSV.name:
        return as_csv(cards)
    if chosen.name in {each.name for each in CITATIONS}:
        return as_citations(cards, chosen)
    if chosen.name == JSON_LD.name:
        return library.framer.listing(library.iris.paper(card.id) for card in cards)
    documents = (library.documents.quads(library.iris.paper(card.id)) for card in cards)
    triples = dict.fromkeys(quad.triple for quads in documents for quad in quads)
    return as_rdf(list(triples), chosen, library.iris)
