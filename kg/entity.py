"""The document that an IRI answers with: what a release says of one thing, its parts included, never more than a page.

It holds the thing's own statements, those of its parts (a paper's authorships, setups, listings, claims and changes; a concept's
spellings; the terms of the ontology; the partitions and files of a release), and a label for everything that these point
to. Statements that merely point *to* the thing are left out, or the document of a concept would grow with the literature: a
reader gets them from the filtered ``/papers`` or from a query. Only a thing that the release says nothing of is described by
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from kg.vocab import DCAT, DCTERMS, RDF, RDFS, SKOS, SKOSXL, VOID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyoxigraph import BlankNode, Store, Triple

    from kg.vocab import Iris

    Term = NamedNode | BlankNode | Literal | Triple
    Facts = dict[Term, dict[NamedNode, list[Term]]]

#: What names a thing, the best first.
LABELS = (SKOS.prefLabel, RDFS.label, DCTERMS.title)

#: What a part says of the whole, where the whole does not say it of the part.
BACKWARD = (RDF.subject, RDFS.isDefinedBy)

#: How many statements describe a thing that only occurs as the object of others.
MAX_MENTIONS = 100

#: How many labels are kept once they are read: most things have one of 200 bytes, if any.
KEPT_LABELS = 16_384


@dataclass(frozen=True, slots=True)
class Named:
    """What something is called, and its IRI if it has one."""

    label: str
    iri: str | None = None


def label_of(store: Store, node: NamedNode) -> str | None:
    """Return what the store calls a thing, in any graph; None if nothing does."""
    quads = (quad for predicate in LABELS for quad in store.quads_for_pattern(node, predicate, None, None))
    return next((quad.object.value for quad in quads if isinstance(quad.object, Literal)), None)


class Description:
    """What is said of ``subject`` and around it, by subject and property."""

    def __init__(self, subject: NamedNode, facts: Facts) -> None:
        self.subject = subject
        self._facts = facts

    @property
    def has_blank_subjects(self) -> bool:
        """Whether anything is said of a blank node, which local data may hold."""
        return any(not isinstance(node, NamedNode) for node in self._facts)

    def subjects(self) -> list[NamedNode]:
        """Return what there are statements about, in their order; blank nodes left out."""
        return [node for node in self._facts if isinstance(node, NamedNode)]

    def predicates(self, subject: NamedNode) -> list[NamedNode]:
        """Return the properties that the subject has, in the order of the statements."""
        return list(self._facts.get(subject, {}))

    def values(self, subject: NamedNode, predicate: NamedNode) -> list[Term]:
        return self._facts.get(subject, {}).get(predicate, [])

    def statements(self, subject: NamedNode) -> Iterator[tuple[NamedNode, list[Term]]]:
        """Yield the properties of the subject with their values."""
        yield from self._facts.get(subject, {}).items()

    def nodes(self, subject: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """Return the values that are IRIs."""
        return [value for value in self.values(subject, predicate) if isinstance(value, NamedNode)]

    def is_part(self, node: NamedNode) -> bool:
        """Tell whether the node is described as a part of the subject, and not only named."""
        return node != self.subject and any(predicate not in LABELS for predicate in self.predicates(node))


class Document(Description):
    """The quads about ``subject``: its own first, then those of its parts, then labels. Each is there once."""

    def __init__(self, subject: NamedNode, quads: list[Quad]) -> None:
        self.quads = quads
        super().__init__(subject, facts_of(self.triples))

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

    def is_a(self, kind: NamedNode) -> bool:
        """Tell whether the document's subject is of this class."""
        return kind in self.values(self.subject, RDF.type)


def facts_of(triples: Iterable[Triple]) -> Facts:
    """Group the statements by subject and property."""
    facts: Facts = {}
    for subject, predicate, value in triples:
        facts.setdefault(subject, {}).setdefault(predicate, []).append(value)
    return facts


def is_described(store: Store, iri: NamedNode) -> bool:
    """Tell whether the release says anything of the IRI."""
    return any(True for _ in store.quads_for_pattern(iri, None, None, None))


def is_mentioned(store: Store, iri: NamedNode) -> bool:
    """Tell whether the release says anything that has the IRI as its object."""
    return any(True for _ in store.quads_for_pattern(None, None, iri, None))


class Documents:
    """The documents of one release. It keeps the labels that it has read: those of a list's papers are mostly the same.

    Threads may share it.
    """

    def __init__(self, store: Store, iris: Iris) -> None:
        self.iris = iris
        self._store = store
        self._links = part_links(iris)
        self._label = lru_cache(maxsize=KEPT_LABELS)(self._read_label)

    def read(self, iri: NamedNode) -> Document | None:
        """Return the document of an IRI, None if it does not occur in the release."""
        quads = self.quads(iri)
        return Document(iri, quads) if quads else None

    def quads(self, iri: NamedNode) -> list[Quad]:
        """Return what the document of an IRI holds, in its order; nothing if the IRI does not occur in the release."""
        quads = _sorted(self._store.quads_for_pattern(iri, None, None, None))
        if quads:
            for part in self._parts(iri, quads):
                quads += _sorted(self._store.quads_for_pattern(part, None, None, None))
            read = {quad.subject for quad in quads}  # with its labels, if it has any
        else:
            quads = _sorted(islice(self._store.quads_for_pattern(None, None, iri, None), MAX_MENTIONS))
            read = {quad.subject for quad in quads if quad.predicate in LABELS}
        return list(dict.fromkeys([*quads, *self._labels(quads, read)]))

    def _parts(self, iri: NamedNode, own: list[Quad]) -> list[NamedNode]:
        nodes = [quad.object for quad in own if quad.predicate in self._links]
        for backward in BACKWARD:
            nodes += [quad.subject for quad in self._store.quads_for_pattern(None, backward, iri, None)]
        return parts_among(nodes, iri)

    def _labels(self, quads: list[Quad], read: set[NamedNode | BlankNode | Triple]) -> Iterator[Quad]:
        """Name each end of the quads that is not ``read`` yet with the best label that the release has for it."""
        for node in dict.fromkeys(node for quad in quads for node in (quad.subject, quad.object)):
            if isinstance(node, NamedNode) and node not in read:
                label = self._label(node)
                if label:
                    yield label

    def _read_label(self, node: NamedNode) -> Quad | None:
        for predicate in LABELS:
            found = _sorted(self._store.quads_for_pattern(node, predicate, None, None))
            if found:
                return found[0]
        return None


def part_links(iris: Iris) -> frozenset[NamedNode]:
    """Return the properties that lead from a whole to its parts."""
    opd = iris.opd
    return frozenset(
        (
            *(opd.hasAuthorship, opd.reportsSetup, opd.listing, opd.change),
            *(SKOSXL.prefLabel, SKOSXL.altLabel, SKOSXL.hiddenLabel),
            *(DCAT.distribution, VOID.subset, VOID.classPartition, VOID.propertyPartition),
        )
    )


def parts_among(nodes: Iterable[Term], whole: NamedNode) -> list[NamedNode]:
    """Return those of the nodes that can be parts of the whole, each once and in their order."""
    return sorted({node for node in nodes if isinstance(node, NamedNode) and node != whole}, key=_natural)


def _sorted(quads: Iterable[Quad]) -> list[Quad]:
    """Types first, then by property and value, so that equal releases give equal documents."""
    return sorted(quads, key=lambda quad: (*statement_place(quad), str(quad.graph_name)))


def statement_place(statement: Triple | Quad) -> tuple[bool, str, str]:
    """Return what a subject's statements are sorted by."""
    return statement.predicate != RDF.type, statement.predicate.value, _key(statement.object)


def _natural(node: NamedNode) -> tuple[str, int, str]:
    """Sort ``…/author/2`` before ``…/author/10``."""
    head, _, tail = node.value.rpartition("/")
    return (head, int(tail), "") if tail.isdecimal() and tail.isascii() else (head, 0, tail)


def _key(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
