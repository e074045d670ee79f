"""A release of any size that holds what the papers view reads: the index, and of each paper what a list or a facet tells.

The bundled papers are repeated under ids, days, titles and names of their own. Of each part of a paper, one copy in five has
what another paper has, and of setups both: values stay about as frequent as they are, and their combinations grow with the
release. Listings, claims
and dumps are left out: no list reads them, and a million papers would have some 300 million quads of them.
"""

from __future__ import annotations

import hashlib
import io
import random
import shutil
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Store, serialize

from kg import __version__
from kg.build import LAYOUT, map_sources
from kg.cards import CARD_AUTHORS
from kg.documents import documents
from kg.errors import DataError
from kg.identifiers import parse_arxiv_id
from kg.indexing import Document, build_index
from kg.inputs import read_bundled
from kg.mapping import day, integer, string
from kg.search import Index
from kg.vocab import DC, DCTERMS, DIMENSIONS, FABIO, FOAF, PRISM, RDF, Iris

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from pyoxigraph import Quad

    from kg.build import Graph
    from kg.release import Home, Release

#: An arXiv id has room for 99,999 papers a month, and the busiest month has a fiftieth of all.
MAX_PAPERS = 4_000_000

SETUPS = "reportsSetup"
#: What a copy has of one paper as a whole: the property that says it, and the facets that show it.
PARTS: Mapping[str, tuple[str, ...]] = {
    **{name: (dimension,) for dimension, name in DIMENSIONS.items()},
    SETUPS: ("teacher", "student", "model"),
    "repository": ("code",),
    "listingStatus": ("status",),
}
FROM_ANOTHER = 0.2

#: A paper's copies are spread over so many years, the last of them its own.
YEARS = 10
#: By its place among the authors, a name is another one after so many copies: few people write a lot, most write one paper.
NEW_NAME_AFTER = (1, 10, 100, 1000)

#: Stands in the text of a part for the paper's IRI. No IRI holds a space.
PAPER = " paper "

#: After how many papers the progress is told.
STEP = 5000


@dataclass(frozen=True, slots=True)
class Original:
    """A paper to be repeated. ``lines`` are its parts as N-Quads, by property, with PAPER in place of its IRI."""

    document: Document
    lines: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Copy:
    """One repetition. ``parts`` says whose part it has where that is not the original's own."""

    id: str
    original: Original
    turn: int
    parts: Mapping[str, Original]

    @property
    def title(self) -> str:
        return f"{self.original.document.title} {self.turn}"

    @property
    def year(self) -> int | None:
        year = self.original.document.year
        return None if year is None else year - self.turn % YEARS

    @property
    def issued(self) -> date | None:
        issued = self.original.document.issued
        return issued and issued.replace(year=issued.year - self.turn % YEARS, day=min(issued.day, 28))

    @property
    def authors(self) -> tuple[str, ...]:
        names = enumerate(self.original.document.authors)
        return tuple(f"{name} {self.turn // NEW_NAME_AFTER[place % len(NEW_NAME_AFTER)]}" for place, name in names)

    def _sources(self, part: str) -> tuple[Original, ...]:
        other = self.parts.get(part)
        if other is None:
            return (self.original,)
        return (self.original, other) if part == SETUPS else (other,)

    def document(self) -> Document:
        """Return what the index gets."""
        issued, year, facets = self.issued, self.year, dict(self.original.document.facets)
        for part in self.parts:
            sources = self._sources(part)
            for facet in PARTS[part]:
                facets[facet] = tuple(dict.fromkeys(chain(*(source.document.facets[facet] for source in sources))))
        facets["year"] = () if year is None else (str(year),)
        facets["month"] = () if issued is None else (issued.isoformat()[:7],)
        facets["author"] = tuple(dict.fromkeys(self.authors))
        return Document(
            id=self.id,
            title=self.title,
            other_titles=self.original.document.other_titles,
            authors=self.authors,
            method_names=self.original.document.method_names,
            models=tuple(dict.fromkeys(chain(*(source.document.models for source in self._sources(SETUPS))))),
            issued=issued,
            year=year,
            facets=facets,
        )

    def text(self, iris: Iris) -> str:
        """Return what the store gets, as N-Quads."""
        opd, graph, node = iris.opd, iris.graph("papers"), iris.paper(self.id)
        issued, year = self.issued, self.year
        facts = [
            (RDF.type, opd.Paper),
            (opd.citationKey, string(f"key-{self.id}")),
            (DCTERMS.title, string(self.title)),
            *([(DCTERMS.issued, day(issued))] if issued else []),
            *([(opd.year, integer(year))] if year is not None else []),
            *([(FABIO.hasArXivId, string(self.id))] if parse_arxiv_id(self.id) else []),
            (PRISM.doi, string(f"10.48550/arXiv.{self.id}")),
            (FOAF.page, NamedNode(f"https://arxiv.org/abs/{self.id}")),
        ]
        lines = [f"{node} {predicate} {value} {graph} .\n" for predicate, value in facts]
        for place, name in enumerate(self.authors, start=1):
            author, spelled = iris.authorship(self.id, place), Literal(name)
            lines += (
                f"{node} {DC.creator} {spelled} {graph} .\n",
                f"{node} {opd.hasAuthorship} {author} {graph} .\n",
                f"{author} {opd.authorName} {spelled} {graph} .\n" if place <= CARD_AUTHORS else "",
            )
        lines += (source.lines.get(part, "") for part in PARTS for source in self._sources(part))
        return "".join(lines).replace(PAPER, node.value)


@dataclass(frozen=True, slots=True)
class Copies:
    """So many copies in order of id, the same ones each time they are gone through."""

    originals: Sequence[Original]
    papers: int

    def __iter__(self) -> Iterator[Copy]:
        chance = random.Random(self.papers)  # noqa: S311 - no secret
        for paper_id, place, turn in sorted(self._named()):
            parts = {part: chance.choice(self.originals) for part in PARTS if chance.random() < FROM_ANOTHER}
            yield Copy(paper_id, self.originals[place], turn, parts)

    def _named(self) -> Iterator[tuple[str, int, int]]:
        """Yield the id of each copy, the number of its original, and how often that one has been copied before."""
        taken: Counter[str] = Counter()
        for number in range(self.papers):
            turn, place = divmod(number, len(self.originals))
            own = self.originals[place].document.id
            if parse_arxiv_id(own):
                month = f"{int(own[:2]) - turn % YEARS:02}{own[2:4]}"
                taken[month] += 1
                yield f"{month}.{taken[month]:05}", place, turn
            else:
                yield f"{own}-{turn}", place, turn


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

    A million papers take some minutes, 4 GB of memory and 10 GB on disk.
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
    copies = Copies(_originals(graph, iris), papers)

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
            quads = _Stream(chain([_common(graph, iris)], (copy.text(iris) for copy in told())))
            store.bulk_load(io.BufferedReader(quads, 1 << 20), RdfFormat.N_QUADS, lenient=True)
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


def _originals(graph: Graph, iris: Iris) -> list[Original]:
    """Take the papers apart: a setup's statements belong to the part that names it."""
    opd = iris.opd
    names = {opd[name]: name for name in PARTS}
    sides = (opd.teacher, opd.student, opd.model)
    statements: dict[Any, list[Quad]] = defaultdict(list)
    for quad in graph.quads:
        if quad.graph_name == iris.graph("papers"):
            statements[quad.subject].append(quad)
    found = []
    for document in documents(graph.derivation, graph.taxonomy):
        node = iris.paper(document.id)
        lines: dict[str, str] = defaultdict(str)
        for quad in statements[node]:
            name = names.get(quad.predicate)
            if name:
                setup = statements[quad.object] if name == SETUPS else []
                for each in (quad, *(said for said in setup if said.predicate in sides)):
                    lines[name] += f"{each} .\n".replace(node.value, PAPER)
        found.append(Original(document, lines))
    return found


def _common(graph: Graph, iris: Iris) -> str:
    """Return as N-Quads what does not belong to a single paper: the taxonomy, the models, the repositories."""
    own = {iris.opd[name] for name in ("Paper", "Authorship", "AuthorName", "Listing", "DistillationSetup")}
    left_out = {quad.subject for quad in graph.quads if quad.predicate == RDF.type and quad.object in own}
    skipped = {iris.graph("claims"), iris.graph("links")}
    kept = (quad for quad in graph.quads if quad.graph_name not in skipped and quad.subject not in left_out)
    return "".join(f"{quad} .\n" for quad in kept)
