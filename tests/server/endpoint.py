"""A small store, the SPARQL endpoint over it behind a real server, and a look at the processes that belong to one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import requests
from flask import Flask
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.vocab import Iris
from server import problems, sparql
from server.context import EXTENSION
from server.engine.base import Limits
from server.engine.embedded import EmbeddedEngine

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


def make_app() -> Flask:
    """Return an application that has the endpoint and nothing else; TEST_STORE names the store, TEST_TIMEOUT_S the limit."""
    app = Flask("server")
    app.context_processor(lambda: {"static": lambda name: f"/static/{name}", "release_id": "r1"})
    problems.register(app)
    app.register_blueprint(sparql.blueprint())
    iris = Iris()
    limits = Limits(timeout_s=float(os.environ["TEST_TIMEOUT_S"]), memory_mb=64, result_mb=4, workers=2, queue_s=0.2)
    engine = EmbeddedEngine(Path(os.environ["TEST_STORE"]), iris.prefixes() | {"ex": EX}, limits)
    Finalize(None, engine.close, exitpriority=1)
    app.extensions[EXTENSION] = SimpleNamespace(
        release_id="r1", iris=iris, engine=engine, graph_names=(GRAPH_A, GRAPH_B), public_url=None
    )
    return app


@contextmanager
def running(store: Path, port: int, log: Path, *, timeout_s: float) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the application with Granian; yield the endpoint's address and the process once it answers."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "tests.server.endpoint:make_app"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "5"],
            cwd=ROOT,
            env={**os.environ, "TEST_STORE": str(store), "TEST_TIMEOUT_S": str(timeout_s)},
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
