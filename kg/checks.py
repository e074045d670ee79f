"""What a graph must satisfy before it is published: the shapes of ontology/shapes.ttl, and SKOS integrity.

    python -m kg.checks BASE_IRI < triples.nt     prints the violations as JSON, one object a line

A build runs the checks as that process of their own (:class:`Checker`), beside the writing of the release.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import rdflib
from oxrdflib import OxigraphStore
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse, serialize
from pyshacl import validate
from rdflib import RDF, SH, Graph
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from kg.skos import check_skos
from kg.violations import Severity, Violation
from kg.vocab import DEFAULT_BASE_IRI, XSD, Iris

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyoxigraph import Triple
    from rdflib.term import Node


#: What makes a validator look at a shape.
TARGETS = {SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf}


def shapes_graph(iris: Iris) -> Graph:
    """Return ontology/shapes.ttl, its own terms under the release's base IRI."""
    text = files("ontology").joinpath("shapes.ttl").read_text(encoding="utf-8")
    return Graph().parse(data=text.replace(DEFAULT_BASE_IRI, iris.base), format="turtle")


def check(triples: Iterable[Triple], iris: Iris) -> list[Violation]:
    """Check a graph; the violations come in order of rule, focus and message."""
    triples = list(triples)
    store = Store()
    store.bulk_extend(Quad(*triple) for triple in triples)
    found = [*check_skos(store), *_check_shapes(triples, store, iris)]
    return sorted(found, key=lambda violation: (violation.source, violation.rule, violation.focus, violation.message))


class Checker:
    """The checks in a process of their own, which starts at once and waits for the triples."""

    def __init__(self, iris: Iris) -> None:
        command = [sys.executable, "-m", "kg.checks", iris.base]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 (ourselves)

    def begin(self, triples: Iterable[Triple]) -> None:
        """Hand over the triples; the checks run from now on."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 (a pipe was asked for)
        serialize(triples, stdin, RdfFormat.N_TRIPLES)
        stdin.close()
        self._process.stdin = None  # communicate() would flush it

    def violations(self) -> list[Violation]:
        """Wait for the checks and return what they found."""
        output, _ = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(f"the checks ended with exit code {self._process.returncode}")
        return [
            Violation(**{**fields, "severity": Severity(fields["severity"])})
            for fields in map(json.loads, output.splitlines())
        ]

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        with self._process:
            pass


def _check_shapes(triples: list[Triple], store: Store, iris: Iris) -> Iterator[Violation]:
    """Validate against the shapes.

    Shapes with SPARQL constraints run on Oxigraph, where a query over all claims takes a moment, and the others on rdflib's own
    store, which answers pySHACL's many small questions faster. The latter holds only what the shapes name: they see nothing else.
    """
    shapes = shapes_graph(iris)
    in_memory, term = Graph(), cache(_rdflib_term)
    named = set(shapes.all_nodes()) | set(shapes.predicates())
    for triple in triples:
        predicate, value = term(triple.predicate), term(triple.object)
        if predicate in named and (predicate != RDF.type or value in named):
            in_memory.add((term(triple.subject), predicate, value))
    in_oxigraph = Graph(store=_UncountedStore(store=store), identifier=DATASET_DEFAULT_GRAPH_ID)
    with_queries = set(shapes.subjects(SH.sparql))
    core = _without_targets(shapes, lambda shape: shape in with_queries)
    queries = _without_targets(shapes, lambda shape: shape not in with_queries)
    for data, constraints in ((in_memory, core), (in_oxigraph, queries)):
        _, results, _ = validate(data, shacl_graph=constraints, inplace=True)
        for node in results.subjects(RDF.type, SH.ValidationResult):
            yield _violation(results, node)


class _UncountedStore(OxigraphStore):
    """A store for pySHACL, which keeps asking whether it is empty: counting takes longer than what is to be checked."""

    def __len__(self, context: object = None) -> int:
        return 1


def _without_targets(shapes: Graph, chosen: Callable[[Node], bool]) -> Graph:
    """Return the shapes with no target for those chosen, so that they are not validated."""
    kept = Graph()
    for shape, predicate, value in shapes:
        if predicate not in TARGETS or not chosen(shape):
            kept.add((shape, predicate, value))
    return kept


def _rdflib_term(term: NamedNode | BlankNode | Literal) -> Node:
    """A plain string has no datatype in rdflib, else it would not equal the strings of the shapes."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype == XSD.string else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype)


def _violation(results: Graph, node: Node) -> Violation:
    shape = results.value(node, SH.sourceConstraint) or results.value(node, SH.sourceShape)
    value = results.value(node, SH.value)
    message = str(results.value(node, SH.resultMessage))
    if value is not None and str(value) not in message:
        message = f"{message} Found: {value}"
    return Violation(
        source="shacl",
        rule=str(shape).rpartition("#")[2],
        focus=str(results.value(node, SH.focusNode)),
        message=message,
        severity=Severity.VIOLATION,
    )


def main() -> None:
    """Check the N-Triples on standard input."""
    gc.disable()  # the process is short-lived, and makes a million small objects that all live to its end
    triples = (quad.triple for quad in parse(sys.stdin.buffer, RdfFormat.N_TRIPLES))
    for violation in check(triples, Iris(sys.argv[1])):
        sys.stdout.write(json.dumps(asdict(violation)) + "\n")


if __name__ == "__main__":
    main()
