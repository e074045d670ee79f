"""Every IRI of the release answers in every format, and with what the store says of it.

All of them are asked for in the process; a few of every kind, by Accept and by suffix and as quads too, of the real server.
"""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape
from typing import TYPE_CHECKING

import pytest
import requests
from markupsafe import escape
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg.graph import open_store
from kg.media import JSON_LD, RDF_XML, TURTLE
from kg.vocab import Iris
from server.formats import DOCUMENT_FORMATS, PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.media import Format
    from tests.server.conftest import Site

IRIS = Iris()

#: What answers with something else than a document about itself: the home page, files, and the endpoint.
SERVICES = ("", "dumps", "sparql")

#: Another name of the ontology, which is led to it.
ONTOLOGY_VERSION = f"{IRIS.base}ontology/1.0.0"

RDF_DOCUMENTS = [offer for offer in DOCUMENT_FORMATS if offer.name != PAGE.name]


def path_of(iri: str) -> str:
    return f"/{iri.removeprefix(IRIS.base)}"


def kind_of(iri: str) -> str:
    """The path without what tells things of one kind apart: ``paper``, ``paper author``, ``release class``."""
    first, *rest = iri.removeprefix(IRIS.base).split("/")
    inner = [part for part in rest[1:] if part in ("author", "setup", "class", "property")]
    return " ".join((first, *inner))


@pytest.fixture(scope="module")
def said(home: Path) -> dict[str, set[Triple]]:
    """What the store says of each IRI under the base that it holds; fragments are described where they are fragments of."""
    found: dict[str, set[Triple]] = defaultdict(set)
    for quad in open_store(home):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, NamedNode) and term.value.startswith(IRIS.base):
                found[term.value.partition("#")[0]] |= {quad.triple} if term == quad.subject else set()
    return {iri: triples for iri, triples in found.items() if kind_of(iri) not in SERVICES}


def statements(data: bytes, found: RdfFormat | None) -> set[Triple]:
    assert found
    return {quad.triple for quad in parse(data, found)}


def test_every_iri_answers_in_every_format_with_what_the_store_says_of_it(
    site: Site, said: dict[str, set[Triple]]
) -> None:
    everything = {quad.triple for quad in site.store}
    assert len(said) > 10_000
    client = site.app.test_client()
    elsewhere = []
    for iri, expected in said.items():
        response = client.get(f"{path_of(iri)}.nt")
        if response.status_code == 303:
            elsewhere.append(iri)
            continue
        assert response.status_code == 200, iri
        document = statements(response.data, RdfFormat.N_TRIPLES)
        of_it = {triple for triple in document if isinstance(triple.subject, NamedNode) and triple.subject.value == iri}
        assert of_it == {triple for triple in expected if triple.subject.value == iri}, iri  # type: ignore[union-attr]
        assert expected <= document <= everything, iri
        for offer in (TURTLE, JSON_LD, RDF_XML):
            response = client.get(path_of(iri), headers={"Accept": offer.media_type})
            assert (response.status_code, response.mimetype) == (200, offer.media_type), iri
            assert statements(response.data, offer.oxigraph) == document, (iri, offer.name)
        page = client.get(path_of(iri), headers={"Accept": "text/html"})
        assert (page.status_code, page.mimetype) == (200, "text/html"), iri
        assert f'<link rel="canonical" href="{escape(iri)}">' in page.text, iri
    assert elsewhere == [ONTOLOGY_VERSION]


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def sample(said: dict[str, set[Triple]]) -> list[str]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for iri in sorted(said, key=lambda iri: (-len(said[iri]), iri)):
        kinds[kind_of(iri)].append(iri)
    assert {
        "paper",
        "paper author",
        "paper setup",
        "release class",
        "release property",
        "name",
        "claim",
    } <= kinds.keys()
    return [iri for iris in kinds.values() for iri in (iris[0], iris[-1])[: len(iris)] if iri != ONTOLOGY_VERSION]


def ask(session: requests.Session, address: str, offer: Format, *, by_suffix: bool) -> bytes:
    """Ask for a format by its suffix, against the header, or by the header."""
    accept = "text/html" if by_suffix else f"application/x-unheard-of, {offer.media_type};q=0.5, image/*;q=0.1"
    url = address + offer.suffix if by_suffix else address
    response = session.get(url, headers={"Accept": accept}, allow_redirects=False, timeout=30)
    assert (response.status_code, response.headers["Content-Type"]) == (200, offer.content_type), url
    return response.content


def test_every_kind_of_iri_says_the_same_in_every_format(
    session: requests.Session, address: str, said: dict[str, set[Triple]]
) -> None:
    for iri in sample(said):
        here = f"{address}{path_of(iri)}"
        expected = statements(ask(session, here, RDF_DOCUMENTS[0], by_suffix=True), RDF_DOCUMENTS[0].oxigraph)
        assert said[iri] <= expected
        for offer in RDF_DOCUMENTS:
            answers = {ask(session, here, offer, by_suffix=by_suffix) for by_suffix in (True, False)}
            assert len(answers) == 1, f"{iri} {offer.name}"
            assert statements(answers.pop(), offer.oxigraph) == expected, f"{iri} {offer.name}"
        for by_suffix in (True, False):
            page = ask(session, here, PAGE, by_suffix=by_suffix).decode()
            assert re.search(f'<link rel="canonical" href="{re.escape(iri)}">', unescape(page)), iri
