"""Made-up papers: the bundled ones over and over, under ids, days, titles and names of their own.

Of each part of a paper, one copy in five has what another paper has, and of setups both: values stay about as frequent as
they are, and their combinations grow with the number of papers.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, Store

from kg.cards import CARD_AUTHORS, SHOWN, Card, packed, read_card
from kg.documents import documents
from kg.identifiers import parse_arxiv_id
from kg.indexing import Document
from kg.mapping import day, integer, string
from kg.thesaurus import Thesaurus
from kg.vocab import DC, DCTERMS, DIMENSIONS, FABIO, FOAF, PRISM, RDF, Iris
from server.facets import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from pyoxigraph import Quad

    from kg.build import Graph

SETUPS = "reportsSetup"
#: What a copy has of one paper as a whole: the property that says it, and the facets that show it.
PARTS: Mapping[str, tuple[str, ...]] = {
    **{name: (dimension,) for dimension, name in DIMENSIONS.items()},
    SETUPS: ("teacher", "student", "model"),
    "repository": ("code",),
    "listingStatus": ("status",),
}
#: How the IRI of the scheme ends that a property's concepts are of.
SCHEME_ENDS = {name: f"/{SCHEMES.get(dimension, dimension)}" for dimension, name in DIMENSIONS.items()}
FROM_ANOTHER = 0.2

#: A paper's copies are spread over so many years, the last of them its own.
YEARS = 10
#: Names in turn are other ones after so many copies: few people write a lot, most write one paper or two.
NEW_NAME_AFTER = (*(1,) * 8, *(2,) * 4, *(5,) * 3, 20, 20, 100, 100, 1000)

#: Stands in the text of a part for the paper's IRI. No IRI holds a space.
PAPER = " paper "


@dataclass(frozen=True, slots=True)
class Original:
    """A paper to be repeated. ``lines`` are its parts as N-Quads, by property, with PAPER in place of its IRI."""

    document: Document
    card: Card
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
        names = enumerate(self.original.document.authors, start=len(self.original.document.title))
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
            card=packed(self.card()),
        )

    def card(self) -> Card:
        """Return what lists show."""
        (code,), (status,) = self._sources("repository"), self._sources("listingStatus")
        concepts = (
            concept
            for name in SHOWN
            for source in self._sources(name)
            for concept in source.card.concepts
            if concept.scheme.endswith(SCHEME_ENDS[name])
        )
        return Card(
            id=self.id,
            iri=f"{self.original.card.iri.removesuffix(self.original.card.id)}{self.id}",
            key=f"key-{self.id}",
            title=self.title,
            authors=self.authors[:CARD_AUTHORS],
            author_count=len(self.authors),
            issued=self.issued,
            year=self.year,
            arxiv_id=parse_arxiv_id(self.id),
            doi=f"10.48550/arXiv.{self.id}",
            address=f"https://arxiv.org/abs/{self.id}",
            venue=None,
            repositories=code.card.repositories,
            concepts=tuple(concepts),
            status=status.card.status,
            dropped_since=None,
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


def originals(graph: Graph, iris: Iris) -> list[Original]:
    """Take the papers apart: a setup's statements belong to the part that names it."""
    opd = iris.opd
    names = {opd[name]: name for name in PARTS}
    sides = (opd.teacher, opd.student, opd.model)
    statements: dict[Any, list[Quad]] = defaultdict(list)
    for quad in graph.quads:
        if quad.graph_name == iris.graph("papers"):
            statements[quad.subject].append(quad)
    store = Store()
    store.bulk_extend(graph.quads)
    thesaurus = Thesaurus(store, iris)
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
        found.append(Original(document, read_card(store, iris, thesaurus, document.id), lines))
    return found


def common(graph: Graph, iris: Iris) -> str:
    """Return as N-Quads what does not belong to a single paper: the taxonomy, the models, the repositories."""
    own = {iris.opd[name] for name in ("Paper", "Authorship", "AuthorName", "Listing", "DistillationSetup")}
    left_out = {quad.subject for quad in graph.quads if quad.predicate == RDF.type and quad.object in own}
    skipped = {iris.graph("claims"), iris.graph("links")}
    kept = (quad for quad in graph.quads if quad.graph_name not in skipped and quad.subject not in left_out)
    return "".join(f"{quad} .\n" for quad in kept)
