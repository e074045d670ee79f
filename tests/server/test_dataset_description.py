"""VoID, DCAT and Croissant as they are served: what the release says of itself, and what is known beside it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from pyld import jsonld
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse
from rdflib import Graph

from kg.build import build
from kg.dumps import DUMPS
from kg.inputs import Inputs
from kg.release import Home
from kg.vocab import DCAT, VOID, XSD, Iris
from tests.kg.sample import sources
from tests.readers import as_oxigraph_reads, as_pyld_reads
from tests.server.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.conftest import Site

IRIS = Iris()
BASE = IRIS.base.rstrip("/")
PREFIXES = IRIS.prefixes()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site over the second of two releases; the first is kept."""
    home = Home(tmp_path_factory.mktemp("two"))
    build(home, Inputs(sources().sources[1:]))
    build(home, sources())
    yield from opened(home.path)


def inside(site: Site) -> set[Triple]:
    return {quad.triple for quad in site.store.quads_for_pattern(None, None, None, IRIS.graph("description"))}


def loaded(data: bytes, chosen: RdfFormat) -> Store:
    store = Store()
    store.extend(parse(data, chosen))
    return store


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """Ask a store; values are texts."""
    found = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    return sorted(tuple(value.value for value in solution) for solution in found)  # type: ignore[union-attr]


# ---------------------------------------------------------------- VoID


def test_what_is_served_is_what_is_inside_and_the_measures_of_the_files(site: Site) -> None:
    turtle = site.get("/void.ttl")
    assert turtle.mimetype == "text/turtle"
    served = {quad.triple for quad in parse(turtle.data, format=RdfFormat.TURTLE)}
    assert inside(site) < served
    added = {triple.predicate.value.rpartition("#")[2] for triple in served - inside(site)}
    assert added == {"byteSize", "checksum", "type", "algorithm", "checksumValue"}
    for path in ("/.well-known/void", "/void.ttl"):
        by_type = site.get(f"{path}?format=nt" if "well" in path else path, accept="application/n-triples")
        form = RdfFormat.N_TRIPLES if "well" in path else RdfFormat.TURTLE
        assert {quad.triple for quad in parse(by_type.data, format=form)} == served
    assert site.get("/.well-known/void", accept="*/*").mimetype == "text/turtle"


def test_a_format_with_graphs_tells_what_is_inside_from_what_is_beside(site: Site) -> None:
    quads = list(parse(site.get("/.well-known/void", accept="application/n-quads").data, RdfFormat.N_QUADS))
    graph = IRIS.graph("description")
    assert {quad.triple for quad in quads if quad.graph_name == graph} == inside(site)
    assert any(quad.predicate == DCAT.byteSize for quad in quads if quad.graph_name != graph)


@pytest.mark.parametrize("path", ["/dcat.jsonld", "/.well-known/void?format=jsonld"])
def test_json_ld_is_a_tree_under_short_keys_that_every_reader_takes(site: Site, path: str) -> None:
    data = site.get(path, accept="application/ld+json").data
    things = {each["id"]: each for each in json.loads(data)["graph"]}
    release = things[f"{BASE}/release/{Home(site.home).current().id}"]
    assert release["title"]["value"].startswith("Knowledge graph of on-policy distillation research, release ")
    files = [each["dcat:downloadURL"]["id"] for each in release["dcat:distribution"]]
    assert f"{BASE}/dumps/{Home(site.home).current().id}/opd.ttl.gz" in files
    assert not any(key.startswith("http") for thing in things.values() for key in thing)
    assert as_pyld_reads(data) == as_oxigraph_reads(data) <= described(site)


def described(site: Site) -> set[Triple]:
    return {quad.triple for quad in parse(site.get("/void.ttl").data, format=RdfFormat.TURTLE)}


def test_a_person_is_led_to_the_page_of_the_release(site: Site) -> None:
    release = site.get("/.well-known/void")
    assert release.status_code == 303
    assert re.search(r"/release/[^/]+$", release.location)
    assert site.get(release.location).status_code == 200


def test_strict_parsers_read_the_same(site: Site, tmp_path: Path) -> None:
    turtle = site.get("/void.ttl").data
    expected = {quad.triple for quad in parse(turtle, RdfFormat.TURTLE)}
    assert len(Graph().parse(data=turtle, format="turtle")) == len(expected)
    by_rdflib = Graph().parse(data=site.get("/.well-known/void", accept="application/rdf+xml").data, format="xml")
    assert {quad.triple for quad in parse(by_rdflib.serialize(format="nt"), RdfFormat.N_TRIPLES)} == expected
    if rapper := shutil.which("rapper"):
        (tmp_path / "void.ttl").write_bytes(turtle)
        done = subprocess.run(
            [rapper, "-q", "-i", "turtle", "-o", "ntriples", tmp_path / "void.ttl"], capture_output=True, check=True
        )
        assert done.stderr == b""
        assert {quad.triple for quad in parse(done.stdout, RdfFormat.N_TRIPLES)} == expected


def test_every_example_and_every_dump_answers(site: Site) -> None:
    examples = {triple.object for triple in inside(site) if triple.predicate == VOID.exampleResource}
    dumps = {triple.object for triple in inside(site) if triple.predicate in (VOID.dataDump, DCAT.downloadURL)}
    lists = {triple.object for triple in inside(site) if triple.predicate == DCAT.accessURL}
    assert len(examples) == 5
    assert len(dumps) == len(DUMPS)
    for node in examples | dumps | lists:
        assert isinstance(node, NamedNode)
        assert site.get(node.value.removeprefix(BASE), accept="*/*").status_code == 200


def test_the_features_are_the_formats_that_things_are_answered_in(site: Site) -> None:
    names = {"Turtle", "JSON-LD", "N-Triples", "RDF_XML", "TriG", "N-Quads"}
    features = {triple.object for triple in inside(site) if triple.predicate == VOID.feature}
    assert features == {NamedNode(f"http://www.w3.org/ns/formats/{name}") for name in names}


# ---------------------------------------------------------------- DCAT


def test_every_distribution_has_the_size_and_checksum_of_what_is_downloaded(two: Site) -> None:
    response = two.get("/dcat.jsonld")
    assert response.mimetype == "application/ld+json"
    store = loaded(response.data, RdfFormat.JSON_LD)
    found = rows(
        store,
        """SELECT ?url ?size ?sum ?packed WHERE {
          ?file a dcat:Distribution ; dcat:downloadURL ?url ; dcat:byteSize ?size ; dcat:compressFormat ?packed ;
            dcat:mediaType ?type ; dcterms:license ?licence ; dcterms:title ?title ; dcat:accessURL ?list ;
            spdx:checksum [ a spdx:Checksum ; spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?sum ]
        }""",
    )
    said = [quad.object for quad in parse(response.data, RdfFormat.JSON_LD) if quad.predicate == DCAT.byteSize]
    assert {size.datatype for size in said if isinstance(size, Literal)} == {XSD.nonNegativeInteger}
    assert len(found) == 2 * len(DUMPS)
    for url, size, checksum, packed in found:
        data = two.get(url.removeprefix(BASE)).data
        assert (int(size), checksum) == (len(data), hashlib.sha256(data).hexdigest())
        assert packed == "https://www.iana.org/assignments/media-types/application/gzip"


def test_releases_are_members_of_a_series_each_after_the_one_before(two: Site) -> None:
    current = Home(two.home).current().id
    (other,) = (release.id for release in Home(two.home).all() if release.id != current)
    store = loaded(two.get("/dcat.jsonld").data, RdfFormat.JSON_LD)
    versions = rows(store, "SELECT ?version { ?r a dcat:Dataset ; dcat:inSeries ?s ; dcat:version ?version }")
    assert versions == sorted([(current,), (other,)])
    one, before = IRIS.release(current).value, IRIS.release(other).value
    assert rows(store, "SELECT ?a ?b { ?a dcat:prev ?b ; dcat:previousVersion ?b }") == [(one, before)]
    assert rows(store, "SELECT ?s ?r { ?s a dcat:DatasetSeries ; dcat:last ?r }") == [(IRIS.dataset.value, one)]


def test_the_series_says_whose_it_is_and_how_often_it_grows(site: Site) -> None:
    store = loaded(site.get("/dcat.jsonld").data, RdfFormat.JSON_LD)
    query = """SELECT ?name ?licence ?often WHERE {
      ?s a dcat:DatasetSeries ; dcterms:publisher ?who ; dcterms:creator ?who ; dcterms:license ?licence ;
        dcterms:accrualPeriodicity ?often ; dcterms:conformsTo ?ontology .
      ?who a foaf:Agent ; foaf:name ?name
    }"""
    cc0, irregular = "http://creativecommons.org/publicdomain/zero/1.0/", "http://purl.org/cld/freq/irregular"
    assert rows(store, query) == [("The opdkg project", cc0, irregular)]


def test_the_sources_of_a_release_are_those_of_its_manifest(site: Site) -> None:
    manifest = json.loads((site.home / "current" / "manifest.json").read_bytes())
    store = loaded(site.get("/dcat.jsonld").data, RdfFormat.JSON_LD)
    sources = {iri for (iri,) in rows(store, "SELECT ?source { ?release dcterms:source ?source }")}
    assert sources == {IRIS.source(each["slug"]).value for each in manifest["inputs"]}


def test_dcat_leaves_void_to_void(site: Site) -> None:
    assert b"rdfs.org/ns/void" not in site.get("/dcat.jsonld").data


# ---------------------------------------------------------------- Croissant


@pytest.fixture(scope="module")
def croissant(site: Site) -> dict[str, Any]:
    response = site.get("/croissant.json")
    assert response.content_type == 'application/ld+json; profile="http://mlcommons.org/croissant/1.1"'
    found: dict[str, Any] = json.loads(response.data)
    return found


def test_croissant_has_what_its_specification_requires(croissant: dict[str, Any]) -> None:
    required = {"@context", "@type", "conformsTo", "description", "license", "name", "url", "creator", "datePublished"}
    assert required <= croissant.keys()
    assert (croissant["@type"], croissant["conformsTo"]) == ("sc:Dataset", "http://mlcommons.org/croissant/1.1")
    assert croissant["datePublished"] == "2026-11-24"
    assert croissant["citeAs"].startswith("@misc{opdkg2026,")


def test_every_file_of_croissant_is_what_it_says(site: Site, croissant: dict[str, Any]) -> None:
    files = croissant["distribution"]
    assert len(files) == len(DUMPS)
    for file in files:
        response = site.get(file["contentUrl"].removeprefix("http://localhost"))
        assert file["@type"] == "cr:FileObject"
        assert file["contentSize"] == f"{len(response.data)} B"
        assert file["sha256"] == hashlib.sha256(response.data).hexdigest()
        assert file["encodingFormat"] == response.mimetype


def test_its_record_set_reads_the_table_of_papers(site: Site, croissant: dict[str, Any]) -> None:
    (records,) = croissant["recordSet"]
    (file,) = (each for each in croissant["distribution"] if each["encodingFormat"] == "text/csv")
    text = site.get(file["contentUrl"].removeprefix("http://localhost")).data.decode()
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    columns = [field["source"]["extract"]["column"] for field in records["field"]]
    assert columns == table.fieldnames
    assert {field["source"]["fileObject"]["@id"] for field in records["field"]} == {file["@id"]}
    types = {field["source"]["extract"]["column"]: field["dataType"] for field in records["field"]}
    several = {field["source"]["extract"]["column"] for field in records["field"] if field.get("isArray")}
    read = list(table)
    assert len({row["id"] for row in read}) == len(read) == 349
    assert records["key"] == {"@id": "papers/id"}
    for row in read:
        for column, value in row.items():
            assert types[column] != "sc:Integer" or re.fullmatch(r"([0-9]{4})?", value)
            assert types[column] != "sc:Date" or re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?", value)
            assert types[column] != "sc:URL" or all(each.startswith("https://") for each in value.split("; ") if each)
    assert {column for row in read for column, value in row.items() if "; " in value} <= several | {"title"}


def test_croissant_is_json_ld_that_says_so(croissant: dict[str, Any]) -> None:
    (dataset,) = jsonld.expand(croissant)
    assert dataset["@type"] == ["https://schema.org/Dataset"]
    assert dataset["http://purl.org/dc/terms/conformsTo"][0]["@value"] == "http://mlcommons.org/croissant/1.1"
    kinds = {each["@type"][0] for each in dataset["https://schema.org/distribution"]}
    assert kinds == {"http://mlcommons.org/croissant/FileObject"}
    unmapped = [key for each in dataset["http://mlcommons.org/croissant/recordSet"] for key in each if ":" not in key]
    assert set(unmapped) <= {"@id", "@type"}
