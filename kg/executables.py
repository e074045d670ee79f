"""The competency questions → quads: SHACL's SPARQL executables, from which query editors take their examples and prefixes.

The manner is that of the SIB's collection of examples (https://github.com/sib-swiss/sparql-examples): the question is the
``rdfs:comment``, the query ``sh:select``, the endpoint ``schema:target``. Its blank nodes are IRIs here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, Quad

from kg.mapping import string
from kg.questions import load_questions
from kg.vocab import RDF, RDFS, SCHEMA, SH, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import NamedNode

    from kg.questions import Question
    from kg.vocab import Iris


def executables(iris: Iris) -> Iterator[Quad]:
    """Return the questions, and the prefixes that a query need not declare, as quads of graph/description."""
    facts = [fact for question in load_questions(iris.base) for fact in _question(question, iris)]
    facts += [fact for prefix, namespace in iris.prefixes().items() for fact in _prefix(prefix, namespace, iris)]
    graph = iris.graph("description")
    return (Quad(*fact, graph) for fact in facts)


Fact = tuple["NamedNode", "NamedNode", "NamedNode | Literal"]


def _question(question: Question, iris: Iris) -> Iterator[Fact]:
    node = iris.question(question.name)
    yield node, RDF.type, SH.SPARQLExecutable
    yield node, RDF.type, SH.SPARQLSelectExecutable
    yield node, RDFS.label, Literal(question.title, language="en")
    yield node, RDFS.comment, Literal(question.question, language="en")
    yield node, SH.select, string(question.text)
    yield node, SH.prefixes, iris.ontology
    yield node, SCHEMA.target, iris.endpoint
    for tag in question.tags:
        yield node, SCHEMA.keywords, string(tag)


def _prefix(prefix: str, namespace: str, iris: Iris) -> Iterator[Fact]:
    node = iris.prefix(prefix)
    yield iris.ontology, SH.declare, node
    yield node, RDF.type, SH.PrefixDeclaration
    yield node, RDFS.label, string(f"{prefix}:")
    yield node, SH["prefix"], string(prefix)  # .prefix is the namespace's own
    yield node, SH.namespace, Literal(namespace, datatype=XSD.anyURI)
