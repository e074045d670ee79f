from __future__ import annotations

import json

import pytest
from flask import Flask, Request, redirect
from werkzeug.exceptions import TooManyRequests
from werkzeug.test import EnvironBuilder

from kg.errors import DataError, UsageError
from kg.media import CSV, HTML, JSON, JSON_LD, N_TRIPLES, RDF_FORMATS, RDF_XML, RESULT_FORMATS, TRIG, TSV, TURTLE, XML
from server import problems
from server.negotiation import negotiate
from server.problems import NotAcceptableError, ProblemError

PAGES = (HTML, *RDF_FORMATS)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def asking(accept: str | None, address: str = "/") -> Request:
    headers = {} if accept is None else {"Accept": accept}
    return Request(EnvironBuilder(address, headers=headers).get_environ())


def media_type(accept: str | None, offers: tuple = RESULT_FORMATS, address: str = "/") -> str:
    return negotiate(asking(accept, address), offers).media_type


@pytest.mark.parametrize("offers", [RESULT_FORMATS, RDF_FORMATS], ids=["results", "rdf"])
def test_every_media_type_and_name_of_the_tables_is_found(offers: tuple) -> None:
    taken = set()
    for offer in offers:
        for name in offer.media_types:
            chosen = negotiate(asking(name), offers)
            assert (chosen.name, chosen.media_type) == (offer.name, name)
            assert sorted(chosen.media_types) == sorted(offer.media_types)
            assert media_type("image/png", offers, f"/?format={name.replace('+', '%2B')}") == name
            assert media_type("image/png", offers, f"/?format={name}") == name  # a + that was not escaped
            taken.add(name)
        assert media_type("image/png", offers, f"/?format={offer.name}") == offer.media_type
    assert len(taken) == sum(len(offer.media_types) for offer in offers)  # no type means two formats


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON.media_type),
        ("", JSON.media_type),
        ("*/*", JSON.media_type),
        ("application/*", JSON.media_type),
        ("text/*", CSV.media_type),
        ("text/csv;q=0.4, application/sparql-results+xml;q=0.5", XML.media_type),
        ("text/csv; q=0.5 , application/sparql-results+xml ;q=0.4", CSV.media_type),
        ("TEXT/CSV", CSV.media_type),
        ("text/csv;charset=utf-8", CSV.media_type),
        ("text/csv;header=present;q=0.1, text/tab-separated-values;q=0.2", TSV.media_type),
        ("application/sparql-results+json;q=0, */*", XML.media_type),
        ("application/*;q=0, */*;q=0.1", CSV.media_type),
        ("*/*;q=0.1, application/*;q=0.05, text/csv;q=0.01", TSV.media_type),
        ("text/csv, */*", CSV.media_type),
        ("image/png, text/csv", CSV.media_type),
        ("text/csv;q=0.000, text/tab-separated-values;q=0.001", TSV.media_type),
        ("text/tab-separated-values, text/csv", CSV.media_type),
        ("application/xml", "application/xml"),
        # what is malformed is left out, and an Accept that says nothing legible says nothing
        ("text/csv;q=bogus, text/tab-separated-values;q=0.3", TSV.media_type),
        ("text/csv;q=7, text/tab-separated-values", TSV.media_type),
        (",,;;, text/csv,,", CSV.media_type),
        ("bogus", JSON.media_type),
        ("/", JSON.media_type),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON.media_type),
    ],
)
def test_the_accept_header_is_weighed(accept: str | None, expected: str) -> None:
    assert media_type(accept) == expected


@pytest.mark.parametrize(
    ("client", "accept", "results", "graph"),
    [
        (
            "Jena, SELECT",
            (
                "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, "
                "text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
            ),
            JSON.media_type,
            "application/json",
        ),
        (
            "Jena, CONSTRUCT",
            "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3",
            JSON.media_type,
            TURTLE.media_type,
        ),
        (
            "Virtuoso",
            "application/sparql-results+xml, text/rdf+n3, text/turtle, application/turtle, application/rdf+xml, application/xml",
            XML.media_type,
            TURTLE.media_type,
        ),
        (
            "SPARQLWrapper, JSON",
            "application/sparql-results+json,application/json,text/javascript,application/javascript",
            JSON.media_type,
            "application/json",
        ),
        ("SPARQLWrapper, XML", "application/sparql-results+xml", XML.media_type, None),
        ("YASGUI, SELECT", "application/sparql-results+json,*/*;q=0.9", JSON.media_type, TURTLE.media_type),
        ("YASGUI, CONSTRUCT", "text/turtle,*/*;q=0.9", JSON.media_type, TURTLE.media_type),
        (
            "Comunica, bindings",
            "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7",
            JSON.media_type,
            None,
        ),
        (
            "Comunica, quads",
            (
                "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
                "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/html;q=0.2"
            ),
            None,
            "application/n-quads",
        ),
        (
            "RDF4J",
            "application/x-binary-rdf-results-table, application/sparql-results+xml;q=0.9, text/csv;q=0.5",
            XML.media_type,
            None,
        ),
        ("curl", "*/*", JSON.media_type, TURTLE.media_type),
        ("a browser", BROWSER, "application/xml", "application/xml"),
    ],
)
def test_what_known_clients_send(client: str, accept: str, results: str | None, graph: str | None) -> None:
    del client
    for offers, expected in ((RESULT_FORMATS, results), (RDF_FORMATS, graph)):
        if expected is None:
            with pytest.raises(NotAcceptableError):
                negotiate(asking(accept), offers)
        else:
            assert media_type(accept, offers) == expected


def test_a_browser_gets_the_page_where_there_is_one() -> None:
    assert media_type(BROWSER, PAGES) == HTML.media_type
    assert media_type("application/rdf+xml, text/html;q=0.9", PAGES) == RDF_XML.media_type
    assert media_type(BROWSER, PAGES, "/?format=trig") == TRIG.media_type


def test_a_plain_text_reader_gets_n_triples() -> None:
    assert negotiate(asking("text/plain"), RDF_FORMATS) == N_TRIPLES.labelled("text/plain")


def test_what_nobody_offers_is_refused_with_the_list_of_what_there_is() -> None:
    for request in (asking("image/png"), asking("text/turtle", "/?format=png"), asking("text/csv;q=0")):
        with pytest.raises(NotAcceptableError) as caught:
            negotiate(request, (TURTLE, JSON_LD))
        assert caught.value.status == 406
        assert caught.value.members["available"] == [
            {"format": "ttl", "mediaType": "text/turtle"},
            {"format": "jsonld", "mediaType": "application/ld+json"},
        ]
        assert "text/turtle" in caught.value.detail


def test_the_format_may_come_from_elsewhere_than_the_address() -> None:
    assert negotiate(asking("text/csv", "/?format=xml"), RESULT_FORMATS, "tsv") == TSV


class TeapotError(ProblemError):
    status = 418
    code = "teapot"


@pytest.fixture
def app() -> Flask:
    app = Flask("server")
    app.context_processor(lambda: {"static": str, "release_id": "r1"})
    problems.register(app)
    raised = {
        "/teapot": TeapotError("<script>alert(1)</script>", headers={"X-Kind": "oolong"}, limit=3),
        "/wait": TooManyRequests("slow down", retry_after=7),
        "/usage": UsageError("there is no facet 'x'"),
        "/data": DataError("/var/lib/secret/store cannot be opened"),
        "/bug": RuntimeError("a secret of the operator"),
    }
    for path, error in raised.items():

        def view(error: Exception = error) -> str:
            raise error

        app.add_url_rule(path, path, view)
    app.add_url_rule("/moved", "moved", lambda: redirect("/teapot", 303))
    return app


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/teapot", 418, "teapot"),
        ("/wait", 429, "too-many-requests"),
        ("/usage", 400, "bad-request"),
        ("/data", 503, "data-unavailable"),
        ("/bug", 500, "internal-error"),
        ("/nowhere", 404, "not-found"),
    ],
)
def test_every_error_is_a_problem_document(app: Flask, path: str, status: int, code: str) -> None:
    for accept in ("*/*", "application/problem+json", "application/json", "text/csv", "bogus"):
        response = app.test_client().get(path, headers={"Accept": accept})
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")
        problem = json.loads(response.data)
        assert (problem["type"], problem["status"], problem["code"]) == ("about:blank", status, code)
        assert problem["title"]
        assert problem["detail"]
        assert "Accept" in response.vary
        assert "secret" not in response.text
        assert "Traceback" not in response.text


def test_members_and_headers_of_a_problem_reach_the_client(app: Flask) -> None:
    teapot = app.test_client().get("/teapot")
    assert json.loads(teapot.data)["limit"] == 3
    assert teapot.headers["X-Kind"] == "oolong"
    assert app.test_client().get("/wait").headers["Retry-After"] == "7"
    assert app.test_client().post("/teapot").headers["Allow"]


def test_people_read_an_escaped_page_or_plain_text(app: Flask) -> None:
    page = app.test_client().get("/teapot", headers={"Accept": BROWSER})
    assert page.mimetype == "text/html"
    assert "<script>" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    text = app.test_client().get("/teapot", headers={"Accept": "text/plain"})
    assert text.mimetype == "text/plain"
    assert text.text == "418 I'm a Teapot: <script>alert(1)</script>\n"


def test_a_redirect_is_no_problem(app: Flask) -> None:
    moved = app.test_client().get("/moved")
    assert (moved.status_code, moved.headers["Location"]) == (303, "/teapot")
