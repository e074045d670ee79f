"""The description of a release inside itself: VoID with computed counts, DCAT with its distributions.

Every count includes the description's own triples: the numbers are what a query over the release returns. So the release is
counted again with each description until the numbers stay.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.dumps import FORMATS
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


@dataclass(frozen=True, slots=True)
class Counts:
    """What VoID counts, of the union of the graphs: triples, terms, and a partition by class and by property."""

    triples: int
    subjects: int
    objects: int
    classes: Counter[str]
    properties: Counter[str]
    graphs: Counter[str]


class Tally:
    """The statements of a release but its description, ready to be counted with any description."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._triples: set[Triple] = set()
        self._graphs: Counter[str] = Counter()
        for quad in quads:
            self._triples.add(quad.triple)
            self._graphs[_iri(quad.graph_name)] += 1
        self._subjects = {triple.subject for triple in self._triples}
        self._objects = {triple.object for triple in self._triples}
        self._properties, self._classes = _partitions_of(self._triples)

    def count(self, described: Collection[Quad]) -> Counts:
        """Count distinct statements; ``classes`` counts instances, ``properties`` triples."""
        new = {quad.triple for quad in described} - self._triples
        properties, classes = _partitions_of(new)
        return Counts(
            triples=len(self._triples) + len(new),
            subjects=len(self._subjects) + len({triple.subject for triple in new} - self._subjects),
            objects=len(self._objects) + len({triple.object for triple in new} - self._objects),
            classes=self._classes + classes,
            properties=self._properties + properties,
            graphs=self._graphs + Counter(_iri(quad.graph_name) for quad in described),
        )


def _partitions_of(triples: Iterable[Triple]) -> tuple[Counter[str], Counter[str]]:
    triples = list(triples)
    properties = Counter(triple.predicate.value for triple in triples)
    types = (triple.object for triple in triples if triple.predicate == RDF.type)
    return properties, Counter(kind.value for kind in types if isinstance(kind, NamedNode))


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
        (VOID.sparqlEndpoint, NamedNode(f"{iris.base}sparql")),
        *((VOID.vocabulary, NamedNode(namespace.iri)) for namespace in FOREIGN),
        (VOID.vocabulary, NamedNode(iris.opd.iri)),
    )
    if newest:
        yield from about(release, (DCTERMS.issued, day(newest)))
    for dump in FORMATS:
        node = NamedNode(f"{release.value}/{dump.file}")
        address = NamedNode(f"{iris.base}dumps/{dump.file}")
        yield from about(release, (DCAT.distribution, node), (VOID.dataDump, address))
        yield from about(
            node,
            (RDF.type, DCAT.Distribution),
            (DCTERMS.title, Literal(dump.title, language="en")),
            (DCAT.mediaType, NamedNode(f"https://www.iana.org/assignments/media-types/{dump.media_type}")),
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
    """Each partition gets an IRI below the release's, so that no blank node is needed: ``…/class/opd:Paper``."""
    tables = (
        ("class", counts.classes, VOID.classPartition, VOID["class"], VOID.entities),
        ("property", counts.properties, VOID.propertyPartition, VOID.property, VOID.triples),
    )
    for kind, table, link, term, number in tables:
        for iri, amount in sorted(table.items()):
            node = NamedNode(f"{release.value}/{kind}/{segment(_short(iri, iris))}")
            yield Quad(release, link, node, graph)
            yield Quad(node, RDFS.label, string(_short(iri, iris)), graph)
            yield Quad(node, term, NamedNode(iri), graph)
            yield Quad(node, number, integer(amount), graph)


def _short(iri: str, iris: Iris) -> str:
    """Return the IRI with a prefix where one fits."""
    for prefix, namespace in iris.prefixes().items():
        if iri.startswith(namespace) and "/" not in iri[len(namespace) :]:
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
