"""A release: whole, checked, the same for the same sources, and never in the way of the one before it."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse
from rdflib import Dataset, Graph

from kg import build as build_module
from kg.build import CheckError, build
from kg.graph import open_graph, open_store
from kg.inputs import Inputs
from kg.release import Home, Release
from kg.vocab import DCAT, DEFAULT_BASE_IRI, GRAPHS, Iris
from tests.kg.sample import sources

FILES = ["dumps", "manifest.json", "report.json", "search", "store"]
DUMP_FILES = {
    *(f"opd.{name}.gz" for name in ("nt", "nq", "ttl", "trig", "jsonld", "rdf")),
    *(f"opd-rdf12.{name}.gz" for name in ("ttl", "nq")),
    *("opd-trees.jsonld.gz", "opd-trees.jsonl.gz"),
    *(f"papers.{name}.gz" for name in ("csv", "bib", "ris", "csl.json")),
    *("links.nt.gz", "mappings.nt.gz", "mappings.sssom.tsv.gz"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    found = Home(tmp_path_factory.mktemp("home"))
    build(found, sources())
    return found


@pytest.fixture(scope="module")
def release(home: Home) -> Release:
    return home.current()


@pytest.fixture(scope="module")
def quads(release: Release) -> list[Quad]:
    return list(Store.read_only(str(release.store)))


def dump(release: Release, name: str) -> bytes:
    return gzip.decompress((release.dumps / f"opd.{name}.gz").read_bytes())


def test_a_release_has_just_the_files_of_its_layout(release: Release) -> None:
    assert sorted(path.name for path in release.path.iterdir()) == FILES
    assert {path.name for path in release.dumps.iterdir()} == DUMP_FILES | {"SHA256SUMS"}


def test_the_same_sources_give_the_same_id_and_the_same_bytes(release: Release, tmp_path: Path) -> None:
    inputs = sources()
    inputs.sources.reverse()
    again = build(Home(tmp_path), inputs).release
    assert again.id == release.id
    for file in release.dumps.iterdir():
        assert (again.dumps / file.name).read_bytes() == file.read_bytes()


def test_a_dump_names_neither_time_nor_system(release: Release) -> None:
    """RFC 1952, 2.3: no flags, time 0; the byte for the operating system is 255, unknown."""
    for file in release.dumps.glob("*.gz"):
        header = file.read_bytes()[:10]
        assert (header[3], header[4:8], header[9]) == (0, bytes(4), 255), file.name


def test_building_what_is_there_already_writes_nothing(home: Home, release: Release) -> None:
    before = {path: path.stat().st_mtime_ns for path in release.path.rglob("*")}
    result = build(home, sources())
    assert (result.fresh, result.release) == (False, release)
    assert {path: path.stat().st_mtime_ns for path in release.path.rglob("*")} == before


def test_another_title_gives_another_id(release: Release, tmp_path: Path) -> None:
    inputs = sources()
    catalogue = inputs.sources[0]
    entry = replace(catalogue.entries[0], titles=("Another title",))
    inputs.sources[0] = replace(catalogue, entries=(entry,))
    assert build(Home(tmp_path), inputs).release.id != release.id


def as_rdflib_reads(data: bytes, parser: str) -> Dataset:
    found = Dataset()
    found.parse(data=data, format=parser)
    return found


def said(graph: Graph) -> set[Triple]:
    """Return rdflib's triples as Oxigraph's: without blank nodes, equal sets are isomorphic graphs."""
    return {quad.triple for quad in parse(graph.serialize(format="nt"), RdfFormat.N_TRIPLES)}


@pytest.mark.parametrize(("name", "parser"), [("nt", "nt"), ("ttl", "turtle"), ("rdf", "xml")])
def test_a_triple_dump_holds_the_union_of_the_graphs(
    release: Release, quads: list[Quad], name: str, parser: str
) -> None:
    assert said(Graph().parse(data=dump(release, name), format=parser)) == {quad.triple for quad in quads}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its own parsers use what it deprecates
@pytest.mark.parametrize(("name", "parser"), [("nq", "nquads"), ("trig", "trig"), ("jsonld", "json-ld")])
def test_a_quad_dump_holds_every_graph(release: Release, quads: list[Quad], name: str, parser: str) -> None:
    found = as_rdflib_reads(dump(release, name), parser)
    for graph in GRAPHS:
        iri = f"{DEFAULT_BASE_IRI}graph/{graph}"
        expected = {quad.triple for quad in quads if quad.graph_name == NamedNode(iri)}
        assert said(found.graph(iri)) == expected, graph
    assert len(set(found.quads())) == len(quads)


def test_the_checksums_are_those_of_the_files(release: Release) -> None:
    listed = dict(reversed(line.split("  ")) for line in (release.dumps / "SHA256SUMS").read_text().splitlines())
    actual = {name: hashlib.sha256((release.dumps / name).read_bytes()).hexdigest() for name in DUMP_FILES}
    assert listed == actual
    assert {name: facts["sha256"] for name, facts in release.manifest()["dumps"].items()} == actual


def test_there_is_no_blank_node(quads: list[Quad]) -> None:
    assert not [quad for quad in quads for term in (quad.subject, quad.object) if isinstance(term, BlankNode)]


def test_whatever_the_graph_names_it_describes(quads: list[Quad]) -> None:
    """No IRI under the base is left hanging, so that each can answer."""
    described = {quad.subject.value.partition("#")[0] for quad in quads}
    named = {term.value for quad in quads for term in (quad.object, quad.graph_name) if isinstance(term, NamedNode)}
    ours = {iri.partition("#")[0] for iri in named if iri.startswith(DEFAULT_BASE_IRI)}
    (id_,) = {quad.object.value for quad in quads if quad.predicate == DCAT.version}
    services = {f"{DEFAULT_BASE_IRI}dumps/{id_}/{file}" for file in ("", *DUMP_FILES)}
    versions = {f"{DEFAULT_BASE_IRI}ontology/1.0.0", DEFAULT_BASE_IRI}
    assert ours - described - services - versions == set()


def test_void_counts_what_a_query_counts(release: Release, quads: list[Quad]) -> None:
    store = Store()
    store.extend(quads)
    void = "PREFIX void: <http://rdfs.org/ns/void#> "

    def numbers(query: str) -> dict[str, int]:
        found = store.query(void + query, use_default_graph_as_union=True)
        return {solution[0].value: int(solution[1].value) for solution in found}

    release_iri = f"<{DEFAULT_BASE_IRI}release/{release.id}>"
    stated = numbers("SELECT ?c ?n { ?p void:class ?c ; void:entities ?n }")
    assert stated == numbers("SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c")
    stated = numbers(f"SELECT ?p ?n {{ {release_iri} void:propertyPartition [ void:property ?p ; void:triples ?n ] }}")
    assert stated == numbers("SELECT ?p (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } } GROUP BY ?p")
    nested = "?whole void:class ?c ; void:propertyPartition [ void:property ?p ; void:triples ?n ]"
    use = 'BIND(CONCAT(STR(?c), " ", STR(?p)) AS ?use)'
    stated = numbers(f"SELECT ?use ?n {{ {nested} {use} }}")
    each = f"SELECT DISTINCT ?s ?c ?p ?o ?use {{ ?s a ?c ; ?p ?o {use} }}"
    assert stated == numbers(f"SELECT ?use (COUNT(*) AS ?n) {{ {each} }} GROUP BY ?use")
    own = f'FILTER(STRSTARTS(STR(?s), "{DEFAULT_BASE_IRI}"))'
    page = 'BIND(STRBEFORE(CONCAT(STR(?s), "#"), "#") AS ?page)'
    for term, counted in (
        ("triples", "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }"),
        ("distinctSubjects", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"),
        ("distinctObjects", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }"),
        ("properties", "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }"),
        ("classes", "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }"),
        ("entities", f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s ?p ?o {own} }}"),
        ("documents", f"SELECT (COUNT(DISTINCT ?page) AS ?n) {{ ?s ?p ?o {own} {page} }}"),
    ):
        ask = f"ASK {{ {release_iri} void:{term} ?said {{ {counted} }} FILTER(?said = ?n) }}"
        assert store.query(void + ask, use_default_graph_as_union=True), term


def test_void_counts_each_linkset_and_misses_no_link(quads: list[Quad]) -> None:
    store = Store()
    store.extend(quads)
    void = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "

    def numbers(query: str) -> dict[str, int]:
        found = store.query(void + query, use_default_graph_as_union=True)
        return {solution[0].value: int(solution[1].value) for solution in found}

    stated = numbers("SELECT ?p ?n { ?set a void:Linkset ; void:linkPredicate ?p ; void:triples ?n }")
    links = f"{{ GRAPH <{DEFAULT_BASE_IRI}graph/links> {{ ?s ?p ?o }} }}"
    mapped = "{ ?s ?p ?o VALUES ?p { skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch } }"
    assert stated == numbers(f"SELECT ?p (COUNT(*) AS ?n) {{ {links} UNION {mapped} }} GROUP BY ?p")
    ends = (
        "SELECT (COUNT(DISTINCT ?set) AS ?n) { ?set a void:Linkset ; void:subjectsTarget ?a ; void:objectsTarget ?b }"
    )
    whole = f"{ends[:-1]} . ?a a void:Dataset . ?b a void:Dataset . ?set void:dataDump ?file . ?all void:subset ?set }}"
    (counted,) = store.query(void + whole, use_default_graph_as_union=True)
    assert int(counted[0].value) == len(stated) == 5


def test_what_violates_a_shape_is_not_published(home: Home, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    faithful = build_module.quads

    def without_titles(*args: object) -> list[Quad]:
        title = NamedNode("http://purl.org/dc/terms/title")
        return [quad for quad in faithful(*args) if quad.predicate != title]

    monkeypatch.setattr(build_module, "quads", without_titles)
    with pytest.raises(CheckError, match="nothing was published") as caught:
        build(home, sources())
    assert {violation["rule"] for violation in caught.value.report["violations"]} == {"Paper-title"}
    places = {violation["focus"]: set(violation["places"]) for violation in caught.value.report["violations"]}
    assert places == {
        f"{DEFAULT_BASE_IRI}paper/2306.08543": {
            "catalog-2026-10-06.json",
            "README-2026-05-23.md:10",
            "loss-2026-06-03.md:80",
        },
        f"{DEFAULT_BASE_IRI}paper/2601.00002": {"README-2026-05-23.md:11", "curation.yaml:5"},
    }
    assert "README-2026-05-23.md:1" in str(caught.value)
    assert home.current() == release
    assert [folder.name for folder in home.releases.iterdir()] == [release.id]


def test_a_reader_may_add_a_graph_that_no_shape_judges(tmp_path: Path) -> None:
    own = Quad(
        NamedNode("https://example.org/x"),
        NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        NamedNode(f"{DEFAULT_BASE_IRI}ontology#Paper"),
        NamedNode(f"{DEFAULT_BASE_IRI}graph/local/notes.ttl"),
    )
    release = build(Home(tmp_path), sources(), local=[own]).release
    assert own in Store.read_only(str(release.store))


def test_another_base_moves_every_iri_of_ours(tmp_path: Path) -> None:
    release = build(Home(tmp_path), sources(), base_iri="https://example.org/kg/").release
    text = dump(release, "nq").decode()
    assert DEFAULT_BASE_IRI not in text
    assert f"<{Iris('https://example.org/kg/').paper('2306.08543').value}>" in text


def test_no_source_at_all_is_an_empty_release(tmp_path: Path) -> None:
    release = build(Home(tmp_path), Inputs()).release
    assert release.manifest()["counts"]["papers"] == 0


def test_the_manifest_names_every_input(release: Release) -> None:
    inputs = {entry["slug"]: entry["sha256"] for entry in release.manifest()["inputs"]}
    assert inputs == {
        "catalogue-2026-10-06": "a" * 64,
        "awesome-2026-05-23": "b" * 64,
        "loss-taxonomy-2026-06-03": "c" * 64,
        "curation-2026-11-24": "d" * 64,
    }


def test_the_manifest_names_the_release_that_was_current_before(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = build(home, Inputs()).release
    assert first.manifest()["previous"] is None
    assert build(home, sources()).release.manifest()["previous"] == first.id


def test_the_store_opens_for_rdflib_and_for_pyoxigraph(home: Home, quads: list[Quad]) -> None:
    query = "SELECT ?t { <https://w3id.org/opdkg/paper/2306.08543> <http://purl.org/dc/terms/title> ?t }"
    title = "MiniLLM: On-Policy Distillation of Large Language Models"
    (row,) = open_graph(home.path).query(query)
    assert str(row[0]) == title
    (solution,) = open_store(home.path).query(query, use_default_graph_as_union=True)
    assert solution[0] == Literal(title)
    assert len(open_store(home.path)) == len(quads)
    with pytest.raises(RuntimeError, match="read-write"):
        open_store(home.path).add(quads[0])


def test_the_report_is_json_with_the_release_and_its_problems(release: Release) -> None:
    report = json.loads((release.path / "report.json").read_bytes())
    assert report["release"] == release.id
    assert report["violations"] == []
