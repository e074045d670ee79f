"""The remote engine over a SPARQL server that answers whatever a test wants: what it is asked, and what comes of its answers."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.errors import DataError, UsageError
from kg.media import CSV, JSON, N_TRIPLES, TURTLE
from kg.release import Home
from kg.vocab import Iris
from server.engine.base import Limits, Query
from server.engine.errors import (
    EngineBusyError,
    QueryCrashError,
    QuerySyntaxError,
    QueryTimeoutError,
    RemoteFailureError,
    RemoteUnreachableError,
    ResultTooLargeError,
    ServiceRefusedError,
    UpdateRefusedError,
)
from server.engine.remote import RemoteEngine
from server.problems import BadRequestError, NotAcceptableError, ProblemError
from tests.server.endpoint import descendants
from tests.server.impostor import JSON_TYPE, Impostor, chunked, impostor, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

IRIS = Iris()
NIL = "urn:uuid:00000000-0000-0000-0000-000000000000"
GRAPHS = {
    f"{IRIS.base}graph/{name}"
    for name in ("papers", "claims", "history", "taxonomy", "ontology", "links", "description")
}
XSD = b"http://www.w3.org/2001/XMLSchema#"
BINDING = b'{"x":{"type":"literal","value":"one, two"}}'
BEGIN, END = b'{"head":{"vars":["x"]},"results":{"bindings":[', b"]}}"
ROW = BEGIN + BINDING + END
MANY = b",".join([BINDING] * 50_000)
SELECT = "SELECT ?x { ?x ?y ?z }"


@contextmanager
def opened(home: Path, address: str, **limits: float) -> Iterator[RemoteEngine]:
    settings = {"timeout_s": 20.0, "memory_mb": 256, "result_mb": 1, "workers": 1} | limits
    engine = RemoteEngine(address, Home(home).current(), IRIS, Limits(**settings))
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture(scope="module")
def started(home: Path) -> Iterator[tuple[Impostor, RemoteEngine]]:
    with impostor() as server, opened(home, f"http://{server.host}/ask?key=4711") as engine:
        yield server, engine


@pytest.fixture
def server(started: tuple[Impostor, RemoteEngine]) -> Impostor:
    """The server behind the engine; it gives one row to everybody."""
    server, _ = started
    server.reply, server.hold = reply(ROW), False
    server.asked.clear()
    server.left.clear()
    return server


@pytest.fixture
def engine(started: tuple[Impostor, RemoteEngine], server: Impostor) -> RemoteEngine:  # noqa: ARG001 - made ready first
    return started[1]


def ask(engine: RemoteEngine, text: str = SELECT, **dataset: tuple[str, ...]) -> bytes:
    return b"".join(engine.execute(Query(text, CSV, N_TRIPLES, **dataset)))


# what is sent


def test_a_query_is_posted_with_the_graphs_of_the_release(engine: RemoteEngine, server: Impostor) -> None:
    assert ask(engine) == b'x\r\n"one, two"\r\n'
    (asked,) = server.asked
    assert asked.line == "POST /ask?key=4711 HTTP/1.1"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["accept"] == JSON_TYPE
    assert "authorization" not in asked.headers
    assert asked.all("query") == [f"BASE <{IRIS.base}> {SELECT}"]
    assert set(asked.all("default-graph-uri")) == set(asked.all("named-graph-uri")) == GRAPHS


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("BASE <http://b/> ASK { ?x a opd:Paper }", "PREFIX opd: <@ontology#> BASE <http://b/> ASK { ?x a opd:Paper }"),
        ("PREFIX opd: <http://o/> ASK { ?x a opd:Paper }", "BASE <@> PREFIX opd: <http://o/> ASK { ?x a opd:Paper }"),
        ("SELECT ?x { ?x ?y ?z } # a comment\n", "BASE <@> SELECT ?x { ?x ?y ?z } \n"),
        ("# 'one\nSELECT ?x { ?x ?y '#' }# two'", "BASE <@> \nSELECT ?x { ?x ?y '#' }"),
        ("SELECT ?x { ?x <#y> '''it's #1\n''' }", "BASE <@> SELECT ?x { ?x <#y> '''it's #1\n''' }"),
        (r"SELECT ?x { ?x ?y '\u0041\u0027\U0001d11e\\\n' }", r"BASE <@> SELECT ?x { ?x ?y 'A\'𝄞\\\n' }"),
        (r"SELECT ?x { ?x <http://x/\u00e9> ?z }", "BASE <@> SELECT ?x { ?x <http://x/é> ?z }"),
        ("SELECT?x{?x opd:a\\/b|opd:c ?z}", "BASE <@> PREFIX opd: <@ontology#> SELECT?x{?x opd:a\\/b|opd:c ?z}"),
        ("SELECT ?service { ?service ?from 'SERVICE'@from }", "BASE <@> SELECT ?service { ?service ?from 'SERVICE'@from }"),
    ],
)  # fmt: skip
def test_a_query_is_written_so_that_every_server_reads_the_same(
    engine: RemoteEngine, server: Impostor, text: str, sent: str
) -> None:
    server.reply = reply(ROW if "SELECT" in text else b'{"head":{},"boolean":true}')
    ask(engine, text)
    assert server.asked[0].all("query") == [
        sent.replace("@>", IRIS.base + ">").replace("@ontology", f"{IRIS.base}ontology")
    ]


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        ("SELECT ?x FROM <graph/papers> { ?x ?y ?z }", ["@papers"], [NIL]),
        ("SELECT ?x FROM <graph/papers> FROM NAMED <@claims> { ?x ?y ?z }", ["@papers"], ["@claims"]),
        ("SELECT ?x\nfrom#\nnamed#\ng:claims { ?x ?y ?z }", [NIL], ["@claims"]),
        ("SELECT ?x FROM <http://elsewhere/> { ?x ?y ?z }", [NIL], [NIL]),
        ("SELECT ?x FROM <file:///etc/passwd> FROM <@links> { ?x ?y ?z }", ["@links"], [NIL]),
    ],
)
def test_a_query_gets_no_other_graphs_than_the_releases(
    engine: RemoteEngine, server: Impostor, text: str, default: list[str], named: list[str]
) -> None:
    ask(engine, f"PREFIX g: <graph/> {text}".replace("@", f"{IRIS.base}graph/"))
    (asked,) = server.asked
    assert "from" not in asked.all("query")[0].lower()
    assert asked.all("default-graph-uri") == [iri.replace("@", f"{IRIS.base}graph/") for iri in default]
    assert asked.all("named-graph-uri") == [iri.replace("@", f"{IRIS.base}graph/") for iri in named]


def test_the_protocols_dataset_overrides_the_querys_and_has_no_other_graphs_either(
    engine: RemoteEngine, server: Impostor
) -> None:
    links = f"{IRIS.base}graph/links"
    ask(engine, "SELECT ?x FROM <graph/papers> { ?x ?y ?z }", default_graphs=(), named_graphs=(links, "http://else/"))
    (asked,) = server.asked
    assert (asked.all("default-graph-uri"), asked.all("named-graph-uri")) == ([NIL], [links])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * { SERVICE <http://192.0.2.1/> { ?s ?p ?o } }", ServiceRefusedError),
        ("SELECT * { SERVICE SILENT ?x { ?s ?p ?o } }", ServiceRefusedError),
        ("ASK { FILTER EXISTS { { SELECT * { ?s ?p trueSERVICE ?o {} } } } }", ServiceRefusedError),
        ("LOAD <http://192.0.2.1/>", ServiceRefusedError),
        ("INSERT DATA { <a> <b> <c> }", UpdateRefusedError),
        ("SELECT ?x {", QuerySyntaxError),
        ("DEFINE get:soft 'soft' SELECT * { ?s ?p ?o }", QuerySyntaxError),
        ("SELECT (<bif:system>('x') AS ?y) {}", BadRequestError),
        ("ASK { " + "{" * 50_000 + "}" * 50_000 + " }", QueryCrashError),
        # a comment to Oxigraph, and an IRI with a clause behind it to whoever takes the longest token
        ("ASK { FILTER(?a<?b#> || true) SERVICE <http://192.0.2.1/> {} }\n) }", ServiceRefusedError),
        ("SELECT * { FILTER(?a<?b#> || true) } FROM <http://elsewhere/>\n) }", QuerySyntaxError),
        # no word to a lexer that knows keywords only
        ("ASKFROM <graph/papers> { ?s ?p ?o }", QuerySyntaxError),
        # the end of a string to whoever resolves such characters twice
        (r"SELECT * { ?s ?p '\\u0027 } SERVICE <http://192.0.2.1/> {} #' }", QuerySyntaxError),
        (r"SELECT * { ?s ?p '\u005cu0027 } SERVICE <http://192.0.2.1/> {} #' }", QuerySyntaxError),
    ],
)
def test_what_is_refused_is_not_sent(
    engine: RemoteEngine, server: Impostor, text: str, error: type[ProblemError]
) -> None:
    with pytest.raises(error):
        ask(engine, text)
    assert server.asked == []


def test_a_kind_that_the_client_does_not_take_is_not_sent(engine: RemoteEngine, server: Impostor) -> None:
    with pytest.raises(NotAcceptableError):
        engine.execute(Query("CONSTRUCT WHERE { ?s ?p ?o }", JSON, None))
    with pytest.raises(NotAcceptableError):
        engine.execute(Query(SELECT, None, TURTLE))
    assert server.asked == []


def test_things_to_describe_are_asked_for_and_described_here(engine: RemoteEngine, server: Impostor) -> None:
    paper = f"{IRIS.base}paper/2306.13649"
    binding = b'{"x":{"type":"uri","value":"%s"},"y":{"type":"bnode","value":"b"}}' % paper.encode()
    server.reply = reply(b'{"head":{"vars":["x","y"]},"results":{"bindings":[%s,%s]}}' % (binding, binding))
    described = ask(engine, "DESCRIBE ?x <paper/1> { ?x ?y ?z } LIMIT 2").decode().splitlines()
    (asked,) = server.asked
    head, _, rest = asked.all("query")[0].partition("(<paper/1> AS ?")
    assert head == f"BASE <{IRIS.base}> SELECT ?x "
    assert rest.partition(") ")[2] == "{ ?x ?y ?z } LIMIT 2"
    assert asked.headers["accept"] == JSON_TYPE
    assert len(described) == len(set(described))
    assert f'<{paper}> <http://prismstandard.org/namespaces/basic/2.0/doi> "10.48550/arXiv.2306.13649" .' in described
    assert any(
        line.startswith(f"<{paper}/author/1> ") for line in described
    )  # the document, and not only the statements
    server.reply = reply(b'{"head":{"vars":[]},"results":{"bindings":[]}}')
    assert ask(engine, "DESCRIBE <paper/2306.13649>") == b""
    assert server.asked[-1].all("query")[0].endswith("){}")


# what comes back


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (reply(b"", status=408), QueryTimeoutError, "too long"),
        (reply(b"", status=504), QueryTimeoutError, "too long"),
        (reply(b"", status=429), EngineBusyError, "later"),
        (reply(b"", status=503), EngineBusyError, "later"),
        (reply(b"at Main.java:12", status=500), RemoteFailureError, "500"),
        (reply(b"", status=401), RemoteFailureError, "401"),
        (reply(b"", status=302, Location="http://192.0.2.1/"), RemoteFailureError, "302"),
        (reply(b"", status=204, Content_Length=""), RemoteFailureError, "204"),
        (reply(b"<html>", "text/html"), RemoteFailureError, "format"),
        (reply(ROW, ""), RemoteFailureError, "format"),
        (reply(ROW, Content_Length=""), RemoteFailureError, "end"),
        (reply(ROW, X_SPARQL_MaxRows="10000"), RemoteFailureError, "short"),
        (reply(b"<html>"), RemoteFailureError, "read"),
        (reply(BEGIN + b'{"x":{"type":"uri","value":"no iri"}}' + END), RemoteFailureError, "read"),
        (reply(b'{"head":{},"boolean":true}'), RemoteFailureError, "another kind"),
        (reply(BEGIN + BINDING), RemoteFailureError, "read"),
        (reply(ROW, Content_Length=str(len(ROW) + 1)), RemoteFailureError, "broken off"),
        (reply(**chunked(ROW, ends=False)), RemoteFailureError, "broken off"),
        (reply(ROW, Content_Encoding="gzip"), RemoteFailureError, "broken off"),
        (b"", RemoteUnreachableError, "closed"),
        (b"HTTP/1.1 200 OK\r\n", RemoteFailureError, "format"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", RemoteUnreachableError, "closed"),
    ],
)  # fmt: skip
def test_what_goes_wrong_there_is_told_and_nothing_more(
    engine: RemoteEngine, server: Impostor, answer: bytes, error: type[ProblemError], told: str
) -> None:
    server.reply = answer
    with pytest.raises(error) as caught:
        ask(engine)
    assert told in caught.value.detail
    for secret in (server.host.partition(":")[2], "127.0.0.1", "4711", "Main.java", "192.0.2.1"):
        assert secret not in f"{caught.value.detail} {caught.value.members}"
    assert caught.value.status >= 502
    server.reply = reply(ROW)
    assert ask(engine) == b'x\r\n"one, two"\r\n'


def test_a_query_that_the_server_refuses_is_the_clients_fault(engine: RemoteEngine, server: Impostor) -> None:
    server.reply = reply(f"{server.host}:\n no\x1b such   function {'x' * 9000}".encode(), "text/plain", 400)
    with pytest.raises(BadRequestError) as caught:
        ask(engine)
    assert "…: no such function xxx" in caught.value.detail
    assert len(caught.value.detail) < 600


def test_answers_in_chunks_and_of_every_kind_are_passed_on(engine: RemoteEngine, server: Impostor) -> None:
    server.reply = reply(**chunked(BEGIN, BINDING[:9], BINDING[9:], END))
    assert ask(engine) == b'x\r\n"one, two"\r\n'
    server.reply = reply(b'{"head":{},"boolean":false}')
    assert ask(engine, "ASK { ?x ?y ?z }") == b"false"
    server.reply = reply(b'<a:b> <a:c> "d" .\n', "application/n-triples; charset=utf-8")
    assert ask(engine, "CONSTRUCT WHERE { ?x ?y ?z }") == b'<a:b> <a:c> "d" .\n'
    assert server.asked[-1].headers["accept"] == "application/n-triples"
    server.reply = reply(BEGIN + b'{"x":{"type":"typed-literal","datatype":"%sint","value":"1"}}' % XSD + END)
    assert ask(engine) == b"x\r\n1\r\n"


def test_triples_that_break_off_are_no_answer(engine: RemoteEngine, server: Impostor) -> None:
    triples = b'<a:b> <a:c> "d" .\n'
    for answer in (
        reply(triples, "application/n-triples", Content_Length=""),  # whether it is whole, nobody can tell
        reply(triples, "application/n-triples", Content_Length="99"),
        reply(triples[:9], "application/n-triples"),
    ):
        server.reply = answer
        with pytest.raises(RemoteFailureError):
            ask(engine, "CONSTRUCT WHERE { ?x ?y ?z }")


def test_an_answer_that_breaks_off_late_never_ends_as_if_whole(engine: RemoteEngine, server: Impostor) -> None:
    server.reply = reply(BEGIN + MANY, Content_Length="99999999")
    answer = engine.execute(Query(SELECT, CSV, N_TRIPLES))
    assert next(answer).startswith(b"x\r\n")
    with pytest.raises(RemoteFailureError):
        list(answer)


def test_a_result_past_the_limit_is_an_error(engine: RemoteEngine, server: Impostor) -> None:
    server.reply = reply(BEGIN + MANY + b"," + MANY + END)
    with pytest.raises(ResultTooLargeError):
        list(engine.execute(Query(SELECT, JSON, N_TRIPLES)))
    server.reply = reply(ROW)
    assert ask(engine) == b'x\r\n"one, two"\r\n'


def test_the_deadline_ends_the_query_there_too(engine: RemoteEngine, server: Impostor) -> None:
    server.reply, server.hold = b"", True
    with pytest.raises(QueryTimeoutError) as caught:
        engine.execute(Query(SELECT, CSV, N_TRIPLES), 0.3)
    assert caught.value.members["limitSeconds"] == 0.3
    assert server.left.wait(10)


def test_a_client_that_leaves_ends_the_query_there_too(engine: RemoteEngine, server: Impostor) -> None:
    server.reply, server.hold = reply(BEGIN + MANY, Content_Length="99999999"), True
    answer = engine.execute(Query(SELECT, CSV, N_TRIPLES))
    assert next(answer)
    assert not server.left.is_set()
    answer.close()
    assert server.left.wait(10)


# the start


def test_the_start_tells_a_server_that_does_not_answer(home: Path, free_port: int) -> None:
    for scheme, host in (("http", "127.0.0.1"), ("https", "127.0.0.1"), ("http", "nowhere.invalid")):
        address = f"{scheme}://{host}:{free_port}/query"
        with pytest.raises(UsageError) as caught, opened(home, address.replace("//", "//somebody:secret@")):
            pass
        assert str(caught.value).startswith(f"engine: {address}: ")
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_the_start_tells_a_server_without_the_release(home: Path) -> None:
    release = Home(home).current()

    def open_at(server: Impostor) -> None:
        with opened(home, f"http://{server.host}/"):
            pass

    with impostor() as server:
        server.reply = reply(b'{"head":{},"boolean":false}')
        with pytest.raises(DataError, match=f"does not hold release {release.id}; load .*opd.nq.gz"):
            open_at(server)
        server.reply = reply(b"", status=403)
        with pytest.raises(UsageError, match="403"):
            open_at(server)
        assert all(f"<{IRIS.base}release/{release.id}>" in asked.all("query")[0] for asked in server.asked)


def test_a_password_is_sent_to_the_server_and_shown_to_nobody(home: Path) -> None:
    before = descendants(os.getpid())
    with impostor() as server, opened(home, f"http://user:pa%2Fss@{server.host}/") as engine:
        server.reply = reply(ROW)
        ask(engine)
        assert {asked.headers["authorization"] for asked in server.asked} == {"Basic dXNlcjpwYS9zcw=="}  # user:pa/ss
        mine = descendants(os.getpid()) - before
        assert mine
        assert not any(b"ss@" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in mine)


def test_a_server_that_ends_later_is_told_to_clients_without_its_address(home: Path) -> None:
    with impostor() as server, opened(home, f"http://{server.host}/") as engine:
        server.server_close()
        with pytest.raises(RemoteUnreachableError) as caught:
            ask(engine)
        assert caught.value.status == 503
        assert caught.value.detail.endswith("cannot be reached: Connection refused")
