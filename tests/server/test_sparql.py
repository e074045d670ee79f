"""The endpoint over HTTP, behind the server that ``opdkg serve`` runs."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
import requests
from pyld import jsonld
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, RDFS

from kg.media import CSV, HTML, JSON, RDF_FORMATS, RESULT_FORMATS, TSV, XML, Format
from tests.server.endpoint import (
    COUNT,
    ENDLESS,
    EX,
    FILLING,
    GRAPH_A,
    GRAPH_B,
    GREEDY,
    TEXTS,
    Endpoint,
    busy_workers,
    descendants,
    in_background,
    is_gone,
    is_working,
    make_store,
    problem,
    running,
    until,
    workers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMEOUT_S = 2.0
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")

SELECT = f"SELECT ?s ?text FROM <{GRAPH_A}> {{ ?s rdfs:label ?text }}"  # noqa: S608 - it is no SQL
ASK = f"ASK FROM <{GRAPH_A}> {{ ?s rdfs:label 'plain' }}"
CONSTRUCT = f"CONSTRUCT {{ ?s rdfs:label ?text }} FROM <{GRAPH_A}> WHERE {{ ?s rdfs:label ?text }}"
DESCRIBE = "DESCRIBE ex:b"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"

LABELS = {(f"{EX}text/{n}", text) for n, text in enumerate(TEXTS)}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    folder = tmp_path_factory.mktemp("sparql")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with running(make_store(folder / "store"), port, folder / "log", timeout_s=TIMEOUT_S) as (address, process):
        yield Endpoint(address, process)


# every method, kind of query and format


def by_get(endpoint: Endpoint, query: str, accept: str, name: str | None) -> requests.Response:
    return endpoint.get(query, accept, **({} if name is None else {"format": name}))


def by_form(endpoint: Endpoint, query: str, accept: str, name: str | None) -> requests.Response:
    data = {"query": query} if name is None else {"query": query, "format": name}
    return requests.post(endpoint.address, data=data, headers={"Accept": accept}, timeout=30)


def direct(endpoint: Endpoint, query: str, accept: str, name: str | None) -> requests.Response:
    headers = {"Accept": accept, "Content-Type": f"{DIRECT}; charset=UTF-8"}
    address = endpoint.address if name is None else f"{endpoint.address}?format={name}"
    return requests.post(address, data=query.encode(), headers=headers, timeout=30)


Send = "Callable[[Endpoint, str, str, str | None], requests.Response]"
METHODS = pytest.mark.parametrize("send", [by_get, by_form, direct])


def ways(offer: Format) -> Iterator[tuple[str, str | None, str]]:
    """Every way to ask for a format: Accept, format=, and the media type that the answer then has."""
    for media_type in offer.media_types:
        yield media_type, None, media_type
    yield "image/png", offer.name, offer.media_type


def bindings(body: bytes, offer: Format) -> set[tuple[str, str]]:
    """Read a result of two variables, ?s and ?text, with a reader that is not Oxigraph's."""
    text = body.decode()
    if offer.name == JSON.name:
        rows = json.loads(text)["results"]["bindings"]
        return {(row["s"]["value"], row["text"]["value"]) for row in rows}
    if offer.name == XML.name:
        ns = {"r": "http://www.w3.org/2005/sparql-results#"}
        rows = ET.fromstring(text).findall("r:results/r:result", ns)  # noqa: S314 - our own server's
        found = [{cell.get("name"): "".join(cell[0].itertext()) for cell in row} for row in rows]
        return {(row["s"], row["text"]) for row in found}
    if offer.name == CSV.name:
        return {(row["s"], row["text"]) for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert offer.name == TSV.name
    head, *lines = text.removesuffix("\n").split("\n")
    assert head == "?s\t?text"
    terms = [line.split("\t") for line in lines]  # TSV holds terms as Turtle writes them
    turtle = "".join(f"{subject} <x:> {value} .\n" for subject, value in terms)
    return {(str(s), str(o)) for s, _, o in Graph().parse(data=turtle, format="turtle")}


def graph_of(body: bytes, offer: Format) -> Graph:
    """Read a graph with a reader that is not Oxigraph's."""
    if offer.name == "jsonld":
        quads = jsonld.to_rdf(json.loads(body), {"format": "application/n-quads"})
        return Graph().parse(data=quads, format="nt")
    # a CONSTRUCT names no graph: its TriG is Turtle, and its N-Quads are N-Triples
    reader = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "trig": "turtle", "nq": "nt"}[offer.name]
    return Graph().parse(data=body, format=reader)


@METHODS
@pytest.mark.parametrize("offer", RESULT_FORMATS, ids=lambda offer: offer.name)
def test_select_in_every_format(endpoint: Endpoint, send: Send, offer: Format) -> None:
    for accept, name, media_type in ways(offer):
        response = send(endpoint, SELECT, accept, name)
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"].partition(";")[0] == media_type
        assert bindings(response.content, offer) == LABELS
        assert "Accept" in response.headers["Vary"]


@METHODS
def test_ask_in_every_format(endpoint: Endpoint, send: Send) -> None:
    for answer, query in ((True, ASK), (False, ASK.replace("plain", "absent"))):
        found = {offer.name: send(endpoint, query, offer.media_type, None).text for offer in RESULT_FORMATS}
        assert json.loads(found["json"])["boolean"] is answer
        assert f"<boolean>{str(answer).lower()}</boolean>" in found["xml"]
        assert found["csv"].strip() == found["tsv"].strip() == str(answer).lower()


@METHODS
@pytest.mark.parametrize("offer", RDF_FORMATS, ids=lambda offer: offer.name)
def test_construct_and_describe_in_every_format(endpoint: Endpoint, send: Send, offer: Format) -> None:
    labels, b = Graph(), Graph()
    for subject, text in LABELS:
        labels.add((URIRef(subject), RDFS.label, Literal(text)))
    b.add((URIRef(f"{EX}b"), RDFS.label, Literal("in b", lang="en")))
    for accept, name, media_type in ways(offer):
        for query, expected in ((CONSTRUCT, labels), (DESCRIBE, b)):
            response = send(endpoint, query, accept, name)
            assert response.status_code == 200, response.text
            assert response.headers["Content-Type"].partition(";")[0] == media_type
            assert isomorphic(graph_of(response.content, offer), expected)


def test_turtle_is_written_with_the_graphs_prefixes(endpoint: Endpoint) -> None:
    assert "ex:b rdfs:label" in endpoint.get(DESCRIBE, "text/turtle").text


def test_the_kind_of_the_query_decides_what_is_acceptable(endpoint: Endpoint) -> None:
    combined = "text/csv;q=0.5, text/turtle;q=0.9, application/sparql-results+xml;q=0.4"
    assert endpoint.get(SELECT, combined).headers["Content-Type"] == "text/csv; charset=utf-8"
    assert endpoint.get(CONSTRUCT, combined).headers["Content-Type"] == "text/turtle; charset=utf-8"
    for query, accept in ((CONSTRUCT, "text/csv"), (SELECT, "text/turtle")):
        listed = problem(endpoint.get(query, accept), 406, "not-acceptable")["available"]
        offers = RDF_FORMATS if query == CONSTRUCT else RESULT_FORMATS
        assert [each["format"] for each in listed] == [offer.name for offer in offers]
    for response in (endpoint.get(SELECT, "image/png"), endpoint.get(SELECT, format="png")):
        assert len(problem(response, 406, "not-acceptable")["available"]) == len((*RESULT_FORMATS, *RDF_FORMATS, HTML))


# the protocol


def test_the_dataset_of_the_protocol(endpoint: Endpoint) -> None:
    in_a, in_b = len(TEXTS), FILLING + 1
    dataset = {"default-graph-uri": GRAPH_A, "named-graph-uri": GRAPH_B}
    assert endpoint.count() == endpoint.count(COUNT_NAMED) == in_a + in_b
    assert endpoint.count(**{"default-graph-uri": GRAPH_A}) == in_a
    assert endpoint.count(**{"default-graph-uri": [GRAPH_A, GRAPH_B]}) == in_a + in_b
    assert (endpoint.count(**dataset), endpoint.count(COUNT_NAMED, **dataset)) == (in_a, in_b)
    assert endpoint.count(**{"named-graph-uri": [GRAPH_A, GRAPH_B]}) == 0
    assert endpoint.count(COUNT_NAMED, **{"named-graph-uri": [GRAPH_A, GRAPH_B]}) == in_a + in_b
    # in a posted form, and in the address of a query that is posted itself
    form = endpoint.post(urlencode({"query": COUNT, "format": "csv", **dataset}), FORM)
    posted = endpoint.post(COUNT, DIRECT, f"?{urlencode({'format': 'csv', **dataset})}")
    assert form.text.split() == posted.text.split() == ["n", str(in_a)]
    # it overrides the query's own
    assert endpoint.count(COUNT.replace("{", f"FROM <{GRAPH_B}> {{"), **{"default-graph-uri": GRAPH_A}) == in_a


@pytest.mark.parametrize("iri", ["file:///etc/passwd", "http://192.0.2.1/x", "http://example.org/graph/none"])
def test_a_graph_that_is_not_there_is_empty(endpoint: Endpoint, iri: str) -> None:
    assert endpoint.count(COUNT.replace("{", f"FROM <{iri}> {{")) == 0
    assert endpoint.count(COUNT_NAMED.replace("{ G", f"FROM NAMED <{iri}> {{ G")) == 0
    assert endpoint.count(**{"default-graph-uri": iri}) == 0


def test_a_graph_that_is_no_iri_is_refused(endpoint: Endpoint) -> None:
    problem(endpoint.get(COUNT, **{"default-graph-uri": "no iri"}), 400, "bad-request")
    problem(endpoint.get(COUNT, **{"named-graph-uri": "relative"}), 400, "bad-request")


def test_head_has_the_headers_of_get(endpoint: Endpoint) -> None:
    for parameters in ({"query": SELECT}, {"query": "SELECT"}, {}):
        got = requests.get(endpoint.address, params=parameters, timeout=30)
        head = requests.head(endpoint.address, params=parameters, timeout=30)
        assert (head.status_code, head.content) == (got.status_code, b"")
        names = ["Content-Type", "ETag", "Vary", "Cache-Control"]
        if got.ok:  # a problem's document tells the time used and the query's id, which differ from one to the next
            names.append("Content-Length")
        for name in names:
            assert head.headers.get(name) == got.headers.get(name)


def test_any_site_may_ask(endpoint: Endpoint) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    preflight = requests.options(endpoint.address, headers=asked, timeout=30)
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert {"GET", "POST"} <= set(preflight.headers["Access-Control-Allow-Methods"].split(", "))
    assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
    for response in (preflight, endpoint.get(SELECT), endpoint.get("SELECT"), endpoint.post("", None)):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert {"ETag", "Link", "Retry-After"} <= set(response.headers["Access-Control-Expose-Headers"].split(", "))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(endpoint: Endpoint, method: str) -> None:
    response = requests.request(method, endpoint.address, params={"query": SELECT}, timeout=30)
    problem(response, 405, "method-not-allowed")
    assert "GET" in response.headers["Allow"]


def test_a_query_is_asked_once(endpoint: Endpoint) -> None:
    problem(endpoint.get([SELECT, ASK]), 400, "bad-request")
    problem(endpoint.post(urlencode([("query", ASK), ("query", ASK)]), FORM), 400, "bad-request")
    problem(endpoint.post(ASK, DIRECT, f"?query={quote(ASK)}"), 400, "bad-request")
    for posted in (endpoint.post("", FORM), endpoint.post(urlencode({"format": "csv"}), FORM)):
        assert "query" in problem(posted, 400, "bad-request")["detail"]
    problem(endpoint.get(accept="application/sparql-results+json"), 400, "bad-request")
    problem(endpoint.get(**{"default-graph-uri": GRAPH_A}), 400, "bad-request")


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/json", "multipart/form-data; boundary=x", f"{DIRECT};charset=latin-1"],
)
def test_other_bodies_are_not_supported(endpoint: Endpoint, content_type: str | None) -> None:
    problem(endpoint.post(ASK, content_type), 415, "unsupported-media-type")


def test_what_is_not_in_utf_8_is_refused(endpoint: Endpoint) -> None:
    latin = "ASK { ?s ?p 'é' }".encode("latin-1")
    problem(endpoint.post(latin, DIRECT), 400, "bad-request")
    problem(endpoint.post(b"query=" + latin, FORM), 400, "bad-request")
    problem(endpoint.post(b"query=" + quote(latin).encode(), FORM), 400, "bad-request")
    problem(requests.get(f"{endpoint.address}?query={quote(latin)}", timeout=30), 400, "bad-request")


def test_a_body_has_a_limit(endpoint: Endpoint) -> None:
    large = f"ASK {{}} # {'x' * (4 << 20)}"
    problem(endpoint.post(large, DIRECT), 413, "request-entity-too-large")
    chunked = requests.post(endpoint.address, data=iter([large.encode()]), headers={"Content-Type": DIRECT}, timeout=30)
    problem(chunked, 413, "request-entity-too-large")
    many = urlencode([("query", ASK), *(("x", n) for n in range(2000))])
    problem(endpoint.post(many, FORM), 400, "bad-request")
    megabyte = f"{COUNT} # {'x' * (1 << 20)}"
    assert endpoint.post(megabyte, DIRECT).status_code == 200
    assert endpoint.post(urlencode({"query": megabyte}), FORM).status_code == 200


def test_a_syntax_error_says_where_it_is(endpoint: Endpoint) -> None:
    document = problem(endpoint.get("SELECT ?s {\n  ?s nope:x ?o }"), 400, "query-syntax")
    assert (document["line"], document["column"]) == (2, 12)
    assert "error at 2:12" in document["parser"]


@pytest.mark.parametrize(
    "update", ["INSERT DATA { ex:a ex:b ex:c }", "CLEAR ALL", "PREFIX x: <http://x/> DELETE WHERE { ?s ?p ?o }"]
)
def test_updates_are_refused_in_any_wrapping(endpoint: Endpoint, update: str) -> None:
    wrapped = [
        endpoint.get(update),
        endpoint.get(update=update),
        endpoint.get(ASK, update=update),
        endpoint.post(update, DIRECT),
        endpoint.post(update, "application/sparql-update"),
        endpoint.post(urlencode({"update": update}), FORM),
        endpoint.post(urlencode({"query": update}), FORM),
        endpoint.post(ASK, DIRECT, f"?update={quote(update)}"),
    ]
    for response in wrapped:
        assert "/suggest" in problem(response, 403, "update-refused")["detail"]  # where to send a change instead
    assert endpoint.count() == len(TEXTS) + FILLING + 1


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_nothing_is_fetched_from_elsewhere(endpoint: Endpoint, silent: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        elsewhere = f"<http://127.0.0.1:{listener.getsockname()[1]}/>"
        for query in (
            f"ASK {{ SERVICE {silent}{elsewhere} {{ ?s ?p ?o }} }}",
            f"SELECT * {{ VALUES ?e {{ {elsewhere} }} SERVICE {silent}?e {{ ?s ?p ?o }} }}",
            f'ASK {{ FILTER(?a<?b#>"""\n)SERVICE {silent}{elsewhere}{{}}#"""\n}}',
            f"LOAD {silent}{elsewhere}",
        ):
            problem(endpoint.get(query), 400, "federation-refused")
            problem(endpoint.post(query, DIRECT), 400, "federation-refused")
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


# caching


def test_an_answer_is_named_by_all_that_it_depends_on(endpoint: Endpoint) -> None:
    responses = [
        endpoint.get(SELECT),
        endpoint.get(f"{SELECT} "),
        endpoint.get(SELECT, "text/csv"),
        endpoint.get(SELECT, "application/json"),
        endpoint.get(SELECT, **{"default-graph-uri": GRAPH_A}),
        endpoint.get(SELECT, **{"named-graph-uri": GRAPH_A}),
        endpoint.get(CONSTRUCT, "text/turtle"),
    ]
    tags = [response.headers["ETag"] for response in responses]
    assert len(set(tags)) == len(tags)
    assert all(tag.startswith('"') for tag in tags)
    assert endpoint.get(SELECT).headers["ETag"] == tags[0]
    assert "public" in responses[0].headers["Cache-Control"]


def test_an_answer_that_the_client_holds_is_not_sent_again(endpoint: Endpoint) -> None:
    etag = endpoint.get(SELECT, "text/csv").headers["ETag"]
    compressed = f'"{etag.strip(chr(34))}:gzip"'
    for held in (etag, f'"other", {etag}', compressed, f"W/{etag}"):
        for method in ("GET", "HEAD"):
            headers = {"Accept": "text/csv", "If-None-Match": held}
            response = requests.request(method, endpoint.address, params={"query": SELECT}, headers=headers, timeout=30)
            assert (response.status_code, response.content) == (304, b"")
            assert response.headers["ETag"].strip('"').startswith(etag.strip('"'))
            assert response.headers["Cache-Control"]
            assert "Accept" in response.headers["Vary"]
    headers = {"Accept": "application/json", "If-None-Match": etag}
    assert requests.get(endpoint.address, params={"query": SELECT}, headers=headers, timeout=30).status_code == 200


def test_errors_are_not_kept(endpoint: Endpoint) -> None:
    response = endpoint.get("SELECT")
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


# limits


def test_a_query_past_its_deadline_is_told_so_while_others_are_answered(endpoint: Endpoint) -> None:
    before = workers(endpoint.process.pid)
    thread, responses = in_background(lambda: endpoint.get(ENDLESS))
    until(lambda: busy_workers(endpoint))
    assert endpoint.count() == len(TEXTS) + FILLING + 1
    assert not responses
    thread.join()
    document = problem(responses[0], 504, "query-timeout")
    assert document["limitSeconds"] == TIMEOUT_S
    assert document["elapsedSeconds"] >= TIMEOUT_S
    until(lambda: workers(endpoint.process.pid) != before)  # the answer does not wait for the worker to be gone


def test_a_client_may_shorten_the_deadline(endpoint: Endpoint) -> None:
    assert problem(endpoint.get(ENDLESS, timeout="0.2"), 504, "query-timeout")["limitSeconds"] == 0.2
    for wrong in ("0", "-1", "soon", "nan", "inf", ""):
        problem(endpoint.get(ASK, timeout=wrong), 400, "bad-request")


def test_a_greedy_query_is_told_its_limit(endpoint: Endpoint) -> None:
    document = problem(endpoint.get(GREEDY), 503, "query-memory")
    assert document["limitMiB"] == 64
    assert endpoint.count() == len(TEXTS) + FILLING + 1


def test_a_worker_killed_in_the_middle_gives_an_error_and_never_a_part(endpoint: Endpoint) -> None:
    # many rows come at once, then none for ever: a part of the result has left the worker when it is killed
    query = f"SELECT ?s ?n {{ {{ ?s ex:number ?n }} UNION {{ {{ {ENDLESS} }} }} }}"
    thread, responses = in_background(lambda: endpoint.get(query, "text/csv"))
    until(lambda: busy_workers(endpoint))
    for worker in busy_workers(endpoint):
        os.kill(worker, signal.SIGKILL)
    thread.join(timeout=20)
    problem(responses[0], 503, "query-crash")
    assert endpoint.count() == len(TEXTS) + FILLING + 1


# without a query


def test_a_program_gets_the_service_description(endpoint: Endpoint) -> None:
    for offer in RDF_FORMATS:
        assert endpoint.get(accept=offer.media_type).headers["Content-Type"].startswith(offer.media_type)
    response = endpoint.get(accept="*/*")
    graph = Graph().parse(data=response.content, format="turtle")
    service = graph.value(predicate=RDF.type, object=SD.Service)
    assert set(graph.objects(service, SD.endpoint)) == {URIRef(endpoint.address)}
    assert set(graph.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert set(graph.objects(service, SD.feature)) == {SD.UnionDefaultGraph}
    dataset = graph.value(service, SD.defaultDataset)
    assert graph.value(dataset, SD.defaultGraph)
    named = {graph.value(each, SD.name) for each in graph.objects(dataset, SD.namedGraph)}
    assert named == {URIRef(GRAPH_A), URIRef(GRAPH_B)}


def test_every_format_that_the_description_names_is_served(endpoint: Endpoint) -> None:
    graph = Graph().parse(data=endpoint.get(accept="text/turtle").content, format="turtle")
    named = {str(iri).rpartition("/")[2] for iri in graph.objects(None, SD.resultFormat)}
    served = {
        "SPARQL_Results_JSON": (SELECT, "json"),
        "SPARQL_Results_XML": (SELECT, "xml"),
        "SPARQL_Results_CSV": (SELECT, "csv"),
        "SPARQL_Results_TSV": (SELECT, "tsv"),
        "Turtle": (CONSTRUCT, "ttl"),
        "N-Triples": (CONSTRUCT, "nt"),
        "RDF_XML": (CONSTRUCT, "rdf"),
        "JSON-LD": (CONSTRUCT, "jsonld"),
        "TriG": (CONSTRUCT, "trig"),
        "N-Quads": (CONSTRUCT, "nq"),
    }
    assert named == set(served)
    for query, name in served.values():
        assert endpoint.get(query, format=name).status_code == 200


def test_a_browser_gets_a_form_that_works_without_scripts(endpoint: Endpoint) -> None:
    response = endpoint.get(accept="text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<form action="/sparql" method="get"' in response.text
    assert 'name="query"' in response.text
    for offer in (*RESULT_FORMATS, *RDF_FORMATS):
        assert f'<option value="{offer.name}">' in response.text
    assert GRAPH_A in response.text
    # a browser that sends the form gets what the form asked for
    sent = endpoint.get(SELECT, "text/html,*/*;q=0.1", format="csv")
    assert bindings(sent.content, CSV) == LABELS


def test_a_person_reads_an_error_as_a_page(endpoint: Endpoint) -> None:
    response = endpoint.get("SELECT <script>", "text/html,application/xml;q=0.9,*/*;q=0.8")
    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("text/html")
    assert "<script>" not in response.text


def test_no_process_is_left_when_the_server_ends(tmp_path: Path, free_port: int) -> None:
    with running(make_store(tmp_path / "store"), free_port, tmp_path / "log", timeout_s=3) as (address, process):
        thread, _ = in_background(lambda: requests.get(address, params={"query": ENDLESS}, timeout=30))
        until(lambda: any(map(is_working, workers(process.pid))))
        family = descendants(process.pid)
        assert len(family) >= 3
    thread.join()
    until(lambda: all(map(is_gone, family)))
