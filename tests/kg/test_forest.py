"""The dumps of trees: all that the graph says and nothing else, to every reader, a thing a tree."""

from __future__ import annotations

import gzip
import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse

from kg.build import build
from kg.dumps import measured
from kg.entity import Documents
from kg.forest import grow
from kg.framing import Framer
from kg.graph import open_store
from kg.release import Home
from kg.vocab import SKOS, Iris
from tests.kg.sample import sources
from tests.readers import as_oxigraph_reads, as_pyld_reads, isomorphic
from tests.things import of_every_class

if TYPE_CHECKING:
    from pathlib import Path

IRIS = Iris()
OPD = IRIS.opd


def unpacked(home: Path, ending: str) -> bytes:
    return gzip.decompress((Home(home).current().dumps / f"opd-trees.{ending}.gz").read_bytes())


@pytest.fixture(scope="module")
def store(home: Path) -> Store:
    return open_store(home)


@pytest.fixture(scope="module")
def lines(home: Path) -> list[bytes]:
    return unpacked(home, "jsonl").splitlines()


@pytest.fixture(scope="module")
def things(lines: list[bytes]) -> dict[NamedNode, dict[str, Any]]:
    """Every line by the IRI of its thing, which is shortened by the prefixes of its context."""
    found = {}
    for line in map(json.loads, lines):
        prefix, colon, local = line["id"].partition(":")
        found[NamedNode(line["@context"].get(prefix, prefix + colon) + local)] = line
    return found


def test_both_say_what_the_graph_says(home: Path, store: Store, lines: list[bytes]) -> None:
    union = {quad.triple for quad in store}
    assert as_oxigraph_reads(unpacked(home, "jsonld")) == union
    assert {triple for line in lines for triple in as_oxigraph_reads(line)} == union


def test_every_reader_reads_the_same(lines: list[bytes], tmp_path: Path) -> None:
    for line in lines[:: len(lines) // 40]:
        assert as_pyld_reads(line) == as_oxigraph_reads(line)
    build(Home(tmp_path), sources())
    union = {quad.triple for quad in open_store(tmp_path)}
    assert as_pyld_reads(unpacked(tmp_path, "jsonld")) == union


def test_a_thing_has_the_tree_that_its_address_answers_with(
    store: Store, things: dict[NamedNode, dict[str, Any]]
) -> None:
    framer = Framer(Documents(store, IRIS))
    compared = [iri for iri in of_every_class(store) if iri in things]
    for iri in compared:
        assert things[iri] == json.loads(framer.document(iri)), iri
    assert len(compared) > 30


def test_both_have_as_many_things_as_is_said(home: Path, lines: list[bytes]) -> None:
    files = {dump.name: measures for dump, measures in measured(Home(home).current().manifest()).items()}
    assert files["opd-trees.jsonl"].items == files["opd-trees.jsonld"].items == len(lines)
    nodes = json.loads(unpacked(home, "jsonld"))["graph"][: len(lines)]
    assert [node["id"] for node in nodes] == [json.loads(line)["id"] for line in lines]


def test_what_is_part_of_another_thing_has_no_tree_of_its_own(
    store: Store, things: dict[NamedNode, dict[str, Any]]
) -> None:
    parts = {quad.object for quad in store.quads_for_pattern(None, OPD.hasAuthorship, None)}
    assert len(parts) > 1000
    assert not parts & things.keys()


def test_trees_are_grouped_by_class_in_the_order_of_their_iris(things: dict[NamedNode, dict[str, Any]]) -> None:
    groups = [(kind, [iri.value for iri, _ in group]) for kind, group in groupby(things.items(), key=group_of)]
    assert [kind for kind, _ in groups[:4]] == ["Paper", "AuthorName", "LanguageModel", "Repository"]
    for kind, iris in groups[:4]:
        assert iris == sorted(iris)
        assert len(iris) == sum(kind in thing.get("type", ()) for thing in things.values())


def group_of(item: tuple[NamedNode, dict[str, Any]]) -> str:
    """The class that is not another vocabulary's."""
    return next((kind for kind in item[1].get("type", ()) if ":" not in kind), "")


# ---------------------------------------------------------------- whatever local data may hold

ODD = {
    "a blank node that two things share": ":x rdfs:seeAlso _:b . :y rdfs:seeAlso _:b ; rdfs:label 'y' . _:b opd:year 1 .",
    "a list": ":x rdfs:seeAlso (:a _:b 'c') .",
    "parts of parts": ":x opd:hasAuthorship :y . :y opd:reportsSetup :z . :z opd:orientation 'z' .",
    "parts of each other": ":x opd:hasAuthorship :y . :y opd:hasAuthorship :x ; rdfs:label 'y' .",
    "part of itself": ":x opd:hasAuthorship :x .",
    "IRIs like prefixes": ":x rdfs:seeAlso <dcterms:title> ; opd:hasAuthorship :y . :y opd:position 1 .",
    "a part of two": ":x opd:listing :z . :y opd:listing :z . :z rdfs:label 'z', 'Z' .",
}

PREFIXES = """@prefix : <https://example.org/> . @prefix opd: <https://w3id.org/opdkg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


@pytest.mark.parametrize("turtle", ODD.values(), ids=ODD.keys())
def test_nothing_is_lost_of_odd_data(turtle: str) -> None:
    triples = [quad.triple for quad in parse(PREFIXES + turtle, RdfFormat.TURTLE)]
    grown = grow(triples, IRIS)
    whole = grown.whole()
    assert isomorphic(as_oxigraph_reads(whole), set(triples))
    assert isomorphic(as_pyld_reads(whole), set(triples))
    lines = grown.lines()
    # what is said of blank nodes stands in one line
    assert isomorphic({t for line in lines.splitlines() for t in as_oxigraph_reads(line)}, set(triples))


def test_an_empty_graph_is_an_empty_forest() -> None:
    grown = grow([], IRIS)
    assert grown.lines() == b""
    assert as_oxigraph_reads(grown.whole()) == set()


def test_an_odd_text_stays_on_its_line() -> None:
    text = "line\nline\r\u2028\u0085'\"\\"
    triple = Triple(IRIS.paper("1"), SKOS.notation, Literal(text))
    lines = grow([triple], IRIS).lines()
    (line,) = lines.split(b"\n")[:-1]
    assert as_oxigraph_reads(line) == {triple}
