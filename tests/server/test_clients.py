"""The clients that people use, each as its own documentation shows it, against ``opdkg serve`` over the bundled facts."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from urllib.request import urlopen
from xml.dom.minidom import Document

import bibtexparser
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import Dataset, Graph, Literal, Namespace, URIRef, Variable
from rdflib.namespace import DCTERMS, RDF
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
    SPARQLWrapper2,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kg.graph import open_store
from kg.questions import find_question
from kg.vocab import DEFAULT_BASE_IRI, Iris
from tests.npm import NODE_PATH, install
from tests.things import of_every_class

if TYPE_CHECKING:
    from collections.abc import Callable

IRIS = Iris()
ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "tests" / "clients"

OPD = Namespace(f"{DEFAULT_BASE_IRI}ontology#")
PAPER = URIRef(f"{DEFAULT_BASE_IRI}paper/2306.08543")
TITLE = "MiniLLM: On-Policy Distillation of Large Language Models"
PREFIXES = f"PREFIX opd: <{OPD}> PREFIX dcterms: <{DCTERMS}>"
SELECT = f"{PREFIXES} SELECT ?title ?year WHERE {{ <{PAPER}> dcterms:title ?title ; opd:year ?year }}"
ASK = f"{PREFIXES} ASK {{ <{PAPER}> a opd:Paper }}"
CONSTRUCT = f"{PREFIXES} CONSTRUCT {{ <{PAPER}> dcterms:title ?t }} WHERE {{ <{PAPER}> dcterms:title ?t }}"

#: How SPARQLWrapper sends a query, and whether it says in the Accept header alone what it wants.
WAYS = [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)]
#: Clients use what rdflib will drop one day.
deprecated = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore::DeprecationWarning:SPARQLWrapper")
each_way = pytest.mark.parametrize("way", WAYS, ids=["get", "post", "post directly"])
accept_only = pytest.mark.parametrize("accept_only", [True, False], ids=["accept", "format"])


@pytest.fixture(scope="module")
def endpoint(address: str) -> str:
    return f"{address}/sparql"


def wrapper(endpoint: str, query: str, format_: str, way: tuple[str, str], *, accept_only: bool) -> SPARQLWrapper:
    client = SPARQLWrapper(endpoint)
    client.setQuery(query)
    client.setReturnFormat(format_)
    client.setMethod(way[0])
    client.setRequestMethod(way[1])
    client.setOnlyConneg(accept_only)
    return client


def texts(document: object, tag: str) -> list[str]:
    assert isinstance(document, Document)
    return [element.firstChild.data for element in document.getElementsByTagName(tag)]


#: What each format of a SELECT is once SPARQLWrapper has read it: the title and the year in it.
TABLES: dict[str, Callable[..., list[str]]] = {
    JSON: lambda found: [found["results"]["bindings"][0][name]["value"] for name in ("title", "year")],
    XML: lambda found: texts(found, "literal"),
    CSV: lambda found: list(csv.reader(StringIO(found.decode())))[1],
    TSV: lambda found: [cell.strip('"') for cell in found.decode().splitlines()[1].split("\t")],
}


@each_way
@accept_only
@pytest.mark.parametrize("format_", TABLES)
def test_sparqlwrapper_selects(
    endpoint: str,
    format_: str,
    way: tuple[str, str],
    accept_only: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    found = wrapper(endpoint, SELECT, format_, way, accept_only=accept_only).queryAndConvert()
    assert TABLES[format_](found) == [TITLE, "2023"]


@each_way
@pytest.mark.parametrize("format_", [JSON, XML])
def test_sparqlwrapper_asks(endpoint: str, format_: str, way: tuple[str, str]) -> None:
    found = wrapper(endpoint, ASK, format_, way, accept_only=False).queryAndConvert()
    assert (found["boolean"] if format_ == JSON else texts(found, "boolean") == ["true"]) is True


@deprecated
@each_way
@accept_only
@pytest.mark.parametrize("format_", [XML, RDFXML, TURTLE, N3, JSONLD])
def test_sparqlwrapper_constructs(
    endpoint: str,
    format_: str,
    way: tuple[str, str],
    accept_only: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    found = wrapper(endpoint, CONSTRUCT, format_, way, accept_only=accept_only).queryAndConvert()
    graph = found if isinstance(found, Graph) else Graph().parse(data=found, format="turtle")
    assert {tuple(triple) for triple in graph} == {(PAPER, DCTERMS.title, Literal(TITLE))}


@deprecated
def test_sparqlwrapper_describes(endpoint: str) -> None:
    client = wrapper(endpoint, f"DESCRIBE <{PAPER}>", XML, (GET, URLENCODED), accept_only=False)
    graph = client.queryAndConvert()
    assert (PAPER, DCTERMS.title, Literal(TITLE)) in graph
    assert (None, RDF.type, OPD.Classification) in graph


def test_sparqlwrapper_reads_bindings(endpoint: str) -> None:
    client = SPARQLWrapper2(endpoint)
    client.setQuery(SELECT)
    (row,) = client.query().bindings
    assert (row["title"].value, row["year"].datatype) == (TITLE, "http://www.w3.org/2001/XMLSchema#integer")


def test_sparqlwrapper_is_told_what_is_wrong(endpoint: str) -> None:
    client = wrapper(endpoint, "SELECT ?x WHERE { ?x", JSON, (GET, URLENCODED), accept_only=False)
    with pytest.raises(QueryBadFormed, match="line 1, column"):
        client.query()


def test_sparqlwrapper_names_a_dataset(endpoint: str) -> None:
    client = wrapper(endpoint, ASK, JSON, (GET, URLENCODED), accept_only=False)
    client.addDefaultGraph(f"{DEFAULT_BASE_IRI}graph/taxonomy")
    assert client.queryAndConvert()["boolean"] is False


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("format_", ["xml", "json", "csv", "tsv"])
def test_rdflibs_store_selects(endpoint: str, method: str, format_: str) -> None:
    graph = Graph(SPARQLStore(endpoint, method=method, returnFormat=format_))
    (row,) = graph.query(SELECT)
    assert str(row[0]) == TITLE


def as_graph(endpoint: str) -> Graph:
    return Graph(SPARQLStore(endpoint))


def as_dataset(endpoint: str) -> Graph:
    """Without ``default_union``, rdflib asks for a default graph of its own making, and no endpoint has that."""
    return Dataset(SPARQLStore(endpoint), default_union=True)


@deprecated
@pytest.mark.parametrize("opened", [as_graph, as_dataset])
def test_rdflibs_store_binds_variables(endpoint: str, opened: Callable[[str], Graph]) -> None:
    graph = opened(endpoint)
    query = f"{PREFIXES} SELECT ?paper ?title WHERE {{ ?paper a opd:Paper ; dcterms:title ?title }}"
    (row,) = graph.query(query, initBindings={"paper": PAPER})
    assert row.asdict() == {"paper": PAPER, "title": Literal(TITLE)}
    assert graph.query(query).bindings[0].keys() == {Variable("paper"), Variable("title")}


def test_rdflibs_store_constructs_and_asks(endpoint: str) -> None:
    graph = Graph(SPARQLStore(endpoint))
    assert set(graph.query(CONSTRUCT)) == {(PAPER, DCTERMS.title, Literal(TITLE))}
    assert graph.query(ASK).askAnswer is True


def test_rdflibs_store_is_a_graph_to_walk_through(endpoint: str, home: Path) -> None:
    graph = Graph(SPARQLStore(endpoint))
    assert graph.value(PAPER, DCTERMS.title) == Literal(TITLE)
    assert (PAPER, RDF.type, OPD.Paper) in graph
    papers = open_store(home).quads_for_pattern(None, NamedNode(RDF.type), NamedNode(OPD.Paper), None)
    assert {str(paper) for paper in graph.subjects(RDF.type, OPD.Paper)} == {quad.subject.value for quad in papers}


@pytest.mark.parametrize("name", ["papers", "taxonomy"])
def test_rdflibs_store_asks_one_graph_of_the_dataset(endpoint: str, home: Path, name: str) -> None:
    iri = f"{DEFAULT_BASE_IRI}graph/{name}"
    graph = Graph(SPARQLStore(endpoint), identifier=URIRef(iri))
    assert len(graph) == sum(1 for _ in open_store(home).quads_for_pattern(None, None, None, NamedNode(iri)))
    assert bool(graph.query(ASK).askAnswer) is (name == "papers")


def test_what_reads_csv_from_an_address_reads_a_table(endpoint: str) -> None:
    """As ``pandas.read_csv(address)`` does: a GET that says nothing of what it accepts, and a header with the names."""
    address = f"{endpoint}?{urlencode({'query': SELECT, 'format': 'csv'})}"
    with urlopen(address, timeout=30) as response:  # noqa: S310 (the server of this test)
        assert response.headers.get_content_charset() == "utf-8"
        rows = list(csv.DictReader(StringIO(response.read().decode(), newline="")))
    assert rows == [{"title": TITLE, "year": "2023"}]


def readme_curls() -> list[str]:
    return re.findall(r"^curl .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def curl(address: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run the one curl command of the README that asks for this path, with the address at which the server is."""
    if shutil.which("curl") is None:
        pytest.skip("the README's commands are run with curl, and none is installed")

    folder = tmp_path_factory.mktemp("curl")  # where a file is written that a command asks for
    (folder / "queries").symlink_to(ROOT / "queries")

    def run(path: str, parameter: str = "") -> str:
        (line,) = [line for line in readme_curls() if re.search(rf"8000{path}\b", line) and parameter in line]
        command = shlex.split(line.partition(" # ")[0].replace("http://127.0.0.1:8000", address))
        done = subprocess.run(
            [*command, "--fail", "--no-progress-meter"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        written = folder / path.rpartition("/")[2]
        return done.stdout or written.read_text(encoding="utf-8")

    return run


def test_the_readmes_curl_asks_a_question(curl: Callable[..., str], home: Path) -> None:
    question = find_question("same-family-pairs")
    assert question
    expected = [
        [term.value for term in solution]
        for solution in open_store(home).query(question.text, use_default_graph_as_union=True)
    ]
    header, *rows = csv.reader(StringIO(curl("/sparql")))
    assert (header, rows) == (["family", "papers"], expected)


def test_the_readmes_curl_gets_a_paper(curl: Callable[..., str]) -> None:
    graph = Graph().parse(data=curl("/paper"), format="turtle")
    assert graph.value(PAPER, DCTERMS.title) == Literal(TITLE)


def test_the_readmes_curl_gets_a_bibliography(curl: Callable[..., str]) -> None:
    library = bibtexparser.parse_string(curl("/papers", "format=bib"))
    assert not library.failed_blocks
    assert TITLE in {entry["title"].replace("{", "").replace("}", "") for entry in library.entries}


def test_the_readmes_curl_resolves_a_batch(curl: Callable[..., str]) -> None:
    results = json.loads(curl("/resolve"))["results"]
    assert [result["iri"] for result in results] == [
        f"{DEFAULT_BASE_IRI}paper/{n}" for n in ("2306.13649", "2306.08543")
    ]


def test_the_readmes_curl_gets_a_spreadsheet(curl: Callable[..., str]) -> None:
    rows = list(csv.DictReader(StringIO(curl("/dumps/latest/papers.csv"), newline="")))
    assert TITLE in {row["title"] for row in rows}


def test_the_readmes_curl_gets_a_query(curl: Callable[..., str], home: Path) -> None:
    found = open_store(home).query(curl("/papers", "format=rq"), use_default_graph_as_union=True)
    papers = {solution["paper"].value.rpartition("/")[2] for solution in found}
    library = bibtexparser.parse_string(curl("/papers", "format=bib"))
    assert papers == {entry["eprint"] for entry in library.entries}


def test_the_readmes_curl_gets_a_comparison(curl: Callable[..., str]) -> None:
    table = curl("/compare")
    assert table.count(r"\cite{") == 2
    assert r"\toprule" in table


def test_the_readme_has_no_other_curl() -> None:
    others = [line for line in readme_curls() if "/queries/running" not in line]  # which is for an operator
    assert len(others) == 7


@pytest.fixture(scope="module")
def from_npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the locked packages: 85 MB, in 12 to 30 s, so in CI only."""
    if not os.environ.get("CI"):
        pytest.skip("Comunica and jsonld.js are installed (85 MB from npm) only where the variable CI is set")
    return install(CLIENTS, tmp_path_factory.mktemp("npm") / "clients")


@pytest.fixture(scope="module")
def comunica(from_npm: Path) -> Path:
    return from_npm / "node_modules" / ".bin" / "comunica-sparql"


@pytest.mark.parametrize("source", ["sparql@{}", "{}"], ids=["as an endpoint", "found out by the service description"])
def test_comunica_selects(comunica: Path, endpoint: str, source: str) -> None:
    done = subprocess.run(
        [comunica, source.format(endpoint), SELECT, "-t", "application/sparql-results+json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["results"]["bindings"]
    assert (row["title"]["value"], row["year"]["value"]) == (TITLE, "2023")


def test_jsonld_js_reads_what_the_documents_say(from_npm: Path, address: str, home: Path) -> None:
    store = open_store(home)
    things = of_every_class(store)
    paths = [
        iri.value.removeprefix(DEFAULT_BASE_IRI) for iri in things if iri != IRIS.endpoint and "#" not in iri.value
    ]
    addresses = [f"{address}/papers?loss=reverse-kl&format=jsonld", *(f"{address}/{path}.jsonld" for path in paths)]
    documents = [json.loads(read(each)) for each in addresses]
    node = shutil.which("node", path=NODE_PATH)
    assert node
    done = subprocess.run(
        [node, "to_rdf.js"], cwd=from_npm, input=json.dumps(documents), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for each, found in zip(addresses, json.loads(done.stdout), strict=True):
        other = read(each.removesuffix("jsonld") + "nt")
        assert set(parse(found, RdfFormat.N_QUADS)) == set(parse(other, RdfFormat.N_TRIPLES)), each


def read(address: str) -> bytes:
    with urlopen(address, timeout=60) as response:  # noqa: S310 (the server of this test)
        return bytes(response.read())
