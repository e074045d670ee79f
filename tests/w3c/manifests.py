"""W3C test manifests: which files make up a test, and under which IRIs the suite knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Store

from kg.vocab import RDF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import BlankNode, Literal, Triple

    Term = NamedNode | BlankNode | Literal | Triple

#: Where the suite's files are addressed: the relative IRIs in manifests, data and queries are resolved against it.
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
FIRST, REST, NIL = (
    NamedNode(f"http://www.w3.org/1999/02/22-rdf-syntax-ns#{name}") for name in ("first", "rest", "nil")
)


#: The classes of the tests that send a query or an update; other tests of the suite are of other parts of SPARQL.
EVALUATION = {"QueryEvaluationTest", "CSVResultFormatTest"}
POSITIVE = {"PositiveSyntaxTest11", "PositiveUpdateSyntaxTest11"}
NEGATIVE = {"NegativeSyntaxTest11", "NegativeUpdateSyntaxTest11"}


@dataclass(frozen=True, slots=True)
class Case:
    """One test. ``id`` is folder/name; files are named by their IRIs, ``result`` is empty where none is expected."""

    id: str
    kind: str
    query: str
    data: tuple[str, ...]
    graphs: tuple[str, ...]
    result: str

    @property
    def folder(self) -> str:
        return self.id.partition("/")[0]

    @property
    def is_update(self) -> bool:
        return self.query.endswith(".ru")


def path_of(iri: str, suite: Path) -> Path:
    """Return the file of the suite that an IRI names."""
    return suite / iri.removeprefix(BASE)


def read_manifest(manifest: Path) -> Iterator[Case]:
    """Yield the tests that a folder's manifest.ttl lists, in its order."""
    folder = manifest.parent.name
    base = f"{BASE}{folder}/manifest.ttl"
    found = Manifest(manifest, base)
    for entry in found.listed(found.one(NamedNode(base), NamedNode(f"{MF}entries"))):
        kind = found.one(entry, RDF.type).value.removeprefix(MF)
        if kind not in EVALUATION | POSITIVE | NEGATIVE:
            continue
        action = found.one(entry, NamedNode(f"{MF}action"))
        query = found.one(action, NamedNode(f"{QT}query"))
        result = found.one(entry, NamedNode(f"{MF}result"))
        yield Case(
            id=f"{folder}/{entry.value.rpartition('#')[2]}",
            kind=kind,
            query=(query or action).value,  # a test of syntax has no action but the query
            data=found.graphs(action, "data"),
            graphs=found.graphs(action, "graphData"),
            result=result.value if isinstance(result, NamedNode) else "",
        )


class Manifest:
    """The statements of one manifest."""

    def __init__(self, file: Path, base: str) -> None:
        self._store = Store()
        self._store.load(path=file, format=RdfFormat.TURTLE, base_iri=base)

    def all(self, subject: Term, predicate: NamedNode) -> list[Term]:
        return [quad.object for quad in self._store.quads_for_pattern(subject, predicate, None)]

    def one(self, subject: Term, predicate: NamedNode) -> Term | None:
        return next(iter(self.all(subject, predicate)), None)

    def listed(self, node: Term | None) -> Iterator[Term]:
        while node not in {None, NIL}:
            yield self.one(node, FIRST)
            node = self.one(node, REST)

    def graphs(self, action: Term, name: str) -> tuple[str, ...]:
        """Return the graphs that an action has for data, each named by its file's IRI: sorted, for a set has no order."""
        return tuple(sorted(term.value for term in self.all(action, NamedNode(f"{QT}{name}"))))
