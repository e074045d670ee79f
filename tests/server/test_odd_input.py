"""Odd requests over the wire, to every address that answers with a page: a page that helps, never an error of ours."""

from __future__ import annotations

import gzip
import re
import socket
from http.client import HTTPResponse
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from server.markup import CleanTemplate
from tests.page_kinds import KINDS

if TYPE_CHECKING:
    from tests.server.conftest import Site

#: What HTML and XML refuse, and what turns text around.
REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ufdd0-\ufdef\ufffe\uffff]")

#: Paths that read parameters, and all others, which read a format at most.
READING = {kind.path.partition("?")[0] for kind in KINDS if "?" in kind.path} | {
    *("/", "/atlas", "/changes", "/feed.atom", "/reconcile", "/trends"),
}
OTHERS = {kind.path for kind in KINDS if "?" not in kind.path} - READING

#: Odd text in every parameter that any page reads.
TEXTS = {
    "null": b"%00",
    "C0 controls": b"a%01b%0Bc%1F",
    "C1 controls": b"a%C2%80%C2%85%C2%9Fb%7F",
    "lone surrogates": b"%ED%A0%80%ED%BF%BF",
    "noncharacters": b"%EF%BF%BE%EF%BF%BF%EF%B7%90%F0%9F%BF%BF",
    "broken escapes": b"%ZZ%4%",
    "no UTF-8": b"%FF%FE%C0%80",
    "overrides of direction": b"%E2%80%AEcba%E2%80%AD",
    "combining marks": b"e" + b"%CC%81" * 200,
    "a line break": b"a%0D%0ASet-Cookie:%20a=b",
    "markup": b"%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "10 kB": b"x" * 10_240,
}
PARAMETERS = (b"q", b"loss", b"id", b"title", b"scheme", b"paper", b"from", b"to", b"sort", b"format", b"by")

QUERIES = {
    "page 10^9": b"page=1000000000",
    "page -1": b"page=-1",
    "page abc": b"page=abc",
    "page in other digits": b"page=%D9%A1",
    "nothing but signs": b"=&&=&;=?#",
    "brackets": b"q[]=1&q[a]=2&loss[]=x",
    "repeated parameters": b"q=a&" * 2000 + b"q=b",
    "10,000 parameters": b"a&" * 10_000,
    "10,000 named parameters": b"&".join(b"p%d=1" % number for number in range(10_000)),
}

#: Paths that are no page's, of the same stuff.
ODD_PATHS = (
    *(b"/paper/" + text[:4000] for text in TEXTS.values()),
    *(b"/dumps/" + text[:4000] for text in TEXTS.values()),
    *(b"/queries/" + text[:4000] for text in TEXTS.values()),
    b"/" + b"a/" * 4000,
    b"/../../etc/passwd",
    b"/static/..%2f..%2fapp.py",
    b"/sitemap/99999999999999999999.xml",
)

HEADERS = {
    "20 kB of Accept": b"Accept: " + b"x" * 20_000,
    "Accept of 2000 types": b"Accept: " + b",".join(b"a%d/b;q=0.%d" % (number, number % 9) for number in range(2000)),
    "Accept of no sense": b"Accept: ;;;q=,,/,*/;q=NaN,text/html;q=1e400,text/html;q=-1",
    "100 kB of cookies": b"Cookie: " + b"a=b;" * 25_000,
    "a megabyte of cookies": b"Cookie: " + b"a=b;" * 250_000,
    "cookies of no sense": b'Cookie: ;;=\xff=;"',
    "range of no sense": b"Range: bytes=-,x,99999999999999999999-",
    "validators of no sense": b'If-None-Match: W/"' + b"x" * 5000,
    "a date of no sense": b"If-Modified-Since: yesterday",
    "encodings of no sense": b"Accept-Encoding: gzip;q=nan,br;q=-1,*;q=x",
    "a host of no sense": b'Host: "><script>',
}


def ask(address: str, target: bytes, header: bytes = b"Accept: text/html") -> tuple[int, str, str]:
    """Send a request as it stands; return the status, the media type and the body."""
    site = urlsplit(address)
    more = b"" if header.startswith(b"Host:") else b"Host: localhost\r\n"
    with socket.create_connection((site.hostname or "", site.port or 0), timeout=60) as connection:
        connection.sendall(b"GET %s HTTP/1.1\r\n%s%s\r\nConnection: close\r\n\r\n" % (target, more, header))
        response = HTTPResponse(connection)
        response.begin()
        body = response.read()
        if response.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        return response.status, response.headers.get_content_type(), body.decode()


def check(status: int, media_type: str, body: str) -> None:
    assert status < 500, body
    assert "Traceback" not in body
    assert "<script>alert" not in body
    if media_type in {"text/html", "application/atom+xml"}:
        assert not REFUSED.search(body)
    if status >= 400 and media_type == "text/html":
        assert re.search(r"<h1>\d{3} |role=\"alert\"", body), body
        assert len(body) < 30_000


@pytest.mark.parametrize("path", sorted(READING))
def test_odd_parameters_get_a_page_that_helps(address: str, path: str) -> None:
    for text in TEXTS.values():
        for parameter in PARAMETERS:
            status, *answer = ask(address, b"%s?%s=%s" % (path.encode(), parameter, text))
            assert status in {200, 303, 400, 404, 406}
            check(status, *answer)
    for query in QUERIES.values():
        status, *answer = ask(address, b"%s?%s" % (path.encode(), query))
        assert status in {200, 400, 404, 406, 414}
        check(status, *answer)


@pytest.mark.parametrize("path", sorted(OTHERS))
def test_where_nothing_is_read_odd_parameters_do_nothing(address: str, path: str) -> None:
    plain = ask(address, path.encode())
    for query in (b"q=%00", b"%ZZ&%FF", b"a[]=%ED%A0%80", QUERIES["10,000 parameters"]):
        status, *answer = ask(address, b"%s?%s" % (path.encode(), query))
        assert status == plain[0]
        check(status, *answer)
    status, *answer = ask(address, path.encode() + b"?format=%00%E2%80%AE")
    assert status in {404, 406}
    check(status, *answer)


@pytest.mark.parametrize("path", ["/", "/paper/2306.13649", "/compare", "/sparql", "/resolve", "/nothing"])
def test_odd_headers_get_an_answer(address: str, path: str) -> None:
    for header in HEADERS.values():
        status, *answer = ask(address, path.encode(), header)
        assert status in {200, 400, 404, 406, 431}
        check(status, *answer)


def test_odd_paths_lead_nowhere(address: str) -> None:
    for path in ODD_PATHS:
        status, *answer = ask(address, path)
        assert status in {400, 404}
        check(status, *answer)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (b"q=x&q=%00", 200),
        (b"los=reverse-kl", 400),
        (b"loss=nothing", 400),
        (b"page=1000000000", 400),
        (b"page=-1", 400),
        (b"page=999", 404),
        (b"q=" + b"x" * 10_240, 400),
        (b"a&" * 10_000, 400),
        (b"x" * 100_000, 414),
    ],
)
def test_each_fault_has_its_status(address: str, query: bytes, status: int) -> None:
    assert ask(address, b"/papers?" + query)[0] == status


def test_what_html_refuses_is_shown_as_such_and_kept_in_the_data(hostile: Site) -> None:
    page = hostile.page("/local/controls")
    assert "<h1>C1 \ufffd, \ufffdoverride, last \ufffd</h1>" in page
    assert not REFUSED.search(page)
    assert "\U0001ffff" in hostile.get("/local/controls", "text/turtle").text
    assert "“\ufffdb”" in hostile.page("/papers?q=%00b")


def test_what_a_page_must_not_hold_is_shown_as_such_in_every_plane() -> None:
    text = "a\x00b\ufdd0c\uffffd\U0001fffee\U0010ffff \U0001f600 é"
    assert CleanTemplate("{{ text }}").render(text=text) == "a�b�c�d�e� \U0001f600 é"
