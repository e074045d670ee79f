"""Every IRI of the graph, answered: a page to a person, RDF by ``Accept`` or by suffix, 303 from other names of a thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound

from kg.entity import Document, read_document
from kg.media import CITATIONS, JSON_LD, Format
from kg.serialise import as_citations, as_rdf
from kg.vocab import OWL, RDF, RDFS, SKOS
from server import answers, concept_page, queries
from server.entity_page import Describer, Part, referrers
from server.formats import DOCUMENT_FORMATS, PAGE
from server.negotiation import negotiate
from server.paper_page import PaperReader
from server.reading import Reading, reading
from server.resolve import find, find_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import NamedNode
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("linked_data", __name__)

#: What a suffix asks for. ``.json`` is JSON-LD by the name that scripts know.
SUFFIXES = {each.suffix: each for each in (*DOCUMENT_FORMATS, *CITATIONS)} | {
    ".json": JSON_LD.labelled("application/json")
}


@blueprint.get("/<path:path>")
def describe(path: str) -> BaseResponse:
    """Answer with the document of the IRI that the path stands for."""
    here = reading()
    for stem, suffix in _readings(path):
        iri = find(here.store, here.iris, stem)
        document = read_document(here.store, iri, here.iris) if iri else None
        if document and document.is_described:
            return _answer(here, document, suffix)
        other = find_elsewhere(here.store, here.iris, stem)
        if other:
            return redirect(f"{here.links.local(other.value)}{suffix}{_query()}", code=303)
        if document:
            return _answer(here, document, suffix)
    raise NotFound(f"Nothing in release {here.release.id} has the address /{path[:200]}. Search for it at /papers.")


def _readings(path: str) -> Iterator[tuple[str, str]]:
    """Read the path as it stands (an arXiv id holds a dot), then as a name and the suffix of a format."""
    yield path, ""
    stem, dot, ending = path.rpartition(".")
    if f".{ending}" in SUFFIXES and stem:
        yield stem, dot + ending


def _query() -> str:
    query = request.query_string.decode("latin-1")
    return f"?{query}" if query else ""


def _answer(here: Reading, document: Document, suffix: str) -> Response:
    offers = (*DOCUMENT_FORMATS, *CITATIONS) if _is_paper(here, document) else DOCUMENT_FORMATS
    if suffix and SUFFIXES[suffix].name not in {offer.name for offer in offers}:
        raise NotFound(f"This is no paper, so there is no {SUFFIXES[suffix].title} of it.")
    chosen = SUFFIXES[suffix] if suffix else negotiate(request, offers)
    response = Response(_body(here, document, chosen, offers), content_type=chosen.content_type)
    if not suffix:
        response.vary.add("Accept")
        response.content_location = f"{here.links.local(document.subject.value)}{chosen.suffix}"
    response.headers["Link"] = ", ".join(_links(here, document, chosen, offers))
    return response


def _is_paper(here: Reading, document: Document) -> bool:
    return document.within(here.own_graphs).is_a(here.iris.opd.Paper)


def _body(here: Reading, document: Document, chosen: Format, offers: tuple[Format, ...]) -> bytes | str:
    if chosen.name == PAGE.name:
        return _page(here, document, [offer for offer in offers if offer.name != PAGE.name])
    if chosen in CITATIONS:
        cards = here.cards([here.iris.paper_id(document.subject.value)])
        return as_citations(cards, chosen, here.citation_keys)
    return as_rdf(document.quads if chosen.name in ("trig", "nq") else document.triples, chosen, here.iris)


def _terms(document: Document, describer: Describer) -> list[tuple[str, list[Part]]]:
    """Return the ontology's classes and properties, by name."""
    said = (RDF.type, RDFS.label, RDFS.isDefinedBy)
    terms = [node for node in document.subjects() if document.is_part(node)]
    classes = [node for node in terms if OWL.Class in document.values(node, RDF.type)]
    groups = (("Classes", classes), ("Properties", [node for node in terms if node not in classes]))

    def parts(nodes: list[NamedNode]) -> list[Part]:
        return [describer.part(node, without=said) for node in sorted(nodes, key=describer.name)]

    return [(title, parts(nodes)) for title, nodes in groups]


def _links(here: Reading, document: Document, chosen: Format, offers: tuple[Format, ...]) -> Iterator[str]:
    """Return the Link header's parts. Each format has an address of its own: the IRI's path and a suffix."""
    iri = document.subject.value
    path = here.links.absolute(here.links.local(iri) or "/")
    yield f'<{iri}>; rel="canonical"'
    for offer in offers:
        if offer.name != chosen.name:
            yield f'<{path}{offer.suffix}>; rel="alternate"; type="{offer.media_type}"'
    if chosen.name == PAGE.name:
        yield f'<{path}.ttl>; rel="describedby"; type="text/turtle"'


def _page(here: Reading, document: Document, formats: list[Format]) -> str:
    describer = Describer(document, here.thesaurus, here.links)
    about = {"doc": document, "kind": describer.kind(), "name": describer.name(document.subject), "formats": formats}
    node = document.subject
    if _is_paper(here, document):
        paper = PaperReader(document.within(here.own_graphs), here.iris, here.thesaurus).page()
        others = Describer(document.within(here.own_graphs, inside=False), here.thesaurus, here.links)
        return render_template("paper.html", **about, paper=paper, others=others.part(node))
    if document.is_a(SKOS.Concept) and node.value in here.thesaurus.concepts:
        return render_template("concept.html", **about, concept=concept_page.concept(here, document))
    if document.is_a(SKOS.ConceptScheme) and node.value in here.thesaurus.schemes:
        return render_template("scheme.html", **about, scheme=concept_page.scheme(here, document))
    if document.is_a(OWL.Ontology):
        return render_template("ontology.html", **about, own=describer.part(node), groups=_terms(document, describer))
    question = answers.described(document.within(here.own_graphs))
    if question:
        return render_template("query.html", **about, question=question, table=queries.table(here, question))
    papers = concept_page.papers_of(here, document)
    return render_template(
        "entity.html",
        **about,
        own=describer.part(node),
        papers=papers,
        referrers=None if papers else referrers(here.store, node, describer),
    )
