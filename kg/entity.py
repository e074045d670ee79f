"""The document that an IRI answers with: what a release says of one thing, its parts included, never more than a page.

It holds the thing's own statements, those of its parts (a paper's authorships, setups, listings and claims; a concept's
spellings; the terms of the ontology; the partitions and files of a release), and a label for everything that these point
to. Statements that merely point *to* the thing are left out, or the document of a concept would grow with the literature: a
reader gets them from the filtered ``/papers`` or from a query. Only a thing that the release says nothing of is described by
them.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from kg.vocab import DCAT, DCTERMS, RDF, RDFS, SKOS, SKOSXL, VOID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyoxigraph import BlankNode, Store, Triple

    from kg.vocab import Iris

    Term = NamedNode | BlankNode | Literal | Triple

#: What names a thing, the best first.
LABELS = (SKOS.prefLabel, RDFS.label, DCTERMS.title)

#: How many statements describe a thing that only occurs as the object of others.
MAX_MENTIONS = 100


def label_of(store: Store, node: NamedNode) -> str | None:
    """Return what the store calls a thing, in any graph; None if nothing does."""
    quads = (quad for predicate in LABELS for quad in store.quads_for_pattern(node, predicate, None, None))
    return next((quad.object.value for quad in quads if isinstance(quad.object, Literal)), None)


class Document:
    """The quads about ``subject``: its own first, then those of its parts, then labels. Each is there once."""

    def __init__(self, subject: NamedNode, quads: list[Quad]) -> None:
        self.subject = subject
        self.quads = quads
        self._facts: dict[Term, dict[NamedNode, list[Term]]] = {}
        for triple in self.triples:
            self._facts.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.object)

    def within(self, graphs: Collection[NamedNode], *, inside: bool = True) -> Document:
        """Return the document of what these graphs say, or of what all others say."""
        return Document(self.subject, [quad for quad in self.quads if (quad.graph_name in graphs) is inside])

    @property
    def triples(self) -> list[Triple]:
        """The union of the document's graphs, in the document's order."""
        return list(dict.fromkeys(quad.triple for quad in self.quads))

    @property
    def is_described(self) -> bool:
        """Whether there are statements about the subject itself, and not only such as have it for an object."""
        return self.subject in self._facts

    def subjects(self) -> list[NamedNode]:
        """Return what the document has statements about, in its order; blank nodes, which local data may hold, left out."""
        return [node for node in self._facts if isinstance(node, NamedNode)]

    def predicates(self, subject: NamedNode) -> list[NamedNode]:
        """Return the properties that the subject has, in the document's order."""
        return list(self._facts.get(subject, {}))

    def values(self, subject: NamedNode, predicate: NamedNode) -> list[Term]:
        return self._facts.get(subject, {}).get(predicate, [])

    def nodes(self, subject: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """Return the values that are IRIs."""
        return [value for value in self.values(subject, predicate) if isinstance(value, NamedNode)]

    def texts(self, subject: NamedNode, predicate: NamedNode) -> list[str]:
        """Return the lexical forms of the values that are literals."""
        return [value.value for value in self.values(subject, predicate) if isinstance(value, Literal)]

    def text(self, subject: NamedNode, predicate: NamedNode) -> str | None:
        return next(iter(self.texts(subject, predicate)), None)

    def node(self, subject: NamedNode, predicate: NamedNode) -> NamedNode | None:
        return next(iter(self.nodes(subject, predicate)), None)

    def label(self, node: NamedNode) -> str | None:
        """Return what names the node, None if the document does not tell."""
        return next((text for predicate in LABELS for text in self.texts(node, predicate)), None)

    def is_part(self, node: NamedNode) -> bool:
        """Tell whether the document describes the node as a part of its subject, and does not only name it."""
        return node != self.subject and any(predicate not in LABELS for predicate in self.predicates(node))

    def is_a(self, kind: NamedNode) -> bool:
        """Tell whether the document's subject is of this class."""
        return kind in self.values(self.subject, RDF.type)


def is_described(store: Store, iri: NamedNode) -> bool:
    """Tell whether the release says anything of the IRI."""
    return any(True for _ in store.quads_for_pattern(iri, None, None, None))


def is_mentioned(store: Store, iri: NamedNode) -> bool:
    """Tell whether the release says anything that has the IRI as its object."""
    return any(True for _ in store.quads_for_pattern(None, None, iri, None))


def read_document(store: Store, iri: NamedNode, iris: Iris) -> Document | None:
    """Return the document of an IRI, None if it does not occur in the release."""
    own = _sorted(store.quads_for_pattern(iri, None, None, None))
    if not own:
        own = _sorted(islice(store.quads_for_pattern(None, None, iri, None), MAX_MENTIONS))
        if not own:
            return None
        return Document(iri, [*own, *_labels(store, own)])
    quads = list(own)
    for part in _parts(store, iri, own, iris):
        quads += _sorted(store.quads_for_pattern(part, None, None, None))
    return Document(iri, list(dict.fromkeys([*quads, *_labels(store, quads)])))


def _parts(store: Store, iri: NamedNode, own: list[Quad], iris: Iris) -> Iterator[NamedNode]:
    opd = iris.opd
    forward = {
        *(opd.hasAuthorship, opd.reportsSetup, opd.listing),
        *(SKOSXL.prefLabel, SKOSXL.altLabel, SKOSXL.hiddenLabel),
        *(DCAT.distribution, VOID.subset, VOID.classPartition, VOID.propertyPartition),
    }
    nodes = [quad.object for quad in own if quad.predicate in forward]
    for backward in (RDF.subject, RDFS.isDefinedBy):
        nodes += [quad.subject for quad in store.quads_for_pattern(None, backward, iri, None)]
    named = {node for node in nodes if isinstance(node, NamedNode) and node != iri}
    return iter(sorted(named, key=_natural))


def _labels(store: Store, quads: list[Quad]) -> Iterator[Quad]:
    """Name what the quads point to, and the mentioning subjects, with the best label that the release has for each."""
    known = {quad.subject for quad in quads if quad.predicate in LABELS}
    nodes = dict.fromkeys(node for quad in quads for node in (quad.subject, quad.object) if isinstance(node, NamedNode))
    for node in nodes:
        if node not in known:
            yield from _label_of(store, node)


def _label_of(store: Store, node: NamedNode) -> Iterator[Quad]:
    for predicate in LABELS:
        found = _sorted(store.quads_for_pattern(node, predicate, None, None))
        if found:
            yield found[0]
            return


def _sorted(quads: Iterable[Quad]) -> list[Quad]:
    """Types first, then by property and value, so that equal releases give equal documents."""

    def place(quad: Quad) -> tuple[bool, str, str, str]:
        return quad.predicate != RDF.type, quad.predicate.value, _key(quad.object), str(quad.graph_name)

    return sorted(quads, key=place)


def _natural(node: NamedNode) -> tuple[str, int, str]:
    """Sort ``…/author/2`` before ``…/author/10``."""
    head, _, tail = node.value.rpartition("/")
    return (head, int(tail), "") if tail.isdecimal() and tail.isascii() else (head, 0, tail)


def _key(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
