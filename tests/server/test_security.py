"""What every answer tells a browser: what a page may load, who may read the data, that the site is seen over https."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from kg.settings import Settings
from server.app import create_app
from tests.server.over_asgi import OverAsgi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from tests.server.conftest import Site

#: What stands in a route's place for each of its arguments.
ARGUMENTS = {
    "file": "opd.nt.gz",
    "filename": "site.css",
    "name": "f-divergences",
    "number": 1,
    "page": "trends",
    "path": "paper/2306.13649",
    "query": "none",
    "release_id": "latest",
}

#: The one page that other sites may show in a frame.
FRAMED = "/reconcile/preview?id=paper/2306.13649"

#: Answers that are not what a route is for: a result from the front, a wrong query, other names, errors, no representation.
BESIDES = (
    "/sparql?query=ASK%20{}",
    "/sparql?query=CONSTRUCT%20WHERE%20{?s%20?p%20?o}%20LIMIT%201000",
    "/sparql?query=nonsense",
    "/paper/2306.13649v2",
    "/paper/2306.13649.ttl",
    "/paper/2306.13649?format=docx",
    "/papers?loss=wrong",
    "/papers?page=999",
    "/nothing/here",
    "/static/nothing.js",
    "/dumps/latest/nothing.gz",
    FRAMED,
)

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "DELETE")

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def addresses(site: Site) -> list[str]:
    adapter = site.app.url_map.bind("localhost")
    rules = [rule for rule in site.app.url_map.iter_rules() if rule.arguments <= ARGUMENTS.keys()]
    assert len(rules) == len(list(site.app.url_map.iter_rules())), "ARGUMENTS lacks an argument of a new route"
    built = (
        adapter.build(rule.endpoint, {name: ARGUMENTS[name] for name in rule.arguments}, rule_method(rule.methods))
        for rule in rules
    )
    return sorted({*built, *BESIDES})


def rule_method(methods: set[str] | None) -> str:
    return next(iter((methods or set()) - {"HEAD", "OPTIONS"}))


@pytest.mark.parametrize("method", METHODS)
def test_every_answer_of_every_route_has_the_security_headers(site: Site, method: str) -> None:
    for address in addresses(site):
        response = site.get(address, "text/html, */*;q=0.5", method)
        assert response.status_code < 500, (method, address)
        check(response, framed=address == FRAMED and method in {"GET", "HEAD"})


def check(response: TestResponse, *, framed: bool) -> None:
    headers = response.headers
    parts = [part.split(maxsplit=1) for part in headers["Content-Security-Policy"].split(";")]
    assert dict(parts) == {**POLICY, **({"frame-ancestors": "*"} if framed else {})}, response.request.path
    assert headers.get("X-Frame-Options") == (None if framed else "DENY")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Strict-Transport-Security" not in headers
    assert "Set-Cookie" not in headers


@pytest.fixture
def over_https(site: Site) -> Iterator[Client]:
    front = OverAsgi(create_app(Settings(home=site.home, public_url="https://opd.example.org", query_workers=1)))
    yield Client(front)
    front.close()


def test_transport_security_is_asked_for_where_the_site_is_seen_over_https(over_https: Client) -> None:
    for address in ("/", "/paper/2306.13649", "/sparql?query=ASK%20{}", "/static/site.css", "/nothing/here"):
        response = over_https.get(address, headers={"Accept": "text/turtle, */*;q=0.5"}, buffered=True)
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000", address
    links = over_https.get("/paper/2306.13649", headers={"Accept": "text/turtle"}, buffered=True).headers["Link"]
    assert "<https://opd.example.org/paper/2306.13649.nt>" in links
    assert "localhost" not in links
