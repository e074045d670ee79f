"""VoID (https://www.w3.org/TR/void/): what is in a release, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.dumps import WHOLE
from kg.linksets import LINKSETS
from kg.mapping import integer, string
from kg.media import RDF_FORMATS
from kg.vocab import DCTERMS, FOAF, FOREIGN, GRAPHS, RDF, RDFS, VOID, segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.dataset import Edition
    from kg.description.counts import Counts
    from kg.linksets import Linkset
    from kg.vocab import Iris

    Fact = tuple[NamedNode, NamedNode | Literal]
    Said = tuple[NamedNode, NamedNode, NamedNode | Literal]

#: How each kind of partition hangs on the whole, what it is of, and what is counted in it.
PARTITIONS = {
    "class": (VOID.classPartition, VOID["class"], VOID.entities),
    "property": (VOID.propertyPartition, VOID.property, VOID.triples),
}


def void(counts: Counts, edition: Edition) -> Iterator[Said]:
    """Return what VoID says of the release, of its graphs, its links, and its partitions by class and property."""
    yield from _whole(counts, edition)
    yield from _graphs(counts, edition)
    for linkset in LINKSETS:
        if linkset in counts.links:
            yield from _linkset(linkset, counts.links[linkset], edition)
    yield from _partitions(counts, edition.node, edition.iris)


def _whole(counts: Counts, edition: Edition) -> Iterator[Said]:
    iris, release = edition.iris, edition.node
    facts: list[Fact] = [
        (RDF.type, VOID.Dataset),
        (FOAF.homepage, NamedNode(iris.base)),
        (VOID.uriSpace, string(iris.base)),
        (VOID.sparqlEndpoint, iris.endpoint),
        (VOID.triples, integer(counts.triples)),
        (VOID.entities, integer(counts.entities)),
        (VOID.documents, integer(counts.documents)),
        (VOID.distinctSubjects, integer(counts.subjects)),
        (VOID.distinctObjects, integer(counts.objects)),
        (VOID.classes, integer(len(counts.classes))),
        (VOID.properties, integer(len(counts.properties))),
        *((VOID.vocabulary, NamedNode(namespace.iri)) for namespace in (*FOREIGN, iris.opd)),
        *((VOID.feature, NamedNode(each.iri)) for each in RDF_FORMATS),
        *((VOID.exampleResource, example) for example in counts.examples),
        *((VOID.dataDump, iris.dump(edition.release_id, dump.file)) for dump in WHOLE.values()),
    ]
    return ((release, *fact) for fact in facts)


def _graphs(counts: Counts, edition: Edition) -> Iterator[Said]:
    iris = edition.iris
    own = [iris.graph(name) for name in GRAPHS]
    known = {iri.value for iri in own}
    local = [NamedNode(name) for name in sorted(counts.graphs) if name not in known and not name.startswith("_:")]
    for subset in (*own, *local):
        yield edition.node, VOID.subset, subset
        yield subset, RDF.type, VOID.Dataset
        yield subset, VOID.triples, integer(counts.graphs.get(subset.value, 0))


def _linkset(linkset: Linkset, amount: int, edition: Edition) -> Iterator[Said]:
    """A linkset is between two datasets: the graph that holds the subjects, and the one that the objects are from."""
    iris = edition.iris
    node = iris.release(f"{edition.release_id}/links/{linkset.name}")
    dois = NamedNode(f"{iris.dataset.value}/doi")
    facts: list[Fact] = [
        (RDF.type, VOID.Linkset),
        (DCTERMS.title, Literal(linkset.title, language="en")),
        (RDFS.comment, Literal(linkset.method, language="en")),
        (VOID.linkPredicate, linkset.predicate),
        (VOID.subjectsTarget, iris.graph("taxonomy" if linkset.inside else "papers")),
        (VOID.objectsTarget, iris.graph("taxonomy") if linkset.inside else dois),
        (VOID.triples, integer(amount)),
        (VOID.dataDump, iris.dump(edition.release_id, linkset.file)),
    ]
    yield edition.node, VOID.subset, node
    yield from ((node, *fact) for fact in facts)
    if not linkset.inside:
        yield dois, RDF.type, VOID.Dataset
        yield dois, DCTERMS.title, Literal("DOIs that DataCite registers for arXiv", language="en")
        yield dois, VOID.uriSpace, string("https://doi.org/10.48550/")


def _partitions(counts: Counts, release: NamedNode, iris: Iris) -> Iterator[Said]:
    """Each partition gets an IRI below the release's, so that no blank node is needed: ``…/class/opd:Paper``.

    A class's has one for each property of its instances: from them an editor knows what can follow ``?paper a opd:Paper``.
    """

    def partition(whole: NamedNode, kind: str, iri: str, amount: int) -> Iterator[Said]:
        link, term, number = PARTITIONS[kind]
        short = _short(iri, iris)
        node = _partition(whole, kind, short)
        yield whole, link, node
        yield node, RDFS.label, string(short)
        yield node, term, NamedNode(iri)
        yield node, number, integer(amount)

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
