"""Queries written to hurt: each is answered right, or refused or ended by name, and the next one is answered."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from tests.server.endpoint import EX, FILLING, Endpoint, make_store, problem, running, until, workers

if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECT = "application/sparql-query"
MEGABYTE = 1 << 20

#: Has one solution. A comment behind it makes it another query each time, which no cache answers.
ONE = "SELECT (COUNT(*) AS ?n) { ex:b ?p ?o }"
NUMBERS = count()

STATUS = {"query-timeout": 504, "query-memory": 503, "query-crash": 503}
IN_TIME_OR_MEMORY = {"query-timeout", "query-memory"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    folder = tmp_path_factory.mktemp("hostile")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with running(make_store(folder / "store"), port, folder / "log", timeout_s=20) as (address, process):
        yield Endpoint(address, process)


@pytest.fixture(autouse=True)
def _the_next_query_is_answered(endpoint: Endpoint) -> Iterator[None]:
    yield
    assert endpoint.count(f"{ONE} # {next(NUMBERS)}") == 1


def ask(endpoint: Endpoint, query: str, timeout_s: int = 20) -> requests.Response:
    return endpoint.post(query, DIRECT, f"?format=csv&timeout={timeout_s}")


def answer(endpoint: Endpoint, query: str) -> int:
    """Ask a query that selects one number."""
    response = ask(endpoint, query)
    assert response.status_code == 200, response.text
    return int(response.text.split()[1])


def assert_ended(endpoint: Endpoint, query: str, codes: set[str]) -> None:
    """Ask a query that does not come to its end, whatever ends it first."""
    response = ask(endpoint, query, timeout_s=1)
    code = response.json()["code"]
    assert code in codes, response.text
    problem(response, STATUS[code], code)


def counting(pattern: str) -> str:
    return f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"


def things(number: int) -> str:
    return " ".join(f"<{EX}thing/{n}>" for n in range(number))


def predicates(number: int, separator: str) -> str:
    return separator.join(f"ex:none{n}" for n in range(number))


def nested(opening: str, inner: str, closing: str, depth: int) -> str:
    return f"{opening * depth}{inner}{closing * depth}"


#: What is opened and closed around what is in the middle, and the solutions that there are then.
NESTINGS = {
    "parentheses": ("ex:b ?p ?o FILTER(@)", "(", "true", ")", 1),
    "negations": ("ex:b ?p ?o FILTER(@)", "!!", "true", "", 1),
    "conditions": ("ex:b ?p ?o FILTER(@)", "IF(true, ", "true", ", false)", 1),
    "disjunctions": ("ex:b ?p ?o FILTER(@)", "false || ", "true", "", 1),
    "sums": ("ex:b ?p ?o FILTER(@ > 0)", "1 + ", "1", "", 1),
    "filters": ("ex:b ?p ?o @", "FILTER(true) ", "", "", 1),
    "groups": ("@", "{", "ex:b ?p ?o", "}", 1),
    "graphs": ("@", "GRAPH ?g {", "ex:b ?p ?o", "}", 1),
    "options": ("ex:b ?p ?o @", "OPTIONAL { ex:b ?p ?o ", "", "}", 1),
    "subtractions": ("ex:b ?p ?o @", "MINUS { ex:none ?p ?o ", "", "}", 1),
    "existence": ("ex:b ?p ?o @", "FILTER EXISTS { ex:b ?p ?o ", "", "}", 1),
    "unions": ("{ ex:b ?p ?o } @", "UNION { ex:none ?p ?o } ", "", "", 1),
    "subqueries": ("@", "{ SELECT * { ", "ex:b ?p ?o", " } }", 1),
    "lists": ("?s ?p @", "(", "1", ")", 0),
    "blank nodes": ("?s ?p @", "[ ?p ", "1", "]", 0),
    "paths": ("ex:b @ ?o", "(", "rdfs:label", ")", 1),
    "inverses": ("ex:b @ ?o", "^(^(", "rdfs:label", "))", 1),
    "closures": ("ex:b @ ?o", "(", "rdfs:label", ")*", 2),
}


@pytest.mark.parametrize("name", NESTINGS)
def test_nesting_is_answered_while_it_is_sane(endpoint: Endpoint, name: str) -> None:
    pattern, opening, inner, closing, solutions = NESTINGS[name]
    assert answer(endpoint, counting(pattern.replace("@", nested(opening, inner, closing, 20)))) == solutions
    deep = counting(pattern.replace("@", nested(opening, inner, closing, 50_000)))
    assert_ended(endpoint, deep, {"query-crash", *IN_TIME_OR_MEMORY})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(counting(f"VALUES ?s {{ {things(10_000)} }} ?s ex:number ?o"), FILLING, id="10,000 values"),
        pytest.param(counting(f"VALUES ?s {{ {things(32_000)} }} ?s ex:number ?o"), FILLING, id="megabyte of values"),
        pytest.param(f"SELECT (STRLEN('{'x' * MEGABYTE}') AS ?n) {{}}", MEGABYTE, id="megabyte of string"),
        pytest.param(f"SELECT (COUNT(*) AS ?n) {{{' ' * MEGABYTE}}}", 1, id="megabyte of blanks"),
    ],
)
def test_a_long_query_is_answered(endpoint: Endpoint, query: str, expected: int) -> None:
    assert answer(endpoint, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("x" * MEGABYTE, id="word"),
        pytest.param("\n" * MEGABYTE + "x", id="lines"),
        pytest.param("# x\n" * (MEGABYTE // 4), id="comments"),
        pytest.param("PREFIX x: <http://x/> " * (MEGABYTE // 22), id="prologue"),
        pytest.param("service " * (MEGABYTE // 8), id="keyword"),
        pytest.param(f"SELECT ('{'x' * MEGABYTE}", id="string without end"),
        pytest.param(f"ASK {{ {'x' * MEGABYTE}:a ?p ?o }}", id="prefix"),
        pytest.param(f"ASK {{ <http://[{'x' * MEGABYTE}> ?p ?o }}", id="IRI"),
        pytest.param(f"SELECT ?{'x' * MEGABYTE} ?{'x' * MEGABYTE} {{}}", id="variable twice"),
        pytest.param(f"SELECT (<http://x/{'x' * MEGABYTE}>() AS ?n) {{}}", id="function"),
    ],
)
def test_a_long_query_that_is_none_is_refused_in_short(endpoint: Endpoint, query: str) -> None:
    response = ask(endpoint, query)
    assert response.status_code == 400
    problem(response, 400, response.json()["code"])
    assert len(response.content) < 5000


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri", "timeout", "format", "query"])
def test_a_long_parameter_does_not_come_back(endpoint: Endpoint, name: str) -> None:
    data = {"query": "ASK {}"} | {name: "x" * MEGABYTE}
    response = requests.post(endpoint.address, data=data, timeout=30)
    assert response.status_code in {400, 406}
    assert len(response.content) < 5000


@pytest.mark.parametrize(
    ("text", "expression", "expected"),
    [
        ("a" * 100_000 + "b", "^(a+)+$", 0),
        ("a" * 100_000 + "b", "^(a|a|aa)*$", 0),
        ("a" * 100_000, "^(a|a|aa)*$", 1),
        ("x" * 30_000, "x*x*x*x*x*y", 0),
        # more than a regular expression may hold, which is an error and so no match
        ("aaa", "((a{1000}){1000}){1000}", 2),
        ("aaa", "(" * 100_000 + "a" + ")" * 100_000, 2),
    ],
    ids=["nested repetition", "ambiguous", "ambiguous match", "runs", "counted", "deep"],
)
def test_no_regular_expression_backtracks(endpoint: Endpoint, text: str, expression: str, expected: int) -> None:
    query = f"SELECT (COALESCE(IF(REGEX('{text}', '{expression}'), 1, 0), 2) AS ?n) {{}}"
    assert answer(endpoint, query) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(f"ex:b ({predicates(2000, '|')}|rdfs:label)* ?o", 2, id="alternatives"),
        pytest.param(f"ex:b !({predicates(5000, '|')}|^{predicates(5000, '|^')}) ?o", 1, id="all but"),
        # 40 places to take the one step there is, and one way to take none
        pytest.param(f"ex:b {'/'.join(['rdfs:label?'] * 40)} ?o", 41, id="optional steps"),
        pytest.param("ex:thing\\/7 (ex:number|^ex:number)* ?o", 2, id="to and fro"),
        pytest.param(f"ex:b {predicates(100, '/')} ?o", 0, id="steps"),
    ],
)
def test_a_long_path_is_answered(endpoint: Endpoint, path: str, expected: int) -> None:
    assert answer(endpoint, counting(path)) == expected


PRODUCT = "?a ?b ?c . ?d ?e ?f"
LONG = "x" * 100_000


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(
            counting(" ".join(f"VALUES ?{name} {{ {things(10_000)} }}" for name in "abc")), id="product of values"
        ),
        pytest.param(counting("?s ex:number ?o . " * 2000), id="joins"),
        pytest.param(counting("?a (!ex:none|!^ex:none)* ?b . ?c (!ex:none)* ?d"), id="product of closures"),
        pytest.param(counting(f"?a {'/'.join(['(ex:number|^ex:number)'] * 24)} ?b"), id="ways along a path"),
        pytest.param(
            f"SELECT (STRLEN(GROUP_CONCAT(?c; separator='{LONG}')) AS ?n) {{ {PRODUCT} }}", id="concatenation"
        ),
        pytest.param(
            f"SELECT ?a (GROUP_CONCAT(?c; separator='{LONG}') AS ?n) {{ {PRODUCT} }} GROUP BY ?a", id="concatenations"
        ),
        pytest.param(counting(f"SELECT DISTINCT ?a ?c ?d ?f {{ {PRODUCT} }}"), id="distinct product"),
        pytest.param(f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {PRODUCT} }}", id="distinct count"),
        pytest.param(counting(f"SELECT ?a ?d (SAMPLE(?f) AS ?x) {{ {PRODUCT} }} GROUP BY ?a ?d"), id="groups"),
        pytest.param(
            "SELECT (STRLEN(?x40) AS ?n) { BIND('xxxxxxxx' AS ?x0) "
            + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
            + " }",
            id="doubling",
        ),
    ],
)
def test_a_bomb_is_ended_by_time_or_memory(endpoint: Endpoint, query: str) -> None:
    assert_ended(endpoint, query, IN_TIME_OR_MEMORY)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children(pid: int) -> set[int]:
    """Return the processes that this one has forked and not yet reaped."""
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_five_hundred_deaths_of_workers_cost_no_other_query(endpoint: Endpoint) -> None:
    assert answer(endpoint, ONE) == 1
    zygote = parent(workers(endpoint.process.pid).pop())
    server = parent(zygote)

    def files() -> tuple[int, int]:
        """Count open files without the server's one to each worker."""
        return open_files(server) - len(children(zygote)), open_files(zygote)

    crash = f"ASK {{ {nested('{', '', '}', 50_000)} }}".encode()
    with requests.Session() as session:
        session.get(endpoint.address, params={"query": ONE}, timeout=30)
        before = files()
        deaths = 0
        while deaths < 500:
            if deaths % 2:
                died = session.post(endpoint.address, data=crash, headers={"Content-Type": DIRECT}, timeout=30)
                problem(died, 503, "query-crash")
                deaths += 1
            for worker in children(zygote):
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
                    deaths += 1
            parameters = {"query": f"{ONE} # {deaths} deaths", "format": "csv"}
            answered = session.get(endpoint.address, params=parameters, timeout=30)
            assert (answered.status_code, answered.text.split()) == (200, ["n", "1"]), answered.text
        until(lambda: children(zygote) == workers(endpoint.process.pid))  # which are those that live
        assert len(children(zygote)) <= 3
        until(lambda: all(now <= then for now, then in zip(files(), before, strict=True)))
