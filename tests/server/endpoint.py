"""A small store, the SPARQL endpoint over it behind a real server, and a look at the processes that belong to one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

import requests
from flask import Flask
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.locks import Lock
from kg.vocab import Iris
from server import log, problems, sparql
from server import running as running_queries
from server.context import EXTENSION
from server.engine.base import Limits
from server.engine.embedded import EmbeddedEngine
from server.front import Front
from server.reading import EXTENSION as READING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
EX = "http://example.org/"
GRAPH_A, GRAPH_B = f"{EX}graph/a", f"{EX}graph/b"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

#: Texts that a careless writer of JSON, XML, CSV, TSV, Turtle or HTML would break.
TEXTS = ("plain", 'quote " and, comma', "tab\tand\nline", "<b>&amp;</b>", "κλ 知識 𝄞", "back\\slash")

#: Statements enough for a product of three of them to outlast any deadline here, and for a result past 1 MiB.
FILLING = 6000

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

#: Runs for hours: a product of the store with itself, counted.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

#: Wants gigabytes: the product, sorted.
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?a ?d"


def make_store(path: Path) -> Path:
    """Write a store with TEXTS as labels in graph a, and one label and the filling in graph b."""
    store = Store(str(path))
    store.extend(
        Quad(NamedNode(f"{EX}text/{n}"), NamedNode(LABEL), Literal(text), NamedNode(GRAPH_A))
        for n, text in enumerate(TEXTS)
    )
    store.add(Quad(NamedNode(f"{EX}b"), NamedNode(LABEL), Literal("in b", language="en"), NamedNode(GRAPH_B)))
    store.bulk_extend(
        Quad(NamedNode(f"{EX}thing/{n}"), NamedNode(f"{EX}number"), Literal(n), NamedNode(GRAPH_B))
        for n in range(FILLING)
    )
    store.flush()
    return path


def make_app() -> Front:
    """Return an application that has the endpoint and nothing else, with the store and the limits that TEST_* name."""
    log.set_up(as_json=False)
    app = Flask("server")
    app.context_processor(lambda: {"static": lambda name: f"/static/{name}", "release_id": "r1"})
    problems.register(app)
    app.register_blueprint(sparql.blueprint())
    app.register_blueprint(running_queries.blueprint)
    iris = Iris()
    timeout_s, result_mb = float(os.environ["TEST_TIMEOUT_S"]), int(os.environ["TEST_RESULT_MB"])
    limits = Limits(timeout_s=timeout_s, memory_mb=64, result_mb=result_mb, workers=3, queue_s=1)
    store = Path(os.environ["TEST_STORE"])
    engine = EmbeddedEngine(store, iris.prefixes() | {"ex": EX}, limits)
    Finalize(None, engine.close, exitpriority=1)
    app.extensions[EXTENSION] = SimpleNamespace(
        release_id="r1",
        iris=iris,
        engine=engine,
        graph_names=(GRAPH_A, GRAPH_B),
        public_url=None,
        hold=Lock(store, shared=True),
    )
    app.extensions[READING] = SimpleNamespace(questions=[])
    return Front(app)


@contextmanager
def running(
    store: Path, port: int, log: Path, *, timeout_s: float, result_mb: int = 4
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the application with Granian; yield the endpoint's address and the process once it answers."""
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "tests.server.endpoint:make_app"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT,
            env={
                **os.environ,
                "TEST_STORE": str(store),
                "TEST_TIMEOUT_S": str(timeout_s),
                "TEST_RESULT_MB": str(result_mb),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}/sparql"
    try:
        until(lambda: _answers(address, server, log))
        yield address, server
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def _answers(address: str, server: subprocess.Popen[bytes], log: Path) -> bool:
    assert server.poll() is None, log.read_text()
    try:
        return requests.get(address, params={"query": "ASK {}"}, timeout=5).ok
    except requests.ConnectionError:
        return False


def until(condition: Callable[[], object], timeout_s: float = 15) -> None:
    """Poll until the condition holds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


class Endpoint(NamedTuple):
    """A running server."""

    address: str
    process: subprocess.Popen[bytes]

    def get(self, query: str | None = None, accept: str = "*/*", **parameters: object) -> requests.Response:
        parameters = parameters if query is None else {"query": query, **parameters}
        return requests.get(self.address, params=parameters, headers={"Accept": accept}, timeout=30)

    def post(self, body: bytes | str, content_type: str | None, address: str = "") -> requests.Response:
        headers = {} if content_type is None else {"Content-Type": content_type}
        data = body.encode() if isinstance(body, str) else body
        return requests.post(self.address + address, data=data, headers=headers, timeout=30)

    def count(self, query: str = COUNT, **parameters: object) -> int:
        response = self.get(query, format="csv", **parameters)
        assert response.status_code == 200, response.text
        return int(response.text.split()[1])


def problem(response: requests.Response, status: int, code: str) -> dict:
    """Check that the response is a problem document that any site may read; return it."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    document = response.json()
    assert (document["status"], document["code"]) == (status, code)
    assert document["detail"]
    return document


def in_background(call: Callable[[], requests.Response]) -> tuple[threading.Thread, list[requests.Response]]:
    responses: list[requests.Response] = []
    thread = threading.Thread(target=lambda: responses.append(call()))
    thread.start()
    return thread, responses


def busy_workers(endpoint: Endpoint) -> set[int]:
    return {worker for worker in workers(endpoint.process.pid) if is_working(worker)}


def descendants(pid: int) -> set[int]:
    """Return the living processes below this one."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            state, parent = _stat(int(entry.name))[:2]
            if state not in "ZX":
                parents[int(entry.name)] = int(parent)
    found: set[int] = set()
    generation = {pid}
    while generation:
        generation = {child for child, parent in parents.items() if parent in generation} - found
        found |= generation
    return found


def workers(pid: int) -> set[int]:
    """Return the worker processes of the engines below this process: what a zygote has forked."""
    below = descendants(pid)
    zygotes = {each for each in below if "server.engine.zygote" in _command(each)}
    return {each for each in zygotes if int(_stat(each)[1]) in zygotes}


def is_working(pid: int) -> bool:
    """Tell whether a query runs in the process: it computes, and for longer than the opening of a store takes."""
    fields = _stat(pid)
    return fields[0] == "R" and int(fields[11]) > 5  # user time in hundredths of a second


def is_stopped(pid: int) -> bool:
    """Tell whether the process waits for a signal to go on."""
    return _stat(pid)[0] == "T"


def is_lowest(pid: int) -> bool:
    """Tell whether the process has the lowest priority."""
    return _stat(pid)[16] == "19"


def is_gone(pid: int) -> bool:
    """Tell whether the process has ended with all its threads, reaped or not."""
    try:
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return True
    return _stat(pid)[0] in "ZX" and threads == 1


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["X", "0", *["0"] * 20]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
