"""An identifier from outside, in any usual spelling → the paper that it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.entity import is_described
from kg.identifiers import clean_address, clean_text, parse_arxiv_id, parse_doi
from kg.vocab import DCTERMS, FOAF, RDF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Store

    from kg.vocab import Iris


@dataclass(frozen=True, slots=True)
class Found:
    """What an identifier led to. Without a paper ``reason`` says why there is none.

    ``is_identifier`` is False for a text that no paper could have: it is neither an arXiv id, nor a DOI, nor an address.
    """

    paper: NamedNode | None
    reason: str | None = None
    is_identifier: bool = True


def look_up(store: Store, iris: Iris, text: str) -> Found:
    """Return the paper with this arXiv id, DOI, upstream id, IRI, or address of its page."""
    meant, paper = next(_readings(store, iris, text), (None, None))
    if paper:
        return Found(paper)
    if meant:
        return Found(None, f"no paper of this release has {meant}")
    return Found(None, "this is no arXiv id, no DOI and no address", is_identifier=False)


def _readings(store: Store, iris: Iris, text: str) -> Iterator[tuple[str, NamedNode | None]]:
    """Yield what the text may mean, and the paper if there is one, the surest reading first."""
    literal = Literal(clean_text(text))
    for quad in store.quads_for_pattern(None, DCTERMS.identifier, literal, iris.graph("papers")):
        yield f"the id {literal.value}", _paper(store, iris, quad.subject)
    arxiv_id = parse_arxiv_id(text)
    if arxiv_id:
        paper = iris.paper(arxiv_id)
        yield f"the arXiv id {arxiv_id}", paper if is_described(store, paper) else None
    doi = parse_doi(text)
    if doi:
        yield f"the DOI {doi}", None  # arXiv's own are read as arXiv ids, and upstream knows no others
    address = clean_address(text)
    if address:
        node = NamedNode(address)
        pages = store.quads_for_pattern(None, FOAF.page, node, iris.graph("papers"))
        papers = (_paper(store, iris, each) for each in (node, *(quad.subject for quad in pages)))
        yield f"the address {address}", next(filter(None, papers), None)


def _paper(store: Store, iris: Iris, node: object) -> NamedNode | None:
    is_paper = isinstance(node, NamedNode) and any(store.quads_for_pattern(node, RDF.type, iris.opd.Paper))
    return node if is_paper and isinstance(node, NamedNode) else None
