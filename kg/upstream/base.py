"""What the current release was made of, read again from the bytes that were kept: a sync adds to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from kg import __version__
from kg.build import CheckError, build
from kg.errors import DataError, RefusedError
from kg.graph import open_at
from kg.inputs import Inputs, read_bundled
from kg.integrity import MANIFEST, damages
from kg.upstream.kept import Kept
from kg.upstream.report import Outcome
from kg.vocab import GRAPHS, Iris

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyoxigraph import Quad

    from kg.release import Home, Release
    from kg.settings import Settings


def dated_inputs(release: Release) -> list[dict[str, Any]]:
    """Return the inputs in a release's manifest. One that tells no day was so on the day on which the release was built."""
    manifest = release.manifest()
    built = datetime.fromtimestamp((release.path / MANIFEST).stat().st_mtime, UTC).date().isoformat()
    return [{**each, "day": each["day"] or built} for each in manifest["inputs"]]


def read_inputs(inputs: Iterable[dict[str, Any]], kept: Kept) -> Inputs:
    """Read inputs of a manifest again, from this package or from what is kept; one that is in neither is a DataError."""
    bundled = {source.snapshot.sha256: source for source in read_bundled().sources}
    found = Inputs()
    for each in inputs:
        data = kept.get(each["sha256"])
        if data is not None:
            day = date.fromisoformat(each["day"])
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
    """Return a reader's own RDF in a release; where it is damaged, a DataError."""
    manifest = release.manifest()
    own = {graph.value for graph in map(Iris(manifest["base_iri"]).graph, GRAPHS)}
    others = [NamedNode(graph) for graph in manifest["counts"]["graphs"] if graph not in own]
    if not others:
        return []  # not even the store need be whole
    store = open_at(release)
    try:
        return [quad for graph in others for quad in store.quads_for_pattern(None, None, None, graph)]
    except (OSError, RuntimeError) as error:
        raise DataError(f"{release.store}: what was added with --with cannot be read: {error}") from None


def is_outdated(current: Release | None, settings: Settings) -> bool:
    """Tell whether there is no release, a damaged one, or one that another version of this program or base IRI has made."""
    if current is None or damages(current):
        return True
    manifest = current.manifest()
    return (manifest["versions"]["opdkg"], manifest["base_iri"]) != (__version__, settings.base_iri)


def build_upon(
    home: Home, settings: Settings, inputs: Inputs, *, announce: Callable[[str], None], forced: str | None
) -> Outcome:
    """Build and publish a release of the inputs and of what a reader has added to the current one; keep what it is made of.

    One that violates a rule is refused, a RefusedError.
    """
    current, kept = home.current_or_none(), Kept.of(home)
    for data in inputs.originals:
        kept.put(data)
    local = local_quads(current) if current else []
    try:
        result = build(home, inputs, base_iri=settings.base_iri, local=local, announce=announce, forced=forced)
    except CheckError as error:
        raise RefusedError([str(each) for each in error.violations]) from None
    return Outcome.UNCHANGED if current == result.release and not result.fresh else Outcome.BUILT
