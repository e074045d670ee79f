"""What search engines read in a page: the same facts in schema.org's words, as a block of JSON-LD that no browser runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jinja2.utils import htmlsafe_json_dumps
from pyoxigraph import Literal

from kg.dataset import DESCRIPTION, LICENSE
from kg.vocab import DCAT, DCTERMS, FABIO, OWL, PRISM, RDFS, SCHEMA, SKOS, VOID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from markupsafe import Markup
    from pyoxigraph import NamedNode

    from kg.cards import Card
    from kg.dataset import Edition
    from kg.entity import Document
    from server.reading import Reading

    Node = dict[str, Any]

CONTEXT = "https://schema.org"


def script_block(content: Node) -> Markup:
    """Return the JSON as it may stand in a script element: nothing in it can end the element or open a comment."""
    return htmlsafe_json_dumps({"@context": CONTEXT, **content}, dumps=json.dumps)


def kind_of(document: Document, here: Reading) -> str | None:
    """Return the name of schema.org's class for the thing, None if it has none."""
    kinds = {
        here.iris.opd.Paper: "ScholarlyArticle",
        here.iris.opd.Repository: "SoftwareSourceCode",
        SKOS.Concept: "DefinedTerm",
        SKOS.ConceptScheme: "DefinedTermSet",
        OWL.Ontology: "DefinedTermSet",
        DCAT.Dataset: "Dataset",
        VOID.Dataset: "Dataset",
    }
    own = document.within(here.own_graphs)
    return next((kind for of, kind in kinds.items() if own.is_a(of)), None)


def thing(document: Document, here: Reading) -> Node:
    """Return what the page of a thing says in schema.org's words; of what schema.org has no class for, its name."""
    kind = kind_of(document, here)
    doc = document.within(here.own_graphs) if kind else document
    node = doc.subject
    common = {
        "@type": kind or "WebPage",
        "@id": node.value,
        "url": here.links.absolute(here.links.local(node.value) or "/"),
        "name": doc.label(node) or node.value,
    }
    details = {"ScholarlyArticle": _article, "Dataset": _dataset, "DefinedTerm": _term, "SoftwareSourceCode": _code}
    return _known(common | (details[kind](doc, here) if kind in details else {}))


def catalogue(here: Reading) -> Node:
    """Return the site as a whole: a catalogue of one data set."""
    home = here.links.absolute("/")
    titles = here.store.quads_for_pattern(here.iris.dataset, DCTERMS.title, None, here.iris.graph("description"))
    name = next((quad.object.value for quad in titles if isinstance(quad.object, Literal)), home)
    dataset = {"@type": "Dataset", "@id": here.iris.dataset.value, "name": name}
    return {"@type": "DataCatalog", "@id": home, "url": home, "name": name, "dataset": dataset}


def release(edition: Edition, files: Mapping[str, str], here: Reading) -> Node:
    """Return a release as the data set that its files are. ``files`` are the media types by the files' names."""
    folder = here.links.absolute(f"/dumps/{edition.release_id}/")
    return _known(
        {
            "@type": "Dataset",
            "@id": edition.node.value,
            "url": folder,
            "name": edition.title,
            "description": DESCRIPTION,
            "version": edition.release_id,
            "datePublished": edition.newest and edition.newest.isoformat(),
            "license": LICENSE,
            "isPartOf": here.iris.dataset.value,
            "distribution": [
                {"@type": "DataDownload", "contentUrl": folder + file, "encodingFormat": media_type}
                for file, media_type in files.items()
            ],
        }
    )


def term_sets(here: Reading) -> Node:
    """Return the concept schemes."""
    sets = [
        {"@type": "DefinedTermSet", "@id": each.iri, "url": here.links.absolute(here.links.local(each.iri) or "/")}
        | {"name": each.label}
        for each in here.thesaurus.schemes.values()
    ]
    return {"@graph": sets}


def item_list(cards: Iterable[Card], total: int, start: int) -> Node:
    """Return a page of papers; ``start`` is how many papers stand before it."""
    items = [
        {"@type": "ListItem", "position": position, "url": card.iri, "name": card.title}
        for position, card in enumerate(cards, start=start + 1)
    ]
    return {"@type": "ItemList", "numberOfItems": total, "itemListElement": items}


def _article(doc: Document, here: Reading) -> Node:
    node, opd = doc.subject, here.iris.opd
    identifiers = (("arXiv", doc.text(node, FABIO.hasArXivId)), ("DOI", doc.text(node, PRISM.doi)))
    terms = {concept: doc.label(concept) for concept in doc.nodes(node, opd.classifiedAs)}
    return {
        "headline": doc.text(node, DCTERMS.title),
        "author": [{"@type": "Person", "name": name} for name in _authors(doc, here)],
        "datePublished": doc.text(node, DCTERMS.issued) or doc.text(node, opd.year),
        "identifier": [
            {"@type": "PropertyValue", "propertyID": name, "value": value} for name, value in identifiers if value
        ],
        "sameAs": [same.value for same in doc.nodes(node, OWL.sameAs)],
        "about": [{"@type": "DefinedTerm", "@id": iri.value, "name": name} for iri, name in terms.items() if name],
    }


def _authors(doc: Document, here: Reading) -> list[str]:
    """Return the names in order: the document has authorships in the order of their numbers."""
    listed = set(doc.nodes(doc.subject, here.iris.opd.hasAuthorship))
    return [name for each in doc.subjects() if each in listed for name in doc.texts(each, here.iris.opd.authorName)]


def _dataset(doc: Document, _here: Reading) -> Node:
    node = doc.subject
    return {
        "description": doc.text(node, DCTERMS.description) or doc.text(node, RDFS.comment),
        "version": doc.text(node, DCAT.version),
        "datePublished": doc.text(node, DCTERMS.issued),
        "license": _first(doc, node, DCTERMS.license),
        "isPartOf": _first(doc, node, DCAT.isVersionOf),
        "distribution": [_download(doc, part) for part in doc.nodes(node, DCAT.distribution)],
    }


def _download(doc: Document, part: NamedNode) -> Node:
    media_type = _first(doc, part, DCAT.mediaType) or ""
    return _known(
        {
            "@type": "DataDownload",
            "@id": part.value,
            "contentUrl": _first(doc, part, DCAT.downloadURL),
            "encodingFormat": media_type.partition("/media-types/")[2] or None,
        }
    )


def _term(doc: Document, _here: Reading) -> Node:
    node = doc.subject
    return {
        "description": doc.text(node, SKOS.definition),
        "termCode": doc.text(node, SKOS.notation),
        "inDefinedTermSet": _first(doc, node, SKOS.inScheme),
    }


def _code(doc: Document, _here: Reading) -> Node:
    return {"codeRepository": _first(doc, doc.subject, SCHEMA.codeRepository)}


def _first(doc: Document, node: NamedNode, predicate: NamedNode) -> str | None:
    found = doc.node(node, predicate)
    return found.value if found else None


def _known(facts: Node) -> Node:
    return {name: value for name, value in facts.items() if value not in (None, [])}
