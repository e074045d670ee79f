"""DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/): a series of releases, and the files of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.dataset import DESCRIPTION, KEYWORDS, LICENSE, PUBLISHER, TITLE
from kg.dumps import DUMPS
from kg.mapping import day, string
from kg.vocab import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.dataset import Edition
    from kg.dumps import Dump
    from kg.vocab import Iris

    Fact = tuple[NamedNode, NamedNode | Literal]
    Said = tuple[NamedNode, NamedNode, NamedNode | Literal]

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"

#: A release follows when a source has changed, at no fixed time.
IRREGULAR = NamedNode("http://purl.org/cld/freq/irregular")


def dcat(edition: Edition) -> Iterator[Said]:
    """Return what DCAT says of a release, of the series that it continues, and of how to get it."""
    iris, release = edition.iris, edition.node
    yield from _series(edition)
    yield from release_facts(edition, DUMPS)
    yield from ((release, DCTERMS.source, iris.source(slug)) for slug in edition.sources)
    yield from (
        (iris.endpoint, RDF.type, DCAT.DataService),
        (iris.endpoint, DCTERMS.title, Literal("SPARQL endpoint", language="en")),
        (iris.endpoint, DCAT.endpointURL, iris.endpoint),
        (iris.endpoint, DCAT.servesDataset, release),
        (iris.endpoint, DCTERMS.conformsTo, NamedNode("https://www.w3.org/TR/sparql11-protocol/")),
    )
    publisher = iris.agent("project")
    yield from ((publisher, RDF.type, kind) for kind in (FOAF.Agent, PROV.Agent, PROV.Organization))
    yield from ((publisher, name, string(PUBLISHER)) for name in (RDFS.label, FOAF.name))


def _series(edition: Edition) -> Iterator[Said]:
    iris = edition.iris
    facts: list[Fact] = [
        (RDF.type, DCAT.DatasetSeries),
        (RDF.type, DCAT.Dataset),
        (DCTERMS.title, Literal(TITLE, language="en")),
        (DCTERMS.description, Literal(DESCRIPTION, language="en")),
        *((DCAT.keyword, Literal(keyword, language="en")) for keyword in KEYWORDS),
        *_terms(iris),
        (DCTERMS.accrualPeriodicity, IRREGULAR),
        (DCAT.landingPage, NamedNode(iris.base)),
        (DCAT.hasCurrentVersion, edition.node),
        (DCAT.last, edition.node),
    ]
    return ((iris.dataset, *fact) for fact in facts)


def _terms(iris: Iris) -> list[Fact]:
    publisher = iris.agent("project")
    return [
        (DCTERMS.license, NamedNode(LICENSE)),
        (DCTERMS.publisher, publisher),
        (DCTERMS.creator, publisher),
        (DCTERMS.conformsTo, iris.ontology),
    ]


def release_facts(edition: Edition, dumps: Iterable[Dump]) -> Iterator[Said]:
    """Return what is said of any release that can be downloaded, the current one or one before it."""
    iris, release = edition.iris, edition.node
    facts: list[Fact] = [
        (RDF.type, DCAT.Dataset),
        (DCTERMS.title, Literal(edition.title, language="en")),
        (DCAT.version, string(edition.release_id)),
        (DCAT.inSeries, iris.dataset),
        (DCAT.isVersionOf, iris.dataset),
        *_terms(iris),
    ]
    if edition.newest:
        facts.append((DCTERMS.issued, day(edition.newest)))
    yield from ((release, *fact) for fact in facts)
    for dump in dumps:
        yield release, DCAT.distribution, edition.distribution(dump.file)
        yield from _distribution(dump, edition)


def _distribution(dump: Dump, edition: Edition) -> Iterator[Said]:
    iris = edition.iris
    facts: list[Fact] = [
        (RDF.type, DCAT.Distribution),
        (DCTERMS.title, Literal(f"{dump.scope}: {dump.format.title}", language="en")),
        (DCAT.mediaType, NamedNode(MEDIA_TYPES + dump.format.media_type.partition(";")[0])),
        (DCAT.compressFormat, NamedNode(f"{MEDIA_TYPES}application/gzip")),
        (DCAT.accessURL, iris.dump(edition.release_id)),
        (DCAT.downloadURL, iris.dump(edition.release_id, dump.file)),
        (DCTERMS.license, NamedNode(LICENSE)),
    ]
    if dump.conforms_to:
        facts.append((DCTERMS.conformsTo, NamedNode(dump.conforms_to)))
    return ((edition.distribution(dump.file), *fact) for fact in facts)
