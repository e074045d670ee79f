"""The query side of the W3C's tests of the SPARQL 1.1 Protocol, against a server whose release holds their graphs.

Each case is named as in the manifest (https://w3c.github.io/rdf-tests/sparql/sparql11/protocol/), which asks for a status
of a class and, where there is an answer, for its kind and truth. What the specification says more exactly is asked here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import pytest
from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from kg.build import build
from kg.inputs import Inputs
from kg.local import read_local
from kg.release import Home
from kg.vocab import Iris
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The graphs are called by the address of the file that they come from, and each says of itself what it is.
DATA = [f"http://kasei.us/2009/09/sparql/data/data{n}.rdf" for n in range(4)]
GRAPHS = "".join(f"<{name}> {{ <{name}> a <http://xmlns.com/foaf/0.1/Document> }}\n" for name in DATA)

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
ASK = "ASK {}"
BOTH = f"ASK {{ <{DATA[1]}> a ?type . <{DATA[2]}> a ?type }}"
BOTH_NAMED = f"GRAPH ?g1 {{ <{DATA[1]}> a ?type }} GRAPH ?g2 {{ <{DATA[2]}> a ?type }}"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint over a release of no papers and of the tests' four graphs."""
    folder = tmp_path_factory.mktemp("w3c")
    (folder / "data.trig").write_text(GRAPHS, encoding="utf-8")
    build(Home(folder / "home"), Inputs(), local=read_local(folder / "data.trig", Iris()))
    with serving(folder / "home", folder / "serve.log") as address:
        yield f"{address}/sparql"


@dataclass(frozen=True, slots=True)
class Case:
    """A request of the manifest. ``status`` is more exact than there, where it is a class."""

    name: str
    status: int
    method: str = "GET"
    parameters: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    content_type: str | None = None


def default(*numbers: int) -> list[tuple[str, str]]:
    return [("default-graph-uri", DATA[n]) for n in numbers]


def named(*numbers: int) -> list[tuple[str, str]]:
    return [("named-graph-uri", DATA[n]) for n in numbers]


def posted(name: str, query: str, parameters: list[tuple[str, str]]) -> Case:
    return Case(name, 200, "POST", parameters, query.encode(), DIRECT)


TRUE = [
    Case("query_get", 200, parameters=[("query", ASK), *default(0)]),
    Case("query_post_form", 200, "POST", default(0), urlencode({"query": ASK}, quote_via=quote).encode(), FORM),
    posted("query_post_direct", ASK, []),
    Case("query_dataset_default_graphs_get", 200, parameters=[("query", BOTH), *default(1, 2)]),
    posted("query_dataset_default_graphs_post", BOTH, default(1, 2)),
    Case("query_dataset_named_graphs_get", 200, parameters=[("query", f"ASK {{ {BOTH_NAMED} }}"), *named(1, 2)]),
    posted("query_dataset_named_graphs_post", f"ASK {{ {BOTH_NAMED} }}", named(1, 2)),
    posted("query_dataset_full", f"ASK {{ <{DATA[3]}> a ?type {BOTH_NAMED} }}", [*default(3), *named(1, 2)]),
    # The manifest escapes the & between the two graphs, which makes one address of them; what it is for is clear.
    posted("query_multiple_dataset", f"ASK FROM <{DATA[3]}> {{ {BOTH_NAMED} }}", named(1, 2)),
]

BAD = [
    Case("bad_query_method", 405, "PUT", [("query", ASK), *default(0)], b"", FORM),
    Case("bad_multiple_queries", 400, parameters=[("query", ASK), ("query", "SELECT * {}")]),
    Case("bad_query_wrong_media_type", 415, "POST", [], ASK.encode(), "text/plain"),
    Case("bad_query_missing_form_type", 415, "POST", [], urlencode({"query": ASK}).encode()),
    Case("bad_query_missing_direct_type", 415, "POST", [], ASK.encode()),
    Case("bad_query_non_utf8", 415, "POST", [], ASK.encode("utf-16"), f"{DIRECT}; charset=UTF-16"),
    Case("bad_query_syntax", 400, parameters=[("query", "ASK {")]),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    media_type: str
    body: bytes


def send(endpoint: str, case: Case) -> Answer:
    """Send just the headers that the manifest names: a library would add a Content-Type of its own."""
    parts = urlsplit(endpoint)
    path = f"{parts.path}?{urlencode(case.parameters, quote_via=quote)}" if case.parameters else parts.path
    headers = {"Content-Type": case.content_type} if case.content_type else {}
    connection = HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request(case.method, path, case.body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers.get_content_type(), response.read())
    finally:
        connection.close()


def results(answer: Answer) -> QueryBoolean | QuerySolutions:
    format_ = QueryResultsFormat.from_media_type(answer.media_type)
    assert format_, answer.media_type
    return parse_query_results(answer.body, format_)


@pytest.mark.parametrize("case", TRUE, ids=lambda case: case.name)
def test_the_answer_is_true(endpoint: str, case: Case) -> None:
    answer = send(endpoint, case)
    assert answer.status == 200, answer.body
    found = results(answer)
    assert isinstance(found, QueryBoolean)
    assert bool(found)


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_the_request_is_refused(endpoint: str, case: Case) -> None:
    assert send(endpoint, case).status == case.status


def test_query_content_type_select(endpoint: str) -> None:
    answer = send(endpoint, posted("query_content_type_select", "SELECT (1 AS ?value) {}", default(0)))
    assert answer.status == 200
    found = results(answer)
    assert isinstance(found, QuerySolutions)
    assert [solution["value"].value for solution in found] == ["1"]


def test_query_content_type_ask(endpoint: str) -> None:
    answer = send(endpoint, posted("query_content_type_ask", ASK, default(0)))
    assert answer.status == 200
    assert isinstance(results(answer), QueryBoolean)


@pytest.mark.parametrize(
    ("name", "query", "size"),
    [
        ("query_content_type_describe", "DESCRIBE <http://example.org/>", 0),
        ("query_content_type_construct", "CONSTRUCT { <s> <p> 1 } WHERE {}", 1),
    ],
)
def test_the_answer_is_rdf(endpoint: str, name: str, query: str, size: int) -> None:
    answer = send(endpoint, posted(name, query, default(0)))
    assert answer.status == 200, answer.body
    format_ = RdfFormat.from_media_type(answer.media_type)
    assert format_
    assert len(list(parse(answer.body, format_))) == size


def test_a_relative_iri_is_one_of_the_graphs_own(endpoint: str) -> None:
    answer = send(endpoint, posted("base", "CONSTRUCT { <s> <p> 1 } WHERE {}", []))
    (quad,) = list(parse(answer.body, RdfFormat.TURTLE))
    assert isinstance(quad, Quad)
    assert quad.subject == NamedNode("https://w3id.org/opdkg/s")
