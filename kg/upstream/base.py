"""What the current release was made of, read again from the bytes that were kept: a sync adds to it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kg.errors import DataError
from kg.graph import open_at
from kg.inputs import Inputs, read_bundled
from kg.vocab import GRAPHS, Iris

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Quad

    from kg.release import Release
    from kg.upstream.kept import Kept


def read_inputs(inputs: Iterable[dict[str, Any]], kept: Kept) -> Inputs:
    """Read inputs of a manifest again, from this package or from what is kept; one that is in neither is a DataError."""
    bundled = {source.snapshot.sha256: source for source in read_bundled().sources}
    found = Inputs()
    for each in inputs:
        data = kept.get(each["sha256"])
        if data is not None:
            day = date.fromisoformat(each["day"]) if each["day"] else None
            found.add(data, each["file"], address=each["address"], day=day)
        elif each["sha256"] in bundled:
            found.sources.append(bundled[each["sha256"]])
        else:
            raise DataError(
                f"{each['file']} (sha256 {each['sha256']}), which the current release was made of, is not kept in {kept.path}; "
                "build once with 'opdkg build --source', which keeps its sources"
            )
    return found


def local_quads(release: Release) -> list[Quad]:
    """Return a reader's own RDF in a release."""
    store, iris = open_at(release), Iris(release.manifest()["base_iri"])
    own = set(map(iris.graph, GRAPHS))
    others = [graph for graph in store.named_graphs() if graph not in own]
    return [quad for graph in others for quad in store.quads_for_pattern(None, None, None, graph)]
