"""``/ontology``: every term with all that is known of it, and counts that a query over the release confirms."""

from __future__ import annotations

import re
from html import unescape
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import requests
from rdflib import RDF, RDFS, SDO, Graph, URIRef

from kg.vocab import OWN_CLASSES, OWN_PROPERTIES, Iris

if TYPE_CHECKING:
    from rdflib.term import Node

    from tests.server.conftest import Site

IRIS = Iris()
TERMS = f"{OWN_CLASSES} {OWN_PROPERTIES}".split()


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return Graph().parse(data=files("ontology").joinpath("opd.ttl").read_text(encoding="utf-8"), format="turtle")


@pytest.fixture(scope="module")
def page(site: Site) -> str:
    return site.page("/ontology")


def section(page: str, name: str) -> str:
    (found,) = re.findall(rf'<section class="term" id="{name}">(.*?)</section>', page, re.DOTALL)
    return unescape(found)


def row(term: str, title: str) -> str:
    return "".join(re.findall(rf"<dt>{title}</dt><dd>(.*?)</dd>", term, re.DOTALL))


def links(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html)


def addresses(nodes: object) -> set[str]:
    """Where the page links to for terms: our own at their anchors."""
    return {str(node).removeprefix(IRIS.base[:-1]) for node in nodes}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", TERMS)
def test_every_term_has_its_definition_and_its_place(ontology: Graph, page: str, name: str) -> None:
    term, found = URIRef(IRIS.opd.iri + name), section(page, name)
    assert f"<p>{ontology.value(term, RDFS.comment)}</p>" in found
    assert f">{ontology.value(term, RDFS.label)}</a>" in page[: page.index("<h2")]  # in the table of contents

    def objects(*predicates: Node) -> set[str]:
        return addresses(each for predicate in predicates for each in ontology.objects(term, predicate))

    def subjects(*predicates: Node) -> set[str]:
        return addresses(each for predicate in predicates for each in ontology.subjects(predicate, term))

    assert set(links(row(found, "Super-terms"))) == objects(RDFS.subClassOf, RDFS.subPropertyOf)
    assert set(links(row(found, "Sub-terms"))) == subjects(RDFS.subClassOf, RDFS.subPropertyOf)
    assert set(links(row(found, "Domain"))) == objects(SDO.domainIncludes)
    assert set(links(row(found, "Range"))) == objects(SDO.rangeIncludes)
    assert set(links(row(found, "Properties"))) == subjects(SDO.domainIncludes)
    assert set(links(row(found, "Values of"))) == subjects(SDO.rangeIncludes)


@pytest.mark.parametrize("name", TERMS)
def test_uses_are_what_a_query_counts(address: str, page: str, name: str) -> None:
    pattern = f"?s a opd:{name}" if name in OWN_CLASSES.split() else f"?s opd:{name} ?o"
    query = f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT * {{ {pattern} }} }}"
    answer = requests.get(f"{address}/sparql", params={"query": query, "format": "json"}, timeout=20).json()
    assert row(section(page, name), "Uses") == answer["results"]["bindings"][0]["n"]["value"]


@pytest.mark.parametrize("name", TERMS)
def test_the_example_is_in_the_data(address: str, page: str, name: str) -> None:
    found = section(page, name)
    example = row(found, "Example")
    assert bool(example) == (row(found, "Uses") != "0")
    if example:
        subject, *values = [f"<{IRIS.base}{link[1:]}>" for link in links(example)]
        pattern = (
            f"{subject} a opd:{name}" if name in OWN_CLASSES.split() else f"{subject} opd:{name} {[*values, '?o'][0]}"
        )
        query = {"query": f"ASK {{ {pattern} }}", "format": "json"}
        assert requests.get(f"{address}/sparql", params=query, timeout=20).json()["boolean"]


def test_every_link_within_the_page_has_its_anchor(page: str) -> None:
    anchors = set(re.findall(r'\sid="([^"]+)"', page))
    named = {link.partition("#")[2] for link in links(page) if link.startswith(("#", "/ontology#"))}
    assert set(TERMS) <= named
    assert named <= anchors
    assert len(re.findall(r'\sid="', page)) == len(anchors)


def test_terms_of_other_vocabularies_are_counted_too(site: Site, page: str) -> None:
    graph_counts = len({quad.subject for quad in site.store.quads_for_pattern(None, None, None) if _is_concept(quad)})
    assert re.search(rf'>skos:Concept</a> <span class="quiet">{graph_counts}</span>', page)
    assert "skos:Collection" not in page  # known, and not used


def _is_concept(quad: object) -> bool:
    return str(quad.predicate.value) == str(RDF.type) and "core#Concept>" in str(quad.object)  # type: ignore[attr-defined]


def test_local_data_gives_no_examples(hostile: Site) -> None:
    assert "not-listed-anywhere" not in hostile.page("/ontology")
