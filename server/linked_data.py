"""Every IRI of the graph, answered: a page to a person, RDF by ``Accept`` or by suffix, 303 from other names of a thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import Gone, NotFound

from kg.entity import Document
from kg.media import CITATIONS, JSON_LD, Format
from kg.serialise import as_citations, as_json, as_rdf
from kg.vocab import OWL, SKOS
from server import answers, concept_page, history, ontology_page, queries, related, schema_org, signposting, things
from server.cite_box import cite_box
from server.entity_page import Describer, referrers
from server.formats import DOCUMENT_FORMATS, PAGE, PAPER_FORMATS
from server.negotiation import negotiate
from server.paper_page import PaperReader
from server.reading import Reading, reading
from server.resolve import find, find_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("linked_data", __name__)

#: What a suffix asks for. ``.json`` is JSON-LD by the name that scripts know.
SUFFIXES = {
    **{each.suffix: each for each in (*signposting.LINKSETS, *PAPER_FORMATS)},
    ".json": JSON_LD.labelled("application/json"),
}


@blueprint.get("/ontology/context.jsonld")
def context() -> Response:
    """Answer with the whole JSON-LD context; each document carries what it uses of it."""
    return Response(as_json({"@context": reading().framer.context}), content_type=JSON_LD.content_type)


@blueprint.get("/<path:path>")
def describe(path: str) -> BaseResponse:
    """Answer with the document of the IRI that the path stands for."""
    here = reading()
    for stem, suffix in _readings(path):
        iri = find(here.store, here.iris, stem)
        document = here.documents.read(iri) if iri else None
        if document and document.is_described:
            return _answer(here, document, suffix)
        other = find_elsewhere(here.store, here.iris, stem)
        if other:
            return redirect(f"{here.links.local(other.value)}{suffix}{_query()}", code=303)
        if document:
            return _answer(here, document, suffix)
    for stem, _suffix in _readings(path):
        if kept := here.former.kept(stem):
            return redirect(f"/dumps/{kept}/", code=303)
        former = here.former.release_with(stem)
        if former:
            raise Gone(f"Release {former} had something at /{stem[:200]}; this release, {here.release.id}, has not.")
    raise NotFound(f"Nothing in release {here.release.id} has the address /{path[:200]}. Search for it at /papers.")


def _readings(path: str) -> Iterator[tuple[str, str]]:
    """Read the path as it stands (an arXiv id holds a dot), then as a name and the suffix of a format."""
    yield path, ""
    for suffix in SUFFIXES:
        if path.endswith(suffix) and path != suffix:
            yield path.removesuffix(suffix), suffix


def _query() -> str:
    query = request.query_string.decode("latin-1")
    return f"?{query}" if query else ""


def _answer(here: Reading, document: Document, suffix: str) -> Response:
    offers = PAPER_FORMATS if _is_paper(here, document) else DOCUMENT_FORMATS
    if suffix and SUFFIXES[suffix].name not in {offer.name for offer in (*offers, *signposting.LINKSETS)}:
        raise NotFound(f"This is no paper, so there is no {SUFFIXES[suffix].title} of it.")
    chosen = SUFFIXES[suffix] if suffix else negotiate(request, offers)
    response = Response(_body(here, document, chosen, offers), content_type=chosen.content_type)
    if not suffix:
        response.vary.add("Accept")
        response.content_location = f"{here.links.local(document.subject.value)}{chosen.suffix}"
    is_page = chosen.name == PAGE.name
    links = (
        signposting.of_page(here, document, offers)
        if is_page
        else signposting.of_format(here, document, offers, chosen)
    )
    response.headers["Link"] = signposting.header(links)
    return response


def _is_paper(here: Reading, document: Document) -> bool:
    return document.within(here.own_graphs).is_a(here.iris.opd.Paper)


def _body(here: Reading, document: Document, chosen: Format, offers: tuple[Format, ...]) -> bytes | str:
    if chosen.name == PAGE.name:
        return _page(here, document, offers)
    if chosen in signposting.LINKSETS:
        return signposting.linkset(here, document, offers, chosen)
    if chosen in CITATIONS:
        cards = here.cards([here.iris.paper_id(document.subject.value)])
        return as_citations(cards, chosen)
    if chosen.name == JSON_LD.name:
        return here.framer.document(document.subject)
    return as_rdf(document.quads if chosen.name in ("trig", "nq") else document.triples, chosen, here.iris)


def _page(here: Reading, document: Document, offers: tuple[Format, ...]) -> str:
    describer = Describer(document, here.thesaurus, here.links)
    about = {
        "doc": document,
        "kind": describer.kind(),
        "name": describer.name(document.subject),
        "formats": [offer for offer in offers if offer.name != PAGE.name],
        "signposts": signposting.of_page(here, document, offers),
        "schema_org": schema_org.script_block(schema_org.thing(document, here)),
    }
    node, own = document.subject, document.within(here.own_graphs)
    if own.is_a(here.iris.opd.Paper):
        paper = PaperReader(own, here.iris, here.thesaurus).page()
        past = history.rows(own, here.iris, here.thesaurus)
        others = Describer(document.within(here.own_graphs, inside=False), here.thesaurus, here.links)
        (card,) = here.cards([here.iris.paper_id(node.value)])
        return render_template(
            "paper.html",
            **about,
            paper=paper,
            history=past,
            cite=cite_box(card),
            others=others.part(node),
            related=related.section(here, card.id),
        )
    if document.is_a(SKOS.Concept) and node.value in here.thesaurus.concepts:
        return render_template("concept.html", **about, concept=concept_page.concept(here, document))
    if document.is_a(SKOS.ConceptScheme) and node.value in here.thesaurus.schemes:
        return render_template("scheme.html", **about, scheme=concept_page.scheme(here, document))
    if document.is_a(OWL.Ontology):
        return render_template("ontology.html", **about, ontology=ontology_page.ontology(here, document, describer))
    question = answers.described(own)
    if question:
        return render_template("query.html", **about, question=question, table=queries.table(here, question))
    thing = things.thing(here, own)
    return render_template(
        "thing.html" if thing else "entity.html",
        **about,
        own=describer.part(node),
        thing=thing,
        referrers=None if thing else referrers(here.store, node, describer),
    )
