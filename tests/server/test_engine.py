from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kg.errors import DataError
from kg.media import CSV, JSON, N_TRIPLES, TSV, TURTLE
from server.engine.base import Limits, Query
from server.engine.embedded import EmbeddedEngine
from server.engine.errors import (
    EngineBusyError,
    EngineFailureError,
    QueryCrashError,
    QueryMemoryError,
    QuerySyntaxError,
    QueryTimeoutError,
    ResultTooLargeError,
    ServiceRefusedError,
    UpdateRefusedError,
)
from server.problems import BadRequestError, NotAcceptableError, ProblemError
from tests.server.endpoint import (
    ENDLESS,
    EX,
    FILLING,
    GRAPH_A,
    GRAPH_B,
    GREEDY,
    ROOT,
    TEXTS,
    descendants,
    is_gone,
    is_lowest,
    is_stopped,
    is_working,
    make_store,
    until,
    workers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Nothing listens here (RFC 5737); a query that got as far as asking it would hang until its deadline.
ELSEWHERE = "<http://192.0.2.1/sparql>"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("engine") / "store")


@contextmanager
def opened(store: Path, **limits: float) -> Iterator[EmbeddedEngine]:
    settings = {"timeout_s": 20.0, "memory_mb": 64, "result_mb": 4, "workers": 1, "queue_s": 5.0} | limits
    engine = EmbeddedEngine(store, {"ex": EX, "from": EX}, Limits(**settings))
    try:
        yield engine
    finally:
        engine.close()


#: The workers of the engines that other test modules keep open in this process.
OTHERS: set[int] = set()


@pytest.fixture(scope="module")
def engine(store: Path) -> Iterator[EmbeddedEngine]:
    OTHERS.update(workers(os.getpid()))
    with opened(store) as engine:
        yield engine


def bytes_of(engine: EmbeddedEngine, text: str, **options: object) -> bytes:
    """Run a query to its end."""
    return b"".join(engine.execute(Query(text, CSV, N_TRIPLES, **options)))


def count(engine: EmbeddedEngine, text: str, **options: object) -> int:
    """Run a query that counts into ?n."""
    return int(bytes_of(engine, text, **options).split()[1])


def string_of(*factors: int) -> str:
    """Return an expression that makes a string as long as the product of the factors."""
    expression = "'a'"
    for factor in factors:
        expression = f"REPLACE({expression}, 'a', '{'a' * factor}')"
    return expression


def only_worker() -> int:
    """Return the engine's worker, once no other is about to end."""
    until(lambda: len(workers(os.getpid()) - OTHERS) == 1)
    (worker,) = workers(os.getpid()) - OTHERS
    return worker


def test_an_answer_says_what_the_query_was(engine: EmbeddedEngine) -> None:
    asked = {
        "SELECT * { ex:b ?p ?o }": ("select", TSV, b"?o\t?p\n"),
        "ASK { ex:b ?p ?o }": ("ask", TSV, b"true"),
        "CONSTRUCT { ex:b ?p 1 } { ex:b ?p ?o }": ("graph", N_TRIPLES, b"<http://example.org/b>"),
        "DESCRIBE ex:b": ("graph", N_TRIPLES, b"<http://example.org/b>"),
    }
    for text, (kind, chosen, beginning) in asked.items():
        answer = engine.execute(Query(text, TSV, N_TRIPLES))
        assert (answer.kind, answer.format) == (kind, chosen)
        assert b"".join(answer).startswith(beginning)


def test_a_kind_that_the_client_does_not_take_is_not_evaluated(engine: EmbeddedEngine) -> None:
    with pytest.raises(NotAcceptableError) as caught:
        engine.execute(Query("CONSTRUCT WHERE { ?s ?p ?o }", JSON, None))
    assert [offer["format"] for offer in caught.value.members["available"]] == [
        "ttl",
        "jsonld",
        "nt",
        "rdf",
        "trig",
        "nq",
    ]
    with pytest.raises(NotAcceptableError):
        engine.execute(Query("ASK {}", None, TURTLE))


ALL = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
FROM_A, FROM_B = f"FROM <{GRAPH_A}> {{", f"FROM NAMED <{GRAPH_B}> {{"
IN_A, IN_B = len(TEXTS), FILLING + 1

#: More rows than anybody waits for, the first of them at once.
ENDLESS_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


@pytest.mark.parametrize(
    ("text", "dataset", "expected"),
    [
        (ALL, {}, IN_A + IN_B),
        (NAMED, {}, IN_A + IN_B),
        (ALL.replace("{", FROM_A), {}, IN_A),
        (ALL.replace("{", FROM_B), {}, 0),
        (NAMED.replace("{ G", FROM_B + " G"), {}, IN_B),
        (NAMED.replace("{ G", FROM_A + " G"), {}, 0),
        (ALL.replace("{", "FROM from:graph\\/a {"), {}, IN_A),
        (ALL, {"default_graphs": (GRAPH_A,), "named_graphs": ()}, IN_A),
        (ALL, {"default_graphs": (GRAPH_A, GRAPH_B), "named_graphs": ()}, IN_A + IN_B),
        (ALL, {"default_graphs": (), "named_graphs": (GRAPH_A,)}, 0),
        (NAMED, {"default_graphs": (GRAPH_A,), "named_graphs": ()}, 0),
        (NAMED, {"default_graphs": (), "named_graphs": (GRAPH_B,)}, IN_B),
        # the protocol's dataset overrides the query's
        (ALL.replace("{", f"FROM <{GRAPH_B}> {{"), {"default_graphs": (GRAPH_A,), "named_graphs": ()}, IN_A),
        # what the release lacks is empty, and is not fetched from anywhere
        (ALL.replace("{", "FROM <file:///etc/passwd> {"), {}, 0),
        (ALL.replace("{", f"FROM {ELSEWHERE} {{"), {}, 0),
        (NAMED.replace("{ G", "FROM NAMED <file:///etc/passwd> { G"), {}, 0),
        (ALL, {"default_graphs": ("file:///etc/passwd",), "named_graphs": ()}, 0),
        (NAMED.replace("?g", "<file:///etc/passwd>"), {}, 0),
        # the letters alone name no dataset
        (ALL.replace("{", "{ # FROM <x>\n"), {}, IN_A + IN_B),
        ("SELECT (COUNT(?from) AS ?n) { ?from ex:from|ex:number ?to FILTER(?to != 'FROM <x>') }", {}, FILLING),
        ("SELECT (COUNT(?from) AS ?n) { ?from from:number ?to }", {}, FILLING),
    ],
)
def test_the_dataset(engine: EmbeddedEngine, text: str, dataset: dict[str, tuple[str, ...]], expected: int) -> None:
    assert count(engine, text, **dataset) == expected


@pytest.mark.xfail(
    raises=AssertionError,
    reason="Oxigraph 0.5.13: from a store on disk, a path to an integer whose last byte is 255 finds the next 255 as well",
)
def test_a_path_to_an_integer(engine: EmbeddedEngine) -> None:
    assert count(engine, "SELECT (COUNT(*) AS ?n) { ?s ex:number+ 254 }") == 1
    assert count(engine, "SELECT (COUNT(*) AS ?n) { ?s ex:number+ 255 }") == 1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE @ { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT @ { ?s ?p ?o } }",
        "SELECT * { service silent@{} }",
        "SELECT * { ?s ?p ?o SeRvIcE @ {} }",
        "SELECT*{SERVICE?x{}}",
        "SELECT * { VALUES ?x { @ } SERVICE ?x { ?s ?p ?o } }",
        "SELECT * { VALUES ?x { @ } SERVICE SILENT $x { ?s ?p ?o } }",
        "ASK { OPTIONAL { { SERVICE @ {} } UNION {} } }",
        "ASK { MINUS { SERVICE SILENT @ {} } }",
        "ASK { GRAPH ?g { SERVICE @ {} } }",
        "ASK { FILTER EXISTS { SERVICE @ {} } }",
        "ASK { FILTER NOT EXISTS { SERVICE SILENT @ {} } }",
        "ASK { BIND(EXISTS{SERVICE SILENT@{}} AS ?x) }",
        "ASK { { SELECT ?s { SERVICE @ { ?s ?p ?o } } } }",
        "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (EXISTS { SERVICE @ {} })",
        "SELECT ?s { ?s ?p ?o } ORDER BY EXISTS { SERVICE @ {} }",
        "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE @ { ?s ?p ?o } }",
        "DESCRIBE ?s { SERVICE @ { ?s ?p ?o } }",
        "PREFIX x: @ ASK { SERVICE x: {} }",
        "PREFIX x: @ ASK { SERVICE SILENTx: {} }",
        "BASE @ ASK { SERVICE <x> {} }",
        "ASK {# a comment\n\tSERVICE#another\r\n @ {} }",
        # where the parser ends a token earlier than the standard's longest match
        "ASK { ?s ?p trueSERVICE @ {} }",
        "ASK { ?s ?p 1SERVICE @ {} }",
        "ASK { ?s ?p 1.5e3SERVICE @ {} }",
        "ASK { ?s ?p 'x'SERVICE @ {} }",
        "ASK { ?s ex:p? true SERVICE @ {} }",
        # where the standard's longest match is an IRI, and the parser sees a comparison
        "ASK { FILTER(?a<?b)SERVICE?x#>\n{} }",
        'ASK { FILTER(?a<?b#>"""\n)SERVICE @ {}#"""\n}',
        # the letters elsewhere do not hide it
        "SELECT ?service { ?service ?p 'SERVICE' . ex:service ex:p ?o SERVICE @ { } # SERVICE\n }",
        # what fetches by another name
        "LOAD @",
        "PREFIX x: <http://x/> # a comment\n LOAD SILENT @ INTO GRAPH x:y",
    ],
)
def test_what_would_fetch_from_elsewhere_is_refused(engine: EmbeddedEngine, text: str) -> None:
    with pytest.raises(ServiceRefusedError) as caught:
        engine.execute(Query(text.replace("@", ELSEWHERE), CSV, TURTLE))
    assert caught.value.status == 400


def test_the_place_of_a_service_clause_is_told(engine: EmbeddedEngine) -> None:
    with pytest.raises(ServiceRefusedError) as caught:
        engine.execute(Query(f"SELECT ?service\n{{ ?service ?p ?o .\n  SERVICE {ELSEWHERE} {{}} }}", CSV, TURTLE))
    assert (caught.value.members["line"], caught.value.members["column"]) == (3, 3)


@pytest.mark.parametrize(
    "text",
    [
        "\\u0053ERVICE",  # an escape in a keyword is no SPARQL to this parser, whatever it would be to another
        "ſERVICE",  # the long s, whose capital is S in Unicode and not in SPARQL
        "PREFIX x: <http://x/> ASK { SERVICEx: {} }",  # one token by the standard, and a prefix that is not declared
        "PREFIX SERVICEx: <http://x/> ASK { SERVICEx: {} }",
    ],
)
def test_other_spellings_of_service_are_no_sparql(engine: EmbeddedEngine, text: str) -> None:
    asked = text if " " in text else f"ASK {{ {text} {ELSEWHERE} {{}} }}"
    with pytest.raises(BadRequestError):
        engine.execute(Query(asked, CSV, TURTLE))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("SELECT ?service { ex:b ?p ?service }", 2),
        ("SELECT ?service ?Service ?SERVICE { ex:b ?service ?Service BIND(1 AS ?SERVICE) }", 2),
        ("SELECT (STRLEN('SERVICE <x> {}') AS ?servicePoint) {}", 2),
        ('SELECT ("""\nSERVICE "" <x> {}""" AS ?n) {}', 3),
        ("SELECT (''' SERVICE ''' AS ?n) {}", 2),
        ("SELECT (STRLANG('x', 'service') AS ?n) { BIND('x'@service AS ?m) }", 2),
        ("SELECT * { ex:b ?p ?o } # SERVICE <x> {}", 2),
        ("#SERVICE <x> {}\nSELECT * { ex:b ?p ?o }", 2),
        ("PREFIX service: <http://example.org/> SELECT * { service:b ?p ?o }", 2),
        ("PREFIX SERVICEx: <http://example.org/> SELECT * { SERVICEx:b ?p ?o { } }", 2),
        ("PREFIX service: <http://example.org/> SELECT * { GRAPH service:graph\\/b { service:b ?p ?o } }", 2),
        ("PREFIX service: <http://example.org/graph/> SELECT * FROM service:b { ex:b ?p ?o }", 2),
        ("SELECT * { ex:b ?p ?o MINUS { ex:service ex:SERVICE <http://service/SERVICE> } }", 2),
        ("SELECT * { ex:b ?p ?o FILTER(?service<?o&&?o>?p || true) }", 2),
        ("SELECT * { ex:b ?p ?o FILTER NOT EXISTS { _:service ex:service?/ex:p?service } }", 2),
        ("SELECT (REPLACE('\\u0053ERVICE', 'SERVICE', '\\u0073ervice') AS ?n) {}", 2),
        ("BASE <http://service/> SELECT (<SERVICE> AS ?n) {}", 2),
        ("SELECT ?load ?insert { ex:b ?load ?insert } # LOAD <x>", 2),
    ],
)
def test_the_letters_of_service_are_harmless(engine: EmbeddedEngine, text: str, lines: int) -> None:
    assert bytes_of(engine, text).count(b"\n") == lines


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { ex:a ex:b ex:c }",
        "insert data{ex:a ex:b ex:c}",
        "PREFIX x: <http://x/>\n# INSERT\nBASE <http://y/> DELETE WHERE { ?s ?p ?o }",
        f"WITH <{GRAPH_A}> DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p 1 }} WHERE {{ ?s ?p ?o }}",
        "CLEAR ALL",
        "DROP SILENT DEFAULT",
        "CREATE GRAPH ex:g",
        "ADD ex:a TO ex:b",
        "MOVE ex:a TO ex:b",
        "COPY ex:a TO ex:b",
        f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE {ELSEWHERE} {{ ?s ?p ?o }} }}",
    ],
)
def test_updates_are_refused(engine: EmbeddedEngine, text: str) -> None:
    with pytest.raises(UpdateRefusedError) as caught:
        engine.execute(Query(text, CSV, TURTLE))
    assert caught.value.status == 403


@pytest.mark.parametrize(
    ("text", "line", "column", "hint"),
    [
        ("SELECT ?s { ?s ?p ?o", 1, 21, "}"),
        ("SELEC ?s { ?s ?p ?o }", 1, 1, "SELEC"),
        ("SELECT ?s {\n  ?s nope:x ?o }", 2, 12, "Prefix not found"),
        ("SELECT ?s ?s { ?s ?p ?o }", 1, 26, "Duplicated"),
        ("SELECT ?from WHERE {\n\n ?from ?service ex:x ?o }", 3, 22, "?o"),
    ],
)
def test_a_syntax_error_says_where(engine: EmbeddedEngine, text: str, line: int, column: int, hint: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        engine.execute(Query(text, CSV, TURTLE))
    error = caught.value
    assert error.status == 400
    assert (error.members["line"], error.members["column"]) == (line, column)
    assert error.members["parser"].startswith("error at ")
    assert hint in error.detail


@pytest.mark.parametrize("text", ["", " \n", "\x00", "SELECT", "𝄞", "{" * 300, "SELECT (<http://x/f>(1) AS ?x) {}"])
def test_what_is_no_query_is_the_clients_fault(engine: EmbeddedEngine, text: str) -> None:
    with pytest.raises(BadRequestError):
        engine.execute(Query(text, CSV, TURTLE))


def test_prefixes_need_not_be_declared_and_may_be(engine: EmbeddedEngine) -> None:
    assert count(engine, "SELECT (COUNT(*) AS ?n) { ex:b ?p ?o }") == 1
    assert count(engine, "PREFIX ex: <http://elsewhere/> SELECT (COUNT(*) AS ?n) { ex:b ?p ?o }") == 0


def test_a_large_query_is_answered(engine: EmbeddedEngine) -> None:
    values = " ".join(f"ex:thing\\/{n}" for n in range(10_000))
    assert count(engine, f"SELECT (COUNT(*) AS ?n) {{ VALUES ?s {{ {values} }} ?s ex:number ?o }}") == FILLING
    assert count(engine, f"SELECT (COUNT(*) AS ?n) {{ ex:b ?p ?o }} # {'x' * (1 << 20)}") == 1


def test_the_deadline_ends_a_query_and_not_the_engine(store: Path) -> None:
    with opened(store, timeout_s=0.3) as engine:
        with pytest.raises(QueryTimeoutError) as caught:
            engine.execute(Query(ENDLESS, CSV, TURTLE))
        assert caught.value.status == 504
        assert caught.value.members["limitSeconds"] == 0.3
        assert caught.value.members["elapsedSeconds"] >= 0.3
        assert count(engine, ALL) == IN_A + IN_B
        # parsing alone may take as long
        product = "".join(f"VALUES ?x{n} {{ {' '.join(map(str, range(100)))} }} " for n in range(9))
        with pytest.raises(QueryTimeoutError):
            engine.execute(Query(f"SELECT (COUNT(*) AS ?service) {{ {product} }}", CSV, TURTLE))


def test_a_caller_may_shorten_the_deadline_but_not_lengthen_it(store: Path) -> None:
    with opened(store, timeout_s=0.5) as engine:
        for asked, given in ((0.1, 0.1), (60, 0.5)):
            with pytest.raises(QueryTimeoutError) as caught:
                engine.execute(Query(ENDLESS, CSV, TURTLE), asked)
            assert caught.value.members["limitSeconds"] == given


def test_other_queries_are_answered_while_one_runs_to_its_deadline(store: Path) -> None:
    with opened(store, timeout_s=1.5, workers=2) as engine:
        ended: list[ProblemError] = []

        def run() -> None:
            with pytest.raises(QueryTimeoutError) as caught:
                engine.execute(Query(ENDLESS, CSV, TURTLE))
            ended.append(caught.value)

        thread = threading.Thread(target=run)
        thread.start()
        until(lambda: any(map(is_working, workers(os.getpid()))))
        assert count(engine, ALL) == IN_A + IN_B
        assert not ended
        thread.join()
        assert ended


@pytest.mark.parametrize(
    "text",
    [
        GREEDY,
        "SELECT (STRLEN(GROUP_CONCAT(STR(?a))) AS ?n) { ?a ?b ?c . ?d ?e ?f }",
        "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?c ?d ?f { ?a ?b ?c . ?d ?e ?f } }",
        f"SELECT (STRLEN({string_of(1000, 1000, 1000)}) AS ?n) {{}}",
    ],
    ids=["order", "concat", "distinct", "replace"],
)
def test_the_memory_limit_ends_a_query_and_not_the_engine(engine: EmbeddedEngine, text: str) -> None:
    with pytest.raises(QueryMemoryError) as caught:
        engine.execute(Query(text, CSV, TURTLE))
    assert caught.value.status == 503
    assert caught.value.members["limitMiB"] == 64
    assert "64 MiB" in caught.value.detail
    assert count(engine, ALL) == IN_A + IN_B


def test_a_query_that_crashes_its_worker_hurts_no_other(engine: EmbeddedEngine) -> None:
    for nested in ("{" * 50_000 + "}" * 50_000, "FILTER(" + "(" * 50_000 + "1" + ")" * 50_000 + ")"):
        with pytest.raises(QueryCrashError) as caught:
            engine.execute(Query(f"ASK {{ {nested} }}", CSV, TURTLE))
        assert caught.value.members["signal"] == "SIGSEGV"
        assert count(engine, ALL) == IN_A + IN_B


def test_a_result_past_the_limit_is_an_error_and_not_the_engines(engine: EmbeddedEngine) -> None:
    answer = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
    received: list[bytes] = []
    with pytest.raises(ResultTooLargeError) as caught:
        received.extend(answer)
    assert 0 < sum(map(len, received)) <= 4 << 20
    assert (caught.value.status, caught.value.members["limitMiB"]) == (413, 4)
    assert count(engine, ALL) == IN_A + IN_B


def test_a_worker_killed_before_its_first_result_is_an_error(engine: EmbeddedEngine) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            engine.execute(Query(ENDLESS, CSV, TURTLE))
        except ProblemError as error:
            raised.append(error)

    bytes_of(engine, "ASK {}")
    worker = only_worker()
    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: is_working(worker))
    os.kill(worker, signal.SIGKILL)
    thread.join(timeout=10)
    assert isinstance(raised[0], QueryCrashError)
    assert count(engine, ALL) == IN_A + IN_B


def test_an_answer_cut_off_in_the_middle_never_ends_as_if_whole(engine: EmbeddedEngine) -> None:
    bytes_of(engine, "ASK {}")
    worker = only_worker()
    answer = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
    assert next(answer)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(QueryCrashError):
        list(answer)
    assert list(answer) == []
    assert count(engine, ALL) == IN_A + IN_B


def test_closing_an_answer_frees_its_worker_at_once(engine: EmbeddedEngine) -> None:
    bytes_of(engine, "ASK {}")
    before = workers(os.getpid())
    answer = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
    next(answer)
    answer.close()
    answer.close()
    assert count(engine, ALL) == IN_A + IN_B
    until(lambda: any(map(is_gone, before)))


def test_a_worker_that_died_while_idle_is_replaced(engine: EmbeddedEngine) -> None:
    bytes_of(engine, "ASK {}")
    worker = only_worker()
    os.kill(worker, signal.SIGKILL)
    until(lambda: is_gone(worker))
    assert count(engine, ALL) == IN_A + IN_B


def test_a_query_does_not_pay_for_a_worker_that_dies_as_it_is_asked(engine: EmbeddedEngine) -> None:
    for _ in range(50):
        os.kill(only_worker(), signal.SIGKILL)
        assert count(engine, ALL) == IN_A + IN_B


def test_the_process_that_forks_is_replaced_too(store: Path) -> None:
    before = descendants(os.getpid())
    with opened(store) as engine:
        bytes_of(engine, "ASK {}")
        (worker,) = workers(os.getpid()) - before
        (zygote,) = descendants(os.getpid()) - before - {worker}
        os.kill(zygote, signal.SIGKILL)
        until(lambda: is_gone(zygote) and is_gone(worker))
        assert count(engine, ALL) == IN_A + IN_B


def test_a_query_that_is_not_brief_leaves_its_place_to_others(store: Path) -> None:
    with opened(store, workers=1, timeout_s=60) as engine:
        held = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
        for _ in range(3):
            assert count(engine, ALL) == IN_A + IN_B
        assert len(next(held)) > 0
        held.close()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) == 1, reason="there is one processor only")
def test_a_processor_is_left_to_brief_queries(store: Path) -> None:
    everywhere = os.sched_getaffinity(0)
    with opened(store, workers=2, timeout_s=60) as engine:
        held = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
        until(lambda: any(os.sched_getaffinity(worker) < everywhere for worker in workers(os.getpid())))
        assert any(os.sched_getaffinity(worker) == everywhere for worker in workers(os.getpid()))
        assert count(engine, ALL) == IN_A + IN_B
        held.close()


def test_what_is_not_brief_waits_for_a_place_and_is_then_sent_away(store: Path) -> None:
    with opened(store, workers=1, queue_s=0.1, timeout_s=7) as engine:
        held = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
        until(lambda: any(map(is_lowest, workers(os.getpid()))))
        with pytest.raises(EngineBusyError) as caught:
            engine.execute(Query(ENDLESS, CSV, TURTLE))
        assert caught.value.status == 503
        assert caught.value.headers["Retry-After"] == "7"
        assert count(engine, ALL) == IN_A + IN_B
        held.close()
        with pytest.raises(QueryTimeoutError):
            engine.execute(Query(ENDLESS, CSV, TURTLE), 1)


def test_a_query_that_was_stopped_gets_its_time_and_the_place_that_comes_free(store: Path) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 3000000 }"
    with opened(store, workers=1, queue_s=60, timeout_s=60) as engine:
        held = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
        until(lambda: any(map(is_lowest, workers(os.getpid()))))
        counted: list[int] = []
        thread = threading.Thread(target=lambda: counted.append(count(engine, slow)))
        thread.start()
        until(lambda: any(map(is_stopped, workers(os.getpid()))))
        held.close()
        thread.join()
        assert counted == [3_000_000]


def test_a_waiting_query_gets_the_worker_that_comes_free(store: Path) -> None:
    with opened(store, queue_s=20) as engine:
        held = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
        counted: list[int] = []
        waiting = [threading.Thread(target=lambda: counted.append(count(engine, ALL))) for _ in range(4)]
        for thread in waiting:
            thread.start()
        held.close()
        for thread in waiting:
            thread.join()
        assert counted == [IN_A + IN_B] * 4


def test_workers_are_replaced_after_many_queries(store: Path) -> None:
    before = workers(os.getpid())
    with opened(store, queries_per_worker=20) as engine:
        bytes_of(engine, "ASK {}")
        (first,) = workers(os.getpid()) - before
        for _ in range(100):
            assert bytes_of(engine, "ASK {}")
        until(lambda: is_gone(first))
        until(lambda: len(workers(os.getpid()) - before) == 1)
        assert bytes_of(engine, "ASK {}")


def test_a_worker_that_has_grown_is_replaced(engine: EmbeddedEngine) -> None:
    bytes_of(engine, "ASK {}")
    first = only_worker()
    text = string_of(1000, 1000, 20)  # 20 MB: more than a quarter of the 64 MiB, and less than all
    assert count(engine, f"SELECT (STRLEN({text}) AS ?n) {{}}") == 20_000_000
    assert count(engine, ALL) == IN_A + IN_B
    until(lambda: is_gone(first))


def test_many_threads_get_their_own_answers(store: Path) -> None:
    with opened(store, workers=3, queue_s=20) as engine:
        wrong: list[int] = []

        def ask(start: int) -> None:
            for n in range(start, start + 40):
                if bytes_of(engine, f"SELECT ?o {{ ex:thing\\/{n} ex:number ?o }}") != f"o\r\n{n}\r\n".encode():
                    wrong.append(n)  # noqa: PERF401 - an assertion in a thread would not fail the test

        threads = [threading.Thread(target=ask, args=(start,)) for start in range(0, 400, 50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


def test_closing_the_engine_ends_every_process_and_every_query(store: Path) -> None:
    before = descendants(os.getpid())
    with opened(store, workers=2) as engine:
        held = engine.execute(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, TURTLE))
        bytes_of(engine, "ASK {}")
        mine = descendants(os.getpid()) - before
        assert len(mine) >= 3
    until(lambda: all(map(is_gone, mine)))
    with pytest.raises(ProblemError):
        list(held)
    with pytest.raises(EngineFailureError):
        engine.execute(Query("ASK {}", CSV, TURTLE))
    engine.close()


def test_a_store_that_goes_away_is_told_and_its_return_noticed(store: Path, tmp_path: Path) -> None:
    here = tmp_path / "store"
    shutil.copytree(store, here)
    with opened(here, workers=2) as engine:
        here.rename(tmp_path / "elsewhere")
        for _ in range(3):
            with pytest.raises(EngineFailureError, match="the store of this release cannot be read"):
                engine.execute(Query("ASK {}", CSV, TURTLE))
        (tmp_path / "elsewhere").rename(here)
        assert bytes_of(engine, "SELECT (1 AS ?n) {}") == b"n\r\n1\r\n"


def test_no_process_outlives_a_server_that_is_killed(store: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from server.engine.base import *; from kg.media import *;"
        "from server.engine.embedded import EmbeddedEngine;"
        "engine = EmbeddedEngine(Path(sys.argv[1]), {}, Limits(timeout_s=600));"
        "print('ready', flush=True); engine.execute(Query(sys.argv[2], CSV, TURTLE))"
    )
    with subprocess.Popen([sys.executable, "-c", script, store, ENDLESS], cwd=ROOT, stdout=subprocess.PIPE) as server:
        assert server.stdout
        assert server.stdout.readline() == b"ready\n"
        until(lambda: any(map(is_working, workers(server.pid))))
        family = descendants(server.pid)
        assert len(family) in {2, 3}  # with a worker that stands by for look-ups, or yet without
        server.kill()
    until(lambda: all(map(is_gone, family)))


def test_a_store_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    before = descendants(os.getpid())
    with pytest.raises(DataError, match="cannot be opened"):
        EmbeddedEngine(tmp_path / "nowhere", {}, Limits())
    assert descendants(os.getpid()) == before
    assert list(tmp_path.iterdir()) == []


def test_the_store_is_not_written_to(store: Path) -> None:
    before = {file.name: (file.stat().st_mtime_ns, file.stat().st_size) for file in store.iterdir()}
    with opened(store) as engine:
        bytes_of(engine, "SELECT * { ?s ?p ?o }")
    assert {file.name: (file.stat().st_mtime_ns, file.stat().st_size) for file in store.iterdir()} == before


def test_an_isolated_process_has_no_network_and_writes_nothing(tmp_path: Path) -> None:
    script = (
        "import json, os, resource, socket, sys; from server.engine.isolation import isolate, limit_memory\n"
        "before = os.readlink('/proc/self/ns/net')\n"
        "isolate(os.getppid(), network=False); limit_memory(100)\n"
        "found = {'namespace': os.stat('/proc/self/ns/net').st_ino != int(before[5:-1])}\n"
        "try: os.write(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY), b'x'); found['written'] = True\n"
        "except OSError: found['written'] = False\n"
        "try: socket.create_connection(('127.0.0.1', int(sys.argv[2])), 2); found['connected'] = True\n"
        "except OSError: found['connected'] = False\n"
        "try: bytearray(200 << 20); found['allocated'] = True\n"
        "except MemoryError: found['allocated'] = False\n"
        "found['core'] = resource.getrlimit(resource.RLIMIT_CORE)[0]\n"
        "print(json.dumps(found))"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        run = subprocess.run(
            [sys.executable, "-c", script, tmp_path / "file", port], cwd=ROOT, capture_output=True, check=True
        )
    found = json.loads(run.stdout)
    assert (found["written"], found["allocated"], found["core"]) == (False, False, 0)
    if not found["namespace"]:
        pytest.skip("this kernel gives an unprivileged process no network namespace of its own")
    assert found["connected"] is False
