"""What a query editor asks a graph for when it opens (github.com/sib-swiss/sparql-editor), and what it then finds here."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store

from kg.graph import open_store
from kg.questions import load_questions
from kg.vocab import DEFAULT_BASE_IRI, Iris

IRIS = Iris()
QUESTIONS = {f"{DEFAULT_BASE_IRI}queries/{question.name}": question for question in load_questions()}

EXAMPLES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query WHERE {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?sq
"""
DECLARATIONS = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix
"""
COMPLETION = """
PREFIX void: <http://rdfs.org/ns/void#>
SELECT DISTINCT ?class ?property WHERE {
  ?cp void:class ?class ; void:propertyPartition ?pp .
  ?pp void:property ?property .
}
"""


@pytest.fixture(scope="module")
def store(home: Path) -> Store:
    return open_store(home)


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    return [tuple(term.value for term in solution) for solution in store.query(query, use_default_graph_as_union=True)]


def test_every_question_is_an_example(store: Store) -> None:
    expected = [(iri, QUESTIONS[iri].question, QUESTIONS[iri].text) for iri in sorted(QUESTIONS)]
    assert rows(store, EXAMPLES) == expected


def test_an_example_says_where_to_ask_it_with_which_prefixes_and_what_it_is_about(store: Store) -> None:
    query = """
        PREFIX sh: <http://www.w3.org/ns/shacl#>
        PREFIX schema: <https://schema.org/>
        SELECT ?sq ?target ?title ?tag WHERE {
          ?sq a sh:SPARQLSelectExecutable ; schema:target ?target ; rdfs:label ?title ; schema:keywords ?tag ;
            sh:prefixes/sh:declare/sh:prefix "opd" .
        }"""
    found = rows(store, "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>" + query)
    target = f"{DEFAULT_BASE_IRI}sparql"
    expected = {(iri, target, each.title, tag) for iri, each in QUESTIONS.items() for tag in each.tags}
    assert sorted(found) == sorted(expected)


def test_every_prefix_that_a_query_may_use_is_declared(store: Store) -> None:
    assert dict(rows(store, DECLARATIONS)) == IRIS.prefixes()


def test_every_property_of_every_class_can_be_completed(store: Store) -> None:
    used = "SELECT DISTINCT ?class ?property WHERE { ?thing a ?class ; ?property ?value }"
    assert sorted(rows(store, COMPLETION)) == sorted(rows(store, used))
