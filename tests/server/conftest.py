"""Releases for the server's tests. Take ``site`` unless a test needs data that no honest source has: then ``hostile``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Store
from werkzeug.test import Client

from kg.build import build
from kg.inputs import Inputs
from kg.local import read_local
from kg.release import Home
from kg.settings import Settings
from kg.sources import read_source
from kg.vocab import Iris
from server.app import create_app
from tests.server.over_asgi import OverAsgi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

IRIS = Iris()

#: Titles and names that a careless template, serialiser or address would break on.
HOSTILE_TITLES = (
    "<script>alert(1)</script> & \"quotes\" 'single'",
    "$\\mathcal{L}_{\\text{KL}}(\\pi_\\theta \\| \\pi_T)$ </title></textarea>--><!-- {{ 7*7 }} {% raw %}",
    '=HYPERLINK("https://example.org","press"), x',
)
HOSTILE_AUTHORS = (
    "A/B Testing Group",
    'O\'Brien, 100% "Real"?#[]',
    "Ünïcödé, 名前 <b>",
    "-Minus, Leading",
    "_Under Score_",
)

#: What a reader's own RDF may say of a paper: anything.
LOCAL = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix opd: <https://w3id.org/opdkg/ontology#> .
<https://w3id.org/opdkg/paper/2609.00001> dcterms:issued "soon" ; opd:year "MMXXVI" ; dcterms:title "A title of my own" ;
    rdfs:seeAlso <javascript:alert(1)>, <https://example.org/note> ; rdfs:comment "Read <b>this</b>" ;
    opd:reviewedBy [ rdfs:label "nobody" ] .
<https://w3id.org/opdkg/paper/not-listed-anywhere> a opd:Paper ; dcterms:title "Mine" .
<https://w3id.org/opdkg//example.org/double> rdfs:label "Two slashes" ;
    rdfs:seeAlso <https://w3id.org/opdkg/local/only-mentioned> .
<https://w3id.org/opdkg/local/名前> rdfs:label "A name" .
<https://w3id.org/opdkg/local/controls> rdfs:label "C1 \\u0085, \\u202Eoverride, last \\U0001FFFF" .
<https://w3id.org/opdkg/local/odd> rdfs:seeAlso <dcterms:title> ; rdfs:label "Odd" .
"""


@dataclass(frozen=True, slots=True)
class Site:
    """An application over a release, a way to ask it, and the release's store to compare with."""

    app: Flask
    client: Client
    store: Store
    home: Path

    def get(self, path: str, accept: str = "text/html", method: str = "GET", **headers: str) -> Response:
        """Ask for a path as a client that takes ``accept``; further headers are named with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(path, method=method, headers={"Accept": accept, **named}, buffered=True)

    def page(self, path: str) -> str:
        """The HTML of a page that must be there."""
        response = self.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:500]}"
        assert response.content_type == "text/html; charset=utf-8"
        return response.text


if TYPE_CHECKING:
    from werkzeug.test import TestResponse as Response


def opened(home: Path, **settings: str) -> Iterator[Site]:
    app = create_app(Settings(home=home, query_workers=1, **settings))
    app.testing = True
    front = OverAsgi(app)
    yield Site(app, Client(front), app.extensions["opdkg-reading"].store, home)
    front.close()


@pytest.fixture(scope="session")
def site(home: Path) -> Iterator[Site]:
    """The application over the release of the bundled facts."""
    yield from opened(home)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application over a release of three papers with hostile titles and names, and of local RDF of every kind."""
    path = tmp_path_factory.mktemp("hostile")
    papers = [
        {
            "paper_id": f"2609.0000{n}",
            "arxiv_id": f"2609.0000{n}",
            "title": title,
            "authors": list(HOSTILE_AUTHORS),
            "year": 2026,
            "submitted": f"2026-09-0{n}",
            "paper_url": f"https://arxiv.org/abs/2609.0000{n}",
            "mechanism": "direct_opd",
            "home": "objectives",
            "code_urls": ["javascript:alert(1)", "https://github.com/owner/x.json"],
            "code_status": "listed",
        }
        for n, title in enumerate(HOSTILE_TITLES, start=1)
    ]
    catalogue = json.dumps({"updated_on": "2026-10-06", "total": len(papers), "papers": papers})
    source = read_source(catalogue.encode(), "catalog-2026-10-06.json")
    (path / "mine.ttl").write_text(LOCAL, encoding="utf-8")
    build(Home(path), Inputs([source]), local=read_local(path / "mine.ttl", IRIS))
    yield from opened(path)
