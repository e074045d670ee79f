"""A release of any size that holds what the papers view reads: the index, and of each paper what a list or a facet tells.

Listings, claims and dumps are left out: no list reads them, and a million papers would have some 300 million quads of them.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from pyoxigraph import RdfFormat, Store, serialize

from kg import __version__
from kg.build import LAYOUT, map_sources
from kg.errors import DataError
from kg.indexing import Document, build_index
from kg.inputs import read_bundled
from kg.search import Index
from kg.vocab import Iris
from server.benchmark.copies import Copies, Copy, common, originals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.build import Graph
    from kg.release import Home, Release

#: An arXiv id has room for 99,999 papers a month, and the busiest month has a fiftieth of all.
MAX_PAPERS = 4_000_000

#: After how many papers the progress is told.
STEP = 5000


@dataclass(frozen=True, slots=True)
class _Documents:
    """What the index gets of each copy. It is gone through twice."""

    copies: Copies

    def __iter__(self) -> Iterator[Document]:
        return (copy.document() for copy in self.copies)


class _Stream(io.RawIOBase):
    """Texts as one stream of bytes, each made only when it is read."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever holds bytes
        if not self._rest:
            self._rest = memoryview(next(self._texts, "").encode())
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def release_of_pages(home: Home, papers: int, base_iri: str, announce: Callable[[str], None]) -> Release:
    """Return the release of so many papers, published in ``home``: the one that is there, or else a new one.

    A million papers take half an hour, 4 GB of memory and 13 GB on disk.
    """
    announce("read")
    iris = Iris(base_iri)
    graph = map_sources(read_bundled(), [], iris)
    said = serialize(graph.quads, format=RdfFormat.N_QUADS) or b""
    digest = hashlib.sha256(f"{LAYOUT} {__version__}\n".encode() + said).hexdigest()
    release_id = f"pages-{papers}-{digest[:10]}"
    with home.change():
        release = home.find(release_id)
        if release is None or not _is_readable(release):
            if release is not None:
                home.discard(release)
            release = _build(home, release_id, papers, graph, iris, announce)
        home.publish(release)
    return release


def _is_readable(release: Release) -> bool:
    try:
        Index.open(release.search)
    except DataError:
        return False
    return True


def _build(
    home: Home, release_id: str, papers: int, graph: Graph, iris: Iris, announce: Callable[[str], None]
) -> Release:
    copies = Copies(originals(graph, iris), papers)

    def told() -> Iterator[Copy]:
        for number, copy in enumerate(copies):
            if number % STEP == 0:
                announce(f"store and index of {papers} papers: {100 * number // papers} %")
            yield copy

    folder = home.stage()
    try:
        with ThreadPoolExecutor(1) as beside:  # both work mostly outside of Python, which lets two threads go on
            indexed = beside.submit(build_index, folder / "search", _Documents(copies))
            store = Store(str(folder / "store"))
            quads = _Stream(chain([common(graph, iris)], (copy.text(iris) for copy in told())))
            store.bulk_load(io.BufferedReader(quads, 1 << 20), RdfFormat.N_QUADS, lenient=True)
            announce(f"store of {papers} papers: pack")
            store.optimize()  # it was loaded piece by piece, and would be read piece by piece
            triples = len(store)
            del store
            announce(f"index of {papers} papers")
            indexed.result()
        (folder / "dumps").mkdir()
        announce("admit")
        manifest = {
            "id": release_id,
            "base_iri": iris.base,
            "inputs": [],
            "counts": {"papers": papers, "triples": triples},
            "dumps": {},
        }
        return home.admit(folder, release_id, manifest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
