"""The description of a release inside itself: VoID with computed counts, DCAT with its distributions.

Every count includes the description's own triples: the numbers are what a query over the release returns. The description
does not change in shape when its numbers do, so counting twice is enough.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from kg.dumps import FORMATS
from kg.mapping import day, integer, string
from kg.vocab import DCAT, DCTERMS, FOREIGN, GRAPHS, OWL, RDF, RDFS, VOID, segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from kg.vocab import Iris

LICENSE = NamedNode("http://creativecommons.org/publicdomain/zero/1.0/")
TITLE = "Knowledge graph of on-policy distillation research"


@dataclass(frozen=True, slots=True)
class Counts:
    """What VoID counts, of the union of the graphs: triples, terms, and a partition by class and by property."""

    triples: int
    subjects: int
    objects: int
    classes: dict[str, int]
    properties: dict[str, int]
    graphs: dict[str, int]


def count(quads: Iterable[Quad]) -> Counts:
    """Count the distinct statements; ``classes`` counts instances, ``properties`` triples."""
    triples: set[tuple[str, str, str]] = set()
    graphs: Counter[str] = Counter()
    for quad in quads:
        triples.add((str(quad.subject), str(quad.predicate), str(quad.object)))
        graphs[str(quad.graph_name)[1:-1]] += 1
    classes: dict[str, int] = defaultdict(int)
    properties: dict[str, int] = defaultdict(int)
    for _, predicate, value in triples:
        properties[predicate[1:-1]] += 1
        if predicate == str(RDF.type):
            classes[value[1:-1]] += 1
    return Counts(
        triples=len(triples),
        subjects=len({subject for subject, _, _ in triples}),
        objects=len({value for _, _, value in triples}),
        classes=dict(classes),
        properties=dict(properties),
        graphs=dict(graphs),
    )


def description(quads: list[Quad], release_id: str, newest: date | None, iris: Iris) -> list[Quad]:
    """Return the quads of graph/description for a release of these quads.

    ``newest`` is the day of the newest source: a release says nothing of the hour at which it was built, or two builds of
    the same sources would differ.
    """
    described: list[Quad] = []
    for _ in range(3):  # the first count lacks the description's own terms, the second its own partitions
        described = list(_describe(count([*quads, *described]), release_id, newest, iris))
    return described


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
    local = [NamedNode(name) for name in sorted(counts.graphs) if name not in {iri.value for iri in own}]
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
            node = NamedNode(f"{release.value}/{kind}/{_short(iri, iris)}")
            yield Quad(release, link, node, graph)
            yield Quad(node, term, NamedNode(iri), graph)
            yield Quad(node, number, integer(amount), graph)


def _short(iri: str, iris: Iris) -> str:
    for prefix, namespace in iris.prefixes().items():
        if iri.startswith(namespace) and "/" not in iri[len(namespace) :]:
            return segment(f"{prefix}:{iri[len(namespace) :]}")
    return segment(iri)
