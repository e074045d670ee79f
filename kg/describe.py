"""The description of a release inside itself: VoID with computed counts, DCAT with its distributions.

Every count includes the description's own triples: the numbers are what a query over the release returns. So the release is
counted again with each description until the numbers stay.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.dumps import DUMPS
from kg.mapping import day, integer, string
from kg.vocab import DCAT, DCTERMS, FOREIGN, GRAPHS, OWL, RDF, RDFS, VOID, segment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

    from kg.vocab import Iris

LICENSE = NamedNode("http://creativecommons.org/publicdomain/zero/1.0/")
TITLE = "Knowledge graph of on-policy distillation research"

#: After so many rounds the counts would never settle.
MAX_ROUNDS = 10

#: How each kind of partition hangs on the whole, what it is of, and what is counted in it.
PARTITIONS = {
    "class": (VOID.classPartition, VOID["class"], VOID.entities),
    "property": (VOID.propertyPartition, VOID.property, VOID.triples),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """What VoID counts, of the union of the graphs: triples, terms, and a partition by class and by property.

    ``classes`` counts instances, ``properties`` triples, and so does ``uses``, by the subject's class and the property.
    """

    triples: int
    subjects: int
    objects: int
    classes: Counter[str]
    properties: Counter[str]
    uses: Counter[tuple[str, str]]
    graphs: Counter[str]


class Tally:
    """The statements of a release but its description, ready to be counted with any description."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._triples: set[Triple] = set()
        self._graphs: Counter[str] = Counter()
        for quad in quads:
            self._triples.add(quad.triple)
            self._graphs[_iri(quad.graph_name)] += 1
        self._by_subject = _by_subject(self._triples)
        self._objects = {triple.object for triple in self._triples}
        self._properties = Counter(triple.predicate.value for triple in self._triples)
        self._classes, self._uses = _use(self._by_subject.values())

    def count(self, described: Collection[Quad]) -> Counts:
        """Count distinct statements."""
        new = {quad.triple for quad in described} - self._triples
        touched = _by_subject(new)
        known = {subject: self._by_subject[subject] for subject in touched if subject in self._by_subject}
        old_classes, old_uses = _use(known.values())
        classes, uses = _use([*known.get(subject, ()), *triples] for subject, triples in touched.items())
        return Counts(
            triples=len(self._triples) + len(new),
            subjects=len(self._by_subject) + len(touched) - len(known),
            objects=len(self._objects) + len({triple.object for triple in new} - self._objects),
            classes=self._classes - old_classes + classes,
            properties=self._properties + Counter(triple.predicate.value for triple in new),
            uses=self._uses - old_uses + uses,
            graphs=self._graphs + Counter(_iri(quad.graph_name) for quad in described),
        )


def _by_subject(triples: Iterable[Triple]) -> dict[object, list[Triple]]:
    found: dict[object, list[Triple]] = {}
    for triple in triples:
        found.setdefault(triple.subject, []).append(triple)
    return found


def _use(things: Iterable[Collection[Triple]]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Count the classes of things, each given by its statements, and the statements by class and property."""
    classes: Counter[str] = Counter()
    uses: Counter[tuple[str, str]] = Counter()
    for triples in things:
        types = (triple.object for triple in triples if triple.predicate == RDF.type)
        kinds = [kind.value for kind in types if isinstance(kind, NamedNode)]
        classes.update(kinds)
        uses.update((kind, triple.predicate.value) for kind in kinds for triple in triples)
    return classes, uses


def _iri(term: object) -> str:
    """Return the IRI of a graph; a reader's own data may hold one that is a blank node."""
    return term.value if isinstance(term, NamedNode) else str(term)


def description(tally: Tally, release_id: str, newest: date | None, iris: Iris) -> list[Quad]:
    """Return the quads of graph/description for a release of what was tallied.

    ``newest`` is the day of the newest source: a release says nothing of the hour at which it was built, or two builds of
    the same sources would differ.
    """
    described: list[Quad] = []
    for _ in range(MAX_ROUNDS):
        before, described = described, list(_describe(tally.count(described), release_id, newest, iris))
        if described == before:
            return described
    # A number that is written is an object itself: where counting it makes it wrong, it is better not said.
    return [quad for quad in described if quad.predicate != VOID.distinctObjects]


def _describe(counts: Counts, release_id: str, newest: date | None, iris: Iris) -> Iterator[Quad]:
    graph = iris.graph("description")
    release = iris.release(release_id)

    def about(subject: NamedNode, *facts: tuple[NamedNode, NamedNode | Literal]) -> Iterator[Quad]:
        return (Quad(subject, predicate, value, graph) for predicate, value in facts)

    yield from about(
        iris.dataset,
        (RDF.type, DCAT.Dataset),
        (DCTERMS.title, Literal(TITLE, language="en")),
        (DCTERMS.license, LICENSE),
        (DCAT.hasCurrentVersion, release),
    )
    yield from about(
        release,
        (RDF.type, DCAT.Dataset),
        (RDF.type, VOID.Dataset),
        (DCTERMS.title, Literal(f"{TITLE}, release {release_id}", language="en")),
        (DCAT.version, string(release_id)),
        (DCAT.isVersionOf, iris.dataset),
        (DCTERMS.license, LICENSE),
        (VOID.uriSpace, string(iris.base)),
        (VOID.triples, integer(counts.triples)),
        (VOID.distinctSubjects, integer(counts.subjects)),
        (VOID.distinctObjects, integer(counts.objects)),
        (VOID.classes, integer(len(counts.classes))),
        (VOID.properties, integer(len(counts.properties))),
        (VOID.sparqlEndpoint, iris.endpoint),
        *((VOID.vocabulary, NamedNode(namespace.iri)) for namespace in FOREIGN),
        (VOID.vocabulary, NamedNode(iris.opd.iri)),
    )
    if newest:
        yield from about(release, (DCTERMS.issued, day(newest)))
    for dump in DUMPS:
        node = NamedNode(f"{release.value}/{dump.file}")
        address = NamedNode(f"{iris.base}dumps/{dump.file}")
        yield from about(release, (DCAT.distribution, node), (VOID.dataDump, address))
        yield from about(
            node,
            (RDF.type, DCAT.Distribution),
            (DCTERMS.title, Literal(dump.format.title, language="en")),
            (DCAT.mediaType, NamedNode(f"https://www.iana.org/assignments/media-types/{dump.format.media_type}")),
            (DCAT.compressFormat, NamedNode("https://www.iana.org/assignments/media-types/application/gzip")),
            (DCAT.downloadURL, address),
        )
    yield from _graphs(counts, release, iris, graph)
    yield from _partitions(counts, release, iris, graph)


def _graphs(counts: Counts, release: NamedNode, iris: Iris, graph: NamedNode) -> Iterator[Quad]:
    own = [iris.graph(name) for name in GRAPHS]
    known = {iri.value for iri in own}
    local = [NamedNode(name) for name in sorted(counts.graphs) if name not in known and not name.startswith("_:")]
    for subset in (*own, *local):
        yield Quad(release, VOID.subset, subset, graph)
        yield Quad(subset, RDF.type, VOID.Dataset, graph)
        yield Quad(subset, VOID.triples, integer(counts.graphs.get(subset.value, 0)), graph)
    links = iris.graph("links")
    yield Quad(links, RDF.type, VOID.Linkset, graph)
    yield Quad(links, VOID.linkPredicate, OWL.sameAs, graph)
    yield Quad(links, VOID.subjectsTarget, release, graph)
    comment = (
        "The DOI is made of the arXiv id that a source states, as DataCite registers it, in two spellings of its case."
    )
    yield Quad(links, RDFS.comment, Literal(comment, language="en"), graph)


def _partitions(counts: Counts, release: NamedNode, iris: Iris, graph: NamedNode) -> Iterator[Quad]:
    """Each partition gets an IRI below the release's, so that no blank node is needed: ``…/class/opd:Paper``.

    A class's has one for each property of its instances: from them an editor knows what can follow ``?paper a opd:Paper``.
    """

    def partition(whole: NamedNode, kind: str, iri: str, amount: int) -> Iterator[Quad]:
        link, term, number = PARTITIONS[kind]
        short = _short(iri, iris)
        node = _partition(whole, kind, short)
        yield Quad(whole, link, node, graph)
        yield Quad(node, RDFS.label, string(short), graph)
        yield Quad(node, term, NamedNode(iri), graph)
        yield Quad(node, number, integer(amount), graph)

    for iri, amount in sorted(counts.classes.items()):
        yield from partition(release, "class", iri, amount)
    for iri, amount in sorted(counts.properties.items()):
        yield from partition(release, "property", iri, amount)
    for (kind, iri), amount in sorted(counts.uses.items()):
        yield from partition(_partition(release, "class", _short(kind, iris)), "property", iri, amount)


def _partition(whole: NamedNode, kind: str, short: str) -> NamedNode:
    return NamedNode(f"{whole.value}/{kind}/{segment(short)}")


def _short(iri: str, iris: Iris) -> str:
    """Return the IRI with a prefix where one fits."""
    for prefix, namespace in iris.prefixes().items():
        if iri.startswith(namespace) and "/" not in iri[len(namespace) :]:
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
