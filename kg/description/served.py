"""What the served description adds to the one inside a release.

A file that holds the description cannot hold its own size and checksum, and a release that never changes cannot know what
else is kept beside it. Both are known to whoever has the releases' manifests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, Triple

from kg.dataset import Edition
from kg.description.dcat import release_facts
from kg.dumps import measured
from kg.vocab import DCAT, RDF, SPDX, VOID, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.vocab import Iris


def beside(current: dict[str, Any], others: Sequence[dict[str, Any]]) -> Iterator[Triple]:
    """Return size and checksum of every file, and the other releases that are kept, all from the releases' manifests."""
    kept = {manifest["id"] for manifest in (current, *others)}
    for manifest in others:
        edition = Edition.of(manifest)
        yield from (Triple(*said) for said in release_facts(edition, measured(manifest)))
    for manifest in (current, *others):
        yield from _measures(manifest)
        if manifest.get("previous") in kept:
            iris = Edition.of(manifest).iris
            for before in (DCAT.prev, DCAT.previousVersion):
                yield Triple(iris.release(manifest["id"]), before, iris.release(manifest["previous"]))


def _measures(manifest: dict[str, Any]) -> Iterator[Triple]:
    edition = Edition.of(manifest)
    for dump, measures in measured(manifest).items():
        node = edition.distribution(dump.file)
        checksum = NamedNode(f"{node.value}#sha256")
        yield Triple(node, DCAT.byteSize, Literal(str(measures.bytes), datatype=XSD.nonNegativeInteger))
        yield Triple(node, SPDX.checksum, checksum)
        yield Triple(checksum, RDF.type, SPDX.Checksum)
        yield Triple(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
        yield Triple(checksum, SPDX.checksumValue, Literal(measures.sha256, datatype=XSD.hexBinary))


def only_dcat(triples: Iterable[Triple], iris: Iris) -> list[Triple]:
    """Return what DCAT says and VoID does not: the series, its releases and their files, the endpoint and the publisher."""
    found = list(triples)
    catalogued: set[Any] = {iris.dataset, iris.endpoint, iris.agent("project")}
    catalogued.update(each.subject for each in found if each.predicate in (DCAT.inSeries, SPDX.algorithm))
    catalogued.update(each.object for each in found if each.predicate == DCAT.distribution)
    dcat = (each for each in found if not each.predicate.value.startswith(VOID.iri) and each.object != VOID.Dataset)
    return [each for each in dcat if each.subject in catalogued]
