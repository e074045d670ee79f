"""The whole site over native Oxigraph, which holds the release's dump and things of somebody else's."""

from __future__ import annotations

import csv
import gzip
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, parse

from kg.media import RDF_FORMATS, RESULT_FORMATS
from kg.questions import load_questions
from kg.release import Home
from kg.vocab import Iris
from tests.server.conftest import opened
from tests.server.endpoint import until
from tests.server.impostor import impostor
from tests.serving import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Site

IRIS = Iris()
PAPER = f"{IRIS.base}paper/2306.13649"
FOREIGN = f"""
<{PAPER}> <http://purl.org/dc/terms/title> "FOREIGN" <http://example.org/foreign> .
<{PAPER}> <http://purl.org/dc/terms/title> "FOREIGN" .
"""
ORDERED = "SELECT ?paper ?title { ?paper a opd:Paper ; dcterms:title ?title } ORDER BY ?paper ?title LIMIT 50"


@pytest.fixture(scope="module")
def dump(home: Path) -> list[str]:
    """The lines of the release's dump."""
    return gzip.decompress((Home(home).current().dumps / "opd.nq.gz").read_bytes()).decode().splitlines()


@contextmanager
def native(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [oxigraph(), "serve-read-only", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"]
    with (folder / "log").open("w+b") as log:
        server = subprocess.Popen(command, stderr=log)
        try:
            until(lambda: b"Listening" in (folder / "log").read_bytes())
            yield server
        finally:
            server.terminate()
            server.wait(timeout=20)


def oxigraph() -> str:
    found = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    assert found
    return found


@pytest.fixture(scope="module")
def far(home: Path, dump: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application with native Oxigraph for its engine."""
    folder = tmp_path_factory.mktemp("native")
    (folder / "all.nq").write_text("\n".join(dump) + FOREIGN)
    load = [oxigraph(), "load", "--location", str(folder / "store"), "--file", str(folder / "all.nq")]
    subprocess.run(load, check=True, capture_output=True)
    with impostor() as probe:
        port = probe.server_address[1]
    with native(folder, port):
        yield from opened(home, engine=f"sparql+http://127.0.0.1:{port}/query")


def ask(site: Site, query: str, format_: str = "csv", **parameters: str) -> bytes:
    response = site.client.get("/sparql", query_string={"query": query, "format": format_, **parameters})
    assert response.status_code == 200, response.text
    return response.data


def test_every_graph_of_the_release_is_there_and_no_other(far: Site, dump: list[str]) -> None:
    lines = Counter(line.rpartition(" <")[2].removesuffix("> .") for line in dump)
    query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    rows = csv.DictReader(StringIO(ask(far, query).decode()))
    assert {row["g"]: int(row["n"]) for row in rows} == lines
    distinct = len({line.rpartition(" <")[0] for line in dump})
    assert ask(far, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == f"n\r\n{distinct}\r\n".encode()
    papers = ask(far, "SELECT (COUNT(*) AS ?n) FROM <graph/papers> { ?s ?p ?o }")
    assert papers == f"n\r\n{lines[f'{IRIS.base}graph/papers']}\r\n".encode()


@pytest.mark.parametrize(
    ("clause", "pattern", "parameters"),
    [
        ("", "{ ?s ?p 'FOREIGN' }", {}),
        ("", "{ GRAPH ?g { ?s ?p 'FOREIGN' } }", {}),
        ("", "{ GRAPH <http://example.org/foreign> { ?s ?p 'FOREIGN' } }", {}),
        ("FROM <http://example.org/foreign>", "{ ?s ?p 'FOREIGN' }", {}),
        ("FROM NAMED <http://example.org/foreign>", "{ GRAPH ?g { ?s ?p 'FOREIGN' } }", {}),
        ("FROM NAMED <http://example.org/foreign>", "{ ?s ?p ?o }", {}),
        ("", "{ ?s ?p 'FOREIGN' }", {"default-graph-uri": "http://example.org/foreign"}),
        ("", "{ GRAPH ?g { ?s ?p 'FOREIGN' } }", {"named-graph-uri": "http://example.org/foreign"}),
    ],
)
def test_what_else_the_server_holds_is_not_to_be_had(
    far: Site, clause: str, pattern: str, parameters: dict[str, str]
) -> None:
    assert ask(far, f"ASK {clause} {pattern}", **parameters) == b"false"


@pytest.mark.parametrize("name", [question.name for question in load_questions()])
def test_the_questions_have_their_answers(far: Site, name: str) -> None:
    question = next(each for each in load_questions() if each.name == name)
    expected = far.store.query(question.text, use_default_graph_as_union=True).serialize(format=QueryResultsFormat.CSV)
    assert ask(far, question.text) == expected
    assert expected
    rows = min(expected.count(b"\r\n") - 1, 200)
    assert far.page(f"/queries/{name}").count("<tr") == rows + 1


@pytest.mark.parametrize("name", [each.name for each in (*RESULT_FORMATS, *RDF_FORMATS)])
def test_every_format_is_there(far: Site, site: Site, name: str) -> None:
    if name in {each.name for each in RESULT_FORMATS}:
        assert ask(far, ORDERED, name) == ask(site, ORDERED, name)
        assert ask(far, "ASK {}", name) == ask(site, "ASK {}", name)
    else:
        query = f"CONSTRUCT WHERE {{ <{PAPER}> ?p ?o }}"
        form = next(each.oxigraph for each in RDF_FORMATS if each.name == name)
        triples = {quad.triple for quad in parse(ask(far, query, name), form)}
        expected = {quad.triple for quad in far.store.quads_for_pattern(NamedNode(PAPER), None, None)}
        assert triples == expected


@pytest.mark.parametrize(
    "query",
    [
        f"DESCRIBE <{PAPER}>",
        "DESCRIBE paper:2306.13649 ?a { paper:2306.08543 opd:lossClass ?a }",
        "DESCRIBE * { ?paper opd:lossClass <concept/objective/reverse-kl> } ORDER BY ?paper LIMIT 3",
        f"DESCRIBE <{PAPER}> FROM <graph/papers>",
        "DESCRIBE <paper/none>",
    ],
)
def test_things_are_described_as_by_the_embedded_engine(far: Site, site: Site, query: str) -> None:
    described = [{quad.triple for quad in parse(ask(each, query, "nt"), RdfFormat.N_TRIPLES)} for each in (far, site)]
    assert described[0] == described[1]
    assert (described[0] == set()) is query.endswith("none>")


def test_a_large_query_is_answered(far: Site, dump: list[str]) -> None:
    values = " ".join(f"<http://example.org/{n}>" for n in range(10_000))
    query = f"SELECT (COUNT(*) AS ?n) {{ VALUES ?value {{ {values} }} ?s ?p ?o }} # {'x' * (1 << 20)}"
    graph = f"{IRIS.base}graph/links"
    response = far.client.post("/sparql", data={"query": query, "format": "csv", "default-graph-uri": graph})
    links = sum(line.endswith(f" <{graph}> .") for line in dump)
    assert response.text == f"n\r\n{links * 10_000}\r\n"


def test_the_service_is_described_the_same_and_ready(far: Site, site: Site) -> None:
    assert far.get("/sparql", "text/turtle").data == site.get("/sparql", "text/turtle").data
    assert far.get("/readyz").json["checks"] == {"store": True, "engine": True}


def test_without_the_server_there_are_pages_but_no_answers(home: Path) -> None:
    with ExitStack() as ending:
        with impostor() as server:
            site = ending.enter_context(contextmanager(opened)(home, engine=f"sparql+http://{server.host}/"))
        response = site.get("/sparql?query=ASK+%7B%7D", "application/json")
        assert (response.status_code, response.json["code"]) == (503, "remote-unreachable")
        assert server.host not in response.text
        assert site.get("/readyz").json["checks"] == {"store": True, "engine": False}
        assert "Self-Generated Mistakes" in site.page("/paper/2306.13649")


def test_serve_does_not_start_without_the_server(home: Path, free_port: int) -> None:
    environment = {"OPDKG_HOME": str(home), "OPDKG_ENGINE": f"sparql+http://127.0.0.1:{free_port}/query"}
    command = [sys.executable, "-m", "kg", "serve", "--port", "0"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"opdkg: engine: http://127.0.0.1:{free_port}/query: ")
    assert done.stderr.count("\n") == 1
