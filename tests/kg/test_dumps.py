"""The dumps beside the six of the whole graph: papers, links, and the graph in RDF 1.2."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import bibtexparser
import pytest
import rispy
import yaml
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from kg.build import build
from kg.dumps import DUMPS, Scope, Unit, measured
from kg.release import Home, Release
from kg.taxonomy import load_taxonomy
from kg.vocab import OWL, RDF, SKOS, Iris
from tests.kg.sample import sources

if TYPE_CHECKING:
    from pathlib import Path

IRIS = Iris()
CLAIMS = IRIS.graph("claims")
MINILLM = IRIS.paper("2306.08543")
REIFIES = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies")

#: The justifications that the SSSOM schema 1.1 takes.
JUSTIFICATIONS = re.compile(
    "semapv:(MappingReview|ManualMappingCuration|LogicalReasoning|LexicalMatching|CompositeMatching|UnspecifiedMatching"
    "|SemanticSimilarityThresholdMatching|LexicalSimilarityThresholdMatching|MappingChaining|MappingInversion"
    "|StructuralMatching|InstanceBasedMatching|BackgroundKnowledgeBasedMatching)"
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(Home(tmp_path_factory.mktemp("home")), sources()).release


@pytest.fixture(scope="module")
def store(release: Release) -> Store:
    return Store.read_only(str(release.store))


def unpacked(release: Release, name: str) -> bytes:
    return gzip.decompress((release.dumps / f"{name}.gz").read_bytes())


def test_every_statement_is_there_once_and_in_order(release: Release) -> None:
    quads = list(parse(unpacked(release, "opd.nq"), RdfFormat.N_QUADS))
    places = [(str(q.graph_name), str(q.subject), str(q.predicate), str(q.object)) for q in quads]
    assert places == sorted(set(places))
    assert {IRIS.graph("description"), IRIS.graph("papers")} < {quad.graph_name for quad in quads}


def triples(release: Release, name: str) -> list[Triple]:
    return [quad.triple for quad in parse(unpacked(release, name), RdfFormat.N_TRIPLES)]


def in_rdf11(quad: Quad) -> list[Quad]:
    """Say with four statements what one with a triple term says."""
    if quad.predicate != REIFIES:
        return [quad]
    term = quad.object
    assert isinstance(term, Triple)
    facts = (
        (RDF.type, RDF.Statement),
        (RDF.subject, term.subject),
        (RDF.predicate, term.predicate),
        (RDF.object, term.object),
    )
    return [Quad(quad.subject, predicate, value, quad.graph_name) for predicate, value in facts]  # type: ignore[arg-type]


# ---------------------------------------------------------------- measures


def test_the_manifest_has_size_checksum_and_count_of_every_file_packed_and_unpacked(release: Release) -> None:
    files = measured(release.manifest())
    assert list(files) == list(DUMPS)
    for dump, measures in files.items():
        packed, plain = (release.dumps / dump.file).read_bytes(), unpacked(release, dump.name)
        assert (measures.bytes, measures.unpacked_bytes) == (len(packed), len(plain))
        assert measures.sha256 == hashlib.sha256(packed).hexdigest()
        assert measures.unpacked_sha256 == hashlib.sha256(plain).hexdigest()


def test_items_are_counted_in_the_unit_that_is_named(release: Release, store: Store) -> None:
    files = measured(release.manifest())
    counts = {dump.name: measures.items for dump, measures in files.items()}
    for dump in DUMPS:
        if dump.unit in (Unit.QUADS, Unit.TRIPLES) and dump.scope is not Scope.ANNOTATED:
            assert dump.format.oxigraph
            assert counts[dump.name] == len(list(parse(unpacked(release, dump.name), dump.format.oxigraph)))
    assert counts["opd.nq"] == len(store)
    assert {counts[dump.name] for dump in DUMPS if dump.unit is Unit.PAPERS} == {2}


def test_a_release_that_says_less_of_its_files_offers_none_of_them() -> None:
    assert measured({"dumps": {"opd.nt.gz": {"bytes": 1, "sha256": "0" * 64}}}) == {}


# ---------------------------------------------------------------- RDF 1.2


def test_the_twin_says_what_the_graph_says(release: Release, store: Store) -> None:
    twin = list(parse(unpacked(release, "opd-rdf12.nq"), RdfFormat.N_QUADS))
    assert any(quad.predicate == REIFIES for quad in twin)
    assert {each for quad in twin for each in in_rdf11(quad)} == set(store)
    union = parse(unpacked(release, "opd-rdf12.ttl"), RdfFormat.TURTLE)
    assert {each.triple for quad in union for each in in_rdf11(quad)} == {quad.triple for quad in store}


def test_a_claim_annotates_its_triple_and_one_that_does_not_stand_asserts_nothing(release: Release) -> None:
    twin = Store()
    twin.bulk_extend(parse(unpacked(release, "opd-rdf12.nq"), RdfFormat.N_QUADS))
    prefixes = {**IRIS.prefixes(), "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}

    def ask(pattern: str) -> bool:
        return bool(twin.query(f"ASK {{ {pattern} }}", prefixes=prefixes, use_default_graph_as_union=True))

    rkl = "paper:2306.08543 opd:lossClass concept:objective\\/reverse-kl"
    assert ask(f"{rkl} . ?claim rdf:reifies <<( {rkl} )>> ; opd:status concept:status\\/accepted")
    assert ask(f"{rkl} {{| opd:status concept:status\\/accepted |}}")
    denied = "paper:2601.00002 opd:lossClass concept:objective\\/kl-rl"
    assert ask(f"?claim rdf:reifies <<( {denied} )>> ; opd:negated true")
    assert not ask(denied)


def test_what_a_reader_says_of_statements_is_left_as_it_is(tmp_path: Path) -> None:
    statement, graph = NamedNode("https://example.org/s"), IRIS.graph("local/mine.ttl")
    own = [
        Quad(statement, RDF.type, RDF.Statement, graph),
        *(Quad(statement, each, MINILLM, graph) for each in (RDF.subject, RDF.predicate, RDF.object)),
    ]
    release = build(Home(tmp_path), sources(), local=own).release
    assert set(own) <= set(parse(unpacked(release, "opd-rdf12.nq"), RdfFormat.N_QUADS))
    turtle = {quad.triple for quad in parse(unpacked(release, "opd-rdf12.ttl"), RdfFormat.TURTLE)}
    assert {quad.triple for quad in own} <= turtle


# ---------------------------------------------------------------- papers


def test_the_table_has_a_line_for_each_paper(release: Release) -> None:
    data = unpacked(release, "papers.csv")
    assert data.count(b"\n") == data.count(b"\r\n") == 3
    minillm, dropped = csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True)
    expected = {
        "id": "2306.08543",
        "iri": "https://w3id.org/opdkg/paper/2306.08543",
        "title": "MiniLLM: On-Policy Distillation of Large Language Models",
        "authors": "Gu, Yuxian; Dong, Li",
        "issued": "2023-06-14",
        "year": "2023",
        "arxiv_id": "2306.08543",
        "doi": "10.48550/arXiv.2306.08543",
        "page": "https://arxiv.org/abs/2306.08543",
        "code": "https://w3id.org/opdkg/repository/github.com/microsoft/lmops",
        "status": "current",
        "dropped_since": "",
        "objective": "Reverse KL",
        "role": "Direct OPD",
    }
    assert expected.items() <= minillm.items()
    assert minillm.keys() - expected.keys() == {"signal", "stabilization", "access", "granularity"}
    assert (dropped["id"], dropped["status"], dropped["dropped_since"]) == ("2601.00002", "dropped", "2026-10-06")


def test_no_title_becomes_a_formula(tmp_path: Path) -> None:
    titles = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("https://example.org","press")')
    inputs = sources()
    catalogue = inputs.sources[0]
    hostile = [
        replace(catalogue.entries[0], titles=(title,), arxiv_id=f"2609.0000{n}", upstream_id=f"2609.0000{n}")
        for n, title in enumerate(titles)
    ]
    inputs.sources[0] = replace(catalogue, entries=tuple(hostile))
    release = build(Home(tmp_path), inputs).release
    table = csv.DictReader(io.StringIO(unpacked(release, "papers.csv").decode(), newline=""), strict=True)
    assert [row["title"] for row in table if row["id"].startswith("2609.")] == [f"'{title}" for title in titles]


def test_citations_of_all_papers_have_the_same_keys_in_every_format(release: Release) -> None:
    keys = ["gu2023minillm", "noauthor2026paper"]
    library = bibtexparser.parse_string(unpacked(release, "papers.bib").decode())
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == keys
    records = rispy.loads(unpacked(release, "papers.ris").decode())
    assert [record["id"] for record in records] == keys
    assert [item["id"] for item in json.loads(unpacked(release, "papers.csl.json"))] == keys
    assert records[0]["authors"] == ["Gu, Yuxian", "Dong, Li"]


# ---------------------------------------------------------------- links


def test_the_links_that_lead_out_of_the_graph_have_a_file(release: Release, store: Store) -> None:
    found = triples(release, "links.nt")
    assert set(found) == {quad.triple for quad in store.quads_for_pattern(None, None, None, IRIS.graph("links"))}
    assert Triple(MINILLM, OWL.sameAs, NamedNode("https://doi.org/10.48550/arXiv.2306.08543")) in found


def test_the_mappings_have_one_in_triples_and_one_in_sssom(release: Release, store: Store) -> None:
    mapped = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch)
    graph = IRIS.graph("taxonomy")
    expected = {quad.triple for each in mapped for quad in store.quads_for_pattern(None, each, None, graph)}
    assert set(triples(release, "mappings.nt")) == expected
    _, rows = sssom(release)
    assert {triple for triple, _ in rows} == expected
    assert len(rows) == len(expected)


def sssom(release: Release) -> tuple[dict[str, object], list[tuple[Triple, dict[str, str]]]]:
    """Read SSSOM/TSV as its specification says: lines of YAML behind #, then a table whose ids are CURIEs."""
    lines = unpacked(release, "mappings.sssom.tsv").decode().splitlines(keepends=True)
    header = yaml.safe_load("".join(line[1:] for line in lines if line.startswith("#")))
    table = list(csv.DictReader([line for line in lines if not line.startswith("#")], delimiter="\t", strict=True))

    def iri(curie: str) -> NamedNode:
        prefix, _, local = curie.partition(":")
        return NamedNode(header["curie_map"][prefix] + local)

    return header, [
        (Triple(*(iri(row[f"{end}_id"]) for end in ("subject", "predicate", "object"))), row) for row in table
    ]


def test_sssom_has_the_slots_that_its_schema_requires(release: Release, store: Store) -> None:
    header, rows = sssom(release)
    assert header["mapping_set_id"] == f"https://w3id.org/opdkg/dumps/{release.id}/mappings.sssom.tsv"
    assert header["mapping_set_version"] == release.id
    assert header["license"] == "http://creativecommons.org/publicdomain/zero/1.0/"
    assert (header["subject_type"], header["object_type"]) == ("skos concept", "skos concept")
    for triple, row in rows:
        assert JUSTIFICATIONS.fullmatch(row["mapping_justification"])
        for end, node in (("subject", triple.subject), ("object", triple.object)):
            assert isinstance(node, NamedNode)
            label = Literal(row[f"{end}_label"], language="en")
            assert next(store.quads_for_pattern(node, SKOS.prefLabel, label, None), None)
            scheme = IRIS.scheme(row[f"{end}_source"].removeprefix("scheme:"))
            assert next(store.quads_for_pattern(node, SKOS.inScheme, scheme, None), None)


def test_a_mapping_says_whether_somebody_stated_it() -> None:
    taxonomy = load_taxonomy()
    stated = {(match.one, SKOS[match.relation], match.other) for match in taxonomy.matches}
    for mapping in taxonomy.mappings():
        said = (mapping.subject, mapping.predicate, mapping.object)
        assert (mapping.justification == "ManualMappingCuration") is (said in stated)
    assert len({(each.subject, each.predicate, each.object) for each in taxonomy.mappings()}) == len(
        taxonomy.mappings()
    )
