"""The query part of W3C's SPARQL 1.1 test suite, over HTTP, against one release that holds all of its data.

``W3C_SPARQL11`` may name the folder ``sparql/sparql11`` of a checkout of W3C's rdf-tests, to be run instead of suite/.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from kg.media import JSON, TURTLE
from tests.server.endpoint import problem
from tests.serving import ROOT, serving
from tests.w3c.manifests import BASE, EVALUATION, NEGATIVE, POSITIVE, Case, path_of, read_manifest
from tests.w3c.results import FORMATS, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Dataset = Sequence[tuple[str, str]]

SUITE = Path(os.environ.get("W3C_SPARQL11") or Path(__file__).parent / "suite")

#: Folders whose queries want more than the graph says, or than this endpoint asks.
NO_REGIME, FEDERATED = "entailment", {"service", "syntax-fed"}

CASES = [
    case
    for manifest in sorted(SUITE.glob("*/manifest.ttl"))
    if manifest.parent.name != NO_REGIME
    for case in read_manifest(manifest)
]
QUERIES = [case for case in CASES if case.folder not in FEDERATED and not case.is_update]

#: What the endpoint answers otherwise, and must as long as it is listed here.
DEVIATIONS = {
    "aggregates/agg-empty-group": "the suite expects a solution where there is no group; its later versions do not",
    "csv-tsv-res/csv03": "Oxigraph keeps the value of a double and not its spelling",
    "csv-tsv-res/tsv03": "Oxigraph keeps every integer as an xsd:integer, and the value of a double and not its spelling",
    "functions/bnode01": "Oxigraph's BNODE gives one blank node for a string in all solutions, and not one for each",
    "functions/strdt03": "written for RDF 1.0, where a literal of type xsd:string was no simple literal",
    "functions/strlang03": "written for RDF 1.0, where a literal of type xsd:string was no simple literal",
    "syntax-query/test_4": "Oxigraph refuses a query with a function that it does not know, whether it is called or not",
}

#: Compared with expected numbers by value, for Oxigraph keeps the value of a decimal or a double and not its spelling.
BY_VALUE = {
    *(f"aggregates/agg-{name}" for name in ("avg-02", "err-02", "max-01", "max-02", "min-01", "min-02", "sum-02")),
    *(f"functions/{name}" for name in ("coalesce01", "plus-1", "plus-2")),
}

#: Queries that order strings among numbers, for which SPARQL defines no order.
UNORDERED = {"functions/plus-1", "functions/plus-2"}

#: No file of the suite, so a graph without statements.
EMPTY = f"{BASE}empty"


def cases(chosen: Iterable[Case]) -> pytest.MarkDecorator:
    """Run a test for each of the cases; where the endpoint deviates, it must fail."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=_marks(case)) for case in chosen])


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(raises=AssertionError, reason=DEVIATIONS[case.id])] if case.id in DEVIATIONS else []


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``/sparql`` over a release with every data file of the suite as a graph named by the file's IRI."""
    folder = tmp_path_factory.mktemp("w3c")
    command = [sys.executable, "-m", "kg", "build", "--source", "tests/fixtures/sources/catalogue-2026-06-01.json"]
    for name in sorted({case.folder for case in CASES}):
        graphs = {graph for case in CASES if case.folder == name for graph in (*case.data, *case.graphs)}
        file = folder / f"{name}.nq"
        file.write_bytes(b"".join(map(quads_of, sorted(graphs))))
        command += ["--with", str(file)]
    home = folder / "home"
    subprocess.run(command, cwd=ROOT, env={**os.environ, "OPDKG_HOME": str(home)}, check=True)
    with serving(home, folder / "serve.log") as address:
        yield f"{address}/sparql"


def quads_of(graph: str) -> bytes:
    file = path_of(graph, SUITE)
    statements = parse(
        file.read_bytes(), RdfFormat.from_extension(file.suffix[1:]), base_iri=graph, rename_blank_nodes=True
    )
    named = (Quad(each.subject, each.predicate, each.object, NamedNode(graph)) for each in statements)
    return serialize(named, format=RdfFormat.N_QUADS)


def text_of(case: Case) -> str:
    return path_of(case.query, SUITE).read_text(encoding="utf-8")


def ask(endpoint: str, query: str, accept: str, dataset: Dataset = ()) -> requests.Response:
    parameters = [("query", query), *dataset]
    return requests.post(endpoint, data=parameters, headers={"Accept": accept}, timeout=30)


def dataset_of(case: Case, text: str) -> Dataset:
    """Return the protocol's dataset of a test; none where the query names its own, which the protocol's would override."""
    if re.search(r"\bFROM\b", text):
        return []
    default = [("default-graph-uri", graph) for graph in case.data or [EMPTY]]
    return default + [("named-graph-uri", graph) for graph in case.graphs]


@cases(case for case in QUERIES if case.kind in EVALUATION)
def test_evaluation(endpoint: str, case: Case) -> None:
    text, expected = text_of(case), path_of(case.result, SUITE)
    form = FORMATS[expected.suffix]
    # relative IRIs are relative to the address that a query was read from, which no server can know
    response = ask(endpoint, f"BASE <{case.query}>\n{text}", form.media_type, dataset_of(case, text))
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].partition(";")[0] == form.media_type
    how = {
        "ordered": bool(re.search(r"ORDER\s+BY[^}]*$", text, re.IGNORECASE)) and case.id not in UNORDERED,
        "by_value": case.id in BY_VALUE,
    }
    assert read(response.content, form, case.result, **how) == read(expected.read_bytes(), form, case.result, **how)


@cases(case for case in QUERIES if case.kind in POSITIVE)
def test_what_is_sparql_is_answered(endpoint: str, case: Case) -> None:
    accept = f"{JSON.media_type}, {TURTLE.media_type}"
    response = ask(endpoint, text_of(case), accept, [("default-graph-uri", EMPTY)])
    assert response.status_code == 200, response.text


@cases(case for case in QUERIES if case.kind in NEGATIVE)
def test_what_is_no_sparql_is_refused(endpoint: str, case: Case) -> None:
    problem(ask(endpoint, text_of(case), "*/*"), 400, "query-syntax")


@cases(case for case in CASES if case.folder in FEDERATED)
def test_what_asks_another_endpoint_is_refused(endpoint: str, case: Case) -> None:
    problem(ask(endpoint, text_of(case), "*/*"), 400, "federation-refused")


@cases(case for case in CASES if case.is_update)
def test_what_is_an_update_is_refused(endpoint: str, case: Case) -> None:
    response = ask(endpoint, text_of(case), "*/*")
    first = re.search(r"\b(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)\b", text_of(case), re.IGNORECASE)
    if first is None:  # an update without an operation is no query
        problem(response, 400, "query-syntax")
    elif first[0] == "LOAD":
        problem(response, 400, "federation-refused")
    else:
        problem(response, 403, "update-refused")
