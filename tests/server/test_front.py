"""What the server does with a result and with its client: streams, breaks off, waits for nobody, and lets nobody take all."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import brotli
import pytest
import requests
from backports import zstd
from requests.adapters import HTTPAdapter

from tests.server.endpoint import (
    COUNT,
    ENDLESS,
    EX,
    FILLING,
    TEXTS,
    Endpoint,
    busy_workers,
    descendants,
    in_background,
    is_gone,
    make_store,
    problem,
    running,
    until,
    workers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = len(TEXTS) + FILLING + 1

#: Goes on for a long time: some 10 kB of CSV in each row, and milliseconds of work on a megabyte for it.
MEGABYTE = f"REPLACE(REPLACE(CONCAT(STR(?n), 'a'), 'a', '{'a' * 1000}'), 'a', '{'a' * 1000}')"
BEGINS = f"""SELECT ?n ?t {{ ?s ex:number ?n
  BIND(CONCAT(SHA512({MEGABYTE}), SHA384({MEGABYTE}), MD5({MEGABYTE}), SUBSTR({MEGABYTE}, 1, 10000)) AS ?t)
}}"""

#: Nested so deeply that the parser has no stack left.
CRASH = f"ASK {{ {'{' * 50_000}{'}' * 50_000} }}"

#: About 30 MB of CSV, much more than the sockets on the way hold.
LARGE_ROWS = 300_000
LARGE = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {LARGE_ROWS}"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A server whose deadline no test waits for: what ends sooner was ended by something else."""
    folder = tmp_path_factory.mktemp("front")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    store = make_store(folder / "store")
    with running(store, port, folder / "log", timeout_s=90, result_mb=64) as (address, process):
        yield Endpoint(address, process)


def target(query: str, **parameters: str) -> str:
    return f"/sparql?{urlencode({'query': query, 'format': 'csv', **parameters})}"


@contextmanager
def connected(endpoint: Endpoint, path: str, version: str = "1.1", source: str = "") -> Iterator[socket.socket]:
    """Send a request over a connection of its own, which takes little at a time; read what comes from it."""
    host, port = endpoint.address.split("/")[2].split(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        client.settimeout(120)
        client.bind((source, 0))
        client.connect((host, int(port)))
        client.sendall(f"GET {path} HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        yield client


def read_all(client: socket.socket) -> tuple[bytes, bytes]:
    """Return the head and the body of an answer as they came over the wire."""
    received = bytearray()
    while block := client.recv(1 << 16):
        received += block
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    return head, body


def session_from(address: str) -> requests.Session:
    """Return a session of another client: all of 127.0.0.0/8 is this machine."""

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: object, **options: object) -> None:
            super().init_poolmanager(*args, **options, source_address=(address, 0))

    session = requests.Session()
    session.mount("http://", Adapter())
    return session


def running_queries(endpoint: Endpoint, **headers: str) -> list[dict[str, Any]]:
    response = requests.get(f"{base(endpoint)}/queries/running", headers=headers, timeout=30)
    assert response.status_code == 200, response.text
    return response.json()


def plainly(endpoint: Endpoint, query: str, **parameters: str) -> requests.Response:
    """Ask for a result that is not compressed."""
    parameters = {"query": query, **parameters}
    return requests.get(endpoint.address, params=parameters, headers={"Accept-Encoding": "identity"}, timeout=120)


def base(endpoint: Endpoint) -> str:
    return endpoint.address.removesuffix("/sparql")


# large results


def test_a_large_result_is_whole_and_comes_in_chunks(endpoint: Endpoint) -> None:
    query = "SELECT ?s ?n ?t { ?s ex:number ?n BIND(CONCAT(STR(?s), STR(?s), STR(?s)) AS ?t) }"
    response = plainly(endpoint, query, format="json")
    assert len(response.content) > 1 << 20
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert {int(row["n"]["value"]) for row in response.json()["results"]["bindings"]} == set(range(FILLING))
    again = plainly(endpoint, query, format="json")  # as it was kept
    assert again.content == response.content
    assert again.headers["ETag"].strip('"').startswith(response.headers["ETag"].strip('"'))


def test_a_client_that_knows_no_chunks_gets_the_length(endpoint: Endpoint) -> None:
    with connected(endpoint, target(LARGE), "1.0") as client:
        head, body = read_all(client)
    assert b"200 OK" in head
    assert f"\r\ncontent-length: {len(body)}\r\n".encode() in head.lower() + b"\r\n"
    assert body.count(b"\r\n") == LARGE_ROWS + 1
    with connected(endpoint, target(BEGINS, timeout="0.5"), "1.0") as client:
        assert b" 504 " in read_all(client)[0]


def test_a_result_whose_worker_dies_is_broken_off(endpoint: Endpoint) -> None:
    with connected(endpoint, target(BEGINS)) as client:
        received = client.recv(1 << 16)
        assert b" 200 " in received
        until(lambda: busy_workers(endpoint))
        (worker,) = busy_workers(endpoint)
        os.kill(worker, signal.SIGKILL)
        assert not (received + b"".join(read_all(client))).endswith(b"0\r\n\r\n")
    assert endpoint.count() == ALL


def test_a_result_past_its_deadline_or_past_the_limit_is_broken_off(endpoint: Endpoint) -> None:
    past_the_limit = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    for query, timeout in ((BEGINS, "2"), (past_the_limit, "60")):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            plainly(endpoint, query, format="csv", timeout=timeout)
    assert endpoint.count() == ALL


def test_head_of_a_large_result_sends_none_of_it(endpoint: Endpoint) -> None:
    response = requests.head(endpoint.address, params={"query": BEGINS, "format": "csv"}, timeout=30)
    assert (response.status_code, response.content) == (200, b"")
    until(lambda: not busy_workers(endpoint))


DECODE = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}


def test_a_result_that_fails_while_all_of_it_is_collected_is_an_error_like_any_other(endpoint: Endpoint) -> None:
    response = requests.get(endpoint.address + target(BEGINS, timeout="2").removeprefix("/sparql"), timeout=30)
    assert problem(response, 504, "query-timeout")["limitSeconds"] == 2


@pytest.mark.parametrize("name", DECODE)
def test_a_result_is_compressed_as_the_client_likes(endpoint: Endpoint, name: str) -> None:
    query = f"SELECT ?s ?n {{ ?s ex:number ?n }} LIMIT 500 # {name}"

    def get(accepted: str, **headers: str) -> requests.Response:
        parameters = {"query": query, "format": "csv"}
        headers = {"Accept-Encoding": accepted, **headers}
        return requests.get(endpoint.address, params=parameters, headers=headers, stream=True, timeout=30)

    plain = get("identity")
    for accepted in (name, f"{name};q=0.5, x-other", f"identity;q=0.1, {name}"):
        response = get(accepted)
        raw = response.raw.read(decode_content=False)
        assert response.headers["Content-Encoding"] == name
        assert len(raw) == int(response.headers["Content-Length"]) < len(plain.content) / 2
        assert DECODE[name](raw) == plain.content
        assert "Accept-Encoding" in response.headers["Vary"]
        assert response.headers["ETag"] != plain.headers["ETag"]
        assert get(name, **{"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert "Content-Encoding" not in get(f"{name};q=0").headers
    assert get("identity", **{"If-None-Match": "*"}).status_code == 304


@pytest.mark.parametrize("name", DECODE)
def test_a_large_result_is_compressed_on_its_way(endpoint: Endpoint, name: str) -> None:
    def get(accepted: str) -> requests.Response:
        parameters = {"query": f"{LARGE} # {name}", "format": "csv"}
        headers = {"Accept-Encoding": accepted}
        return requests.get(endpoint.address, params=parameters, headers=headers, stream=True, timeout=60)

    response = get(name)
    raw = response.raw.read(decode_content=False)
    assert response.headers["Content-Encoding"] == name
    assert response.headers["Transfer-Encoding"] == "chunked"
    plain = get("identity")
    assert "Content-Encoding" not in plain.headers
    assert response.headers["ETag"] != plain.headers["ETag"]
    assert len(raw) < len(plain.content) / 2
    assert DECODE[name](raw) == plain.content


# clients


def test_a_client_that_goes_away_frees_its_worker_at_once(endpoint: Endpoint) -> None:
    for query in (ENDLESS, BEGINS):
        with connected(endpoint, target(query)):
            until(lambda: busy_workers(endpoint))
            (worker,) = busy_workers(endpoint)
        until(lambda worker=worker: is_gone(worker))
        until(lambda: running_queries(endpoint) == [])
    assert endpoint.count() == ALL


def test_a_slow_client_gets_all_and_keeps_no_worker(endpoint: Endpoint) -> None:
    with connected(endpoint, target(f"{LARGE} # slow")) as client:
        received = client.recv(1 << 10)
        until(lambda: running_queries(endpoint) == [])
        head, body = read_all(client)
    whole = received + head + b"\r\n\r\n" + body
    assert whole.endswith(b"0\r\n\r\n")
    assert whole.count(EX.encode()) > LARGE_ROWS


@contextmanager
def files_of_at_most(endpoint: Endpoint, size: int) -> Iterator[None]:
    """Let the server write so many bytes into a file: past it a write is cut short first, as on a disk that fills up."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    servers = descendants(endpoint.process.pid) - workers(endpoint.process.pid)
    for process in servers:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for process in servers:
            resource.prlimit(process, resource.RLIMIT_FSIZE, unlimited)


def test_a_result_that_finds_no_room_is_broken_off(endpoint: Endpoint) -> None:
    with files_of_at_most(endpoint, (3 << 20) + 7):
        with connected(endpoint, target(f"{LARGE} # no room")) as client:
            received = client.recv(1 << 10)
            until(lambda: running_queries(endpoint) == [])
            _, body = read_all(client)
        with connected(endpoint, target(f"{LARGE} # no room, no chunks"), "1.0") as client:
            head, document = read_all(client)
    assert received.startswith(b"HTTP/1.1 200")
    assert not body.endswith(b"0\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 503")
    assert b"retry-after: " in head
    assert json.loads(document)["code"] == "engine-busy"
    assert endpoint.count() == ALL
    with connected(endpoint, target(f"{LARGE} # room again"), "1.0") as client:
        head, body = read_all(client)
    assert f"content-length: {len(body)}".encode() in head
    assert body.count(EX.encode()) > LARGE_ROWS


def test_results_that_must_be_whole_do_not_wait_for_each_other_s_room(endpoint: Endpoint) -> None:
    """Three of 50 MB each, where 128 MiB may wait for clients: whoever finds no room is told so."""
    rows = 500_000
    query = LARGE.replace(str(LARGE_ROWS), str(rows))

    def whole(number: int) -> tuple[bytes, bytes]:
        with connected(endpoint, target(f"{query} # {number}"), "1.0", f"127.0.0.{number}") as client:
            return read_all(client)

    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(whole, (3, 4, 5)))
    for head, body in answers:
        assert f"content-length: {len(body)}".encode() in head
        if head.startswith(b"HTTP/1.0 200"):
            assert body.count(EX.encode()) > rows
        else:
            assert json.loads(body)["code"] == "engine-busy"
    assert any(head.startswith(b"HTTP/1.0 200") for head, _ in answers)


def test_one_client_does_not_get_all_workers(endpoint: Endpoint) -> None:
    bombs = [in_background(lambda: endpoint.get(ENDLESS, timeout="3")) for _ in range(6)]
    until(lambda: len(busy_workers(endpoint)) == 2)
    response = endpoint.get(f"{COUNT} # one too many")
    assert "at a time" in problem(response, 429, "client-limit")["detail"]
    assert int(response.headers["Retry-After"]) >= 1
    with session_from("127.0.0.2") as other:
        parameters = {"query": f"{COUNT} # another's", "format": "csv"}
        assert other.get(endpoint.address, params=parameters, timeout=30).text.split() == ["n", str(ALL)]
    for thread, responses in bombs:
        thread.join()
        assert responses[0].status_code in {429, 504}
    assert sorted(responses[0].status_code for _, responses in bombs) == [429] * 4 + [504] * 2


def test_many_queries_of_one_client_get_their_own_answers(endpoint: Endpoint) -> None:
    """Whatever becomes of the query before it at the worker: it takes long, crashes, or its client leaves."""

    def answered(query: str, **parameters: object) -> requests.Response:
        while (response := endpoint.get(query, format="csv", **parameters)).status_code == 429:  # the line was too long
            pass
        return response

    def is_right(number: int) -> bool:
        query = f"SELECT ?n {{ <{EX}thing/{number}> ex:number ?n }}"
        if number % 10 == 3:
            with connected(endpoint, target(query)):
                return True
        if number % 40 == 15:
            return answered(ENDLESS, timeout=0.2).json()["code"] == "query-timeout"
        if number % 40 == 35:
            return endpoint.post(CRASH, "application/sparql-query").json()["code"] in {"query-crash", "client-limit"}
        return answered(query).text.split() == ["n", str(number)]

    with ThreadPoolExecutor(16) as threads:
        numbers = range(600)
        assert [
            number for number, right in zip(numbers, threads.map(is_right, numbers), strict=True) if not right
        ] == []
    until(lambda: not busy_workers(endpoint))


def test_a_query_gets_the_place_that_a_heavy_one_leaves(endpoint: Endpoint) -> None:
    """A client that has its share of queries waits for no longer than these take."""
    heavy = [in_background(lambda: endpoint.get(ENDLESS, timeout=0.7)) for _ in range(2)]
    until(lambda: len(running_queries(endpoint)) == 2)
    assert endpoint.count() == ALL
    for thread, responses in heavy:
        thread.join()
        problem(responses[0], 504, "query-timeout")


def test_many_clients_with_heavy_queries_do_not_keep_another_from_its_look_ups(endpoint: Endpoint) -> None:
    """Eight bombs are more than are worked on (3) and wait (3): those past it are sent away, and look-ups are answered."""
    bombers = [session_from(f"127.0.0.{number}") for number in range(2, 10)]
    parameters = {"query": ENDLESS, "timeout": "3"}
    bombs = [
        in_background(lambda session=session: session.get(endpoint.address, params=parameters, timeout=60))
        for session in bombers
    ]
    until(lambda: len(busy_workers(endpoint)) == 3)
    answered = 0
    while not any(responses and responses[0].status_code == 504 for _, responses in bombs):
        response = endpoint.get(f"{COUNT} # {answered}", format="csv")
        assert (response.status_code, response.text.split()) == (200, ["n", str(ALL)])
        answered += 1
    assert answered > 20
    for thread, _ in bombs:
        thread.join()
    ends = [responses[0] for _, responses in bombs]
    assert {response.status_code for response in ends} == {503, 504}
    for response in ends:
        if response.status_code == 504:
            assert (problem(response, 504, "query-timeout")["limitSeconds"]) == 3
        else:
            problem(response, 503, "engine-busy")
            assert int(response.headers["Retry-After"]) >= 1
    for session in bombers:
        session.close()


# the operator


def test_an_operator_sees_a_running_query_and_ends_it(endpoint: Endpoint) -> None:
    thread, responses = in_background(lambda: endpoint.get(ENDLESS))
    until(lambda: running_queries(endpoint))
    (found,) = running_queries(endpoint)
    assert (found["text"], found["client"]) == (ENDLESS, "127.0.0.1")
    assert found["seconds"] >= 0
    assert datetime.fromisoformat(found["started"]).tzinfo
    before = workers(endpoint.process.pid)
    assert requests.delete(f"{base(endpoint)}/queries/running/{found['id']}", timeout=30).status_code == 204
    thread.join()
    assert problem(responses[0], 503, "query-ended")["queryId"] == found["id"]
    until(lambda: workers(endpoint.process.pid) != before)
    gone = requests.delete(f"{base(endpoint)}/queries/running/{found['id']}", timeout=30)
    assert (gone.status_code, gone.json()["code"]) == (404, "not-found")
    assert running_queries(endpoint) == []


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "Origin"])
def test_nobody_else_sees_what_runs(endpoint: Endpoint, header: str) -> None:
    for call in (requests.get, requests.delete):
        response = call(f"{base(endpoint)}/queries/running/{quote('x')}", headers={header: "x"}, timeout=30)
        assert response.status_code in {404, 405}
    assert requests.get(f"{base(endpoint)}/queries/running", headers={header: "x"}, timeout=30).status_code == 404


def test_a_slow_query_is_told_to_the_operator(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> None:
    document = problem(endpoint.get(f"{ENDLESS} # slow\n", timeout="1.2"), 504, "query-timeout")
    (log,) = tmp_path_factory.getbasetemp().glob("front[0-9]*/log")
    (line,) = [line for line in log.read_text().splitlines() if document["queryId"] in line]
    assert line.startswith("opdkg: slow query")
    assert "# slow\\n" in line
