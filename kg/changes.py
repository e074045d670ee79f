"""What one release says of the papers that another does not: added, dropped, retitled, moved, reclassified, with new code.

Both releases are read from their stores, graph/papers alone: what a reader added of their own is no change of the literature.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from kg.entity import Named
from kg.graph import open_at
from kg.thesaurus import Thesaurus
from kg.vocab import DCTERMS, DIMENSIONS, RDF, SKOS, Iris

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Store

    from kg.release import Release


class Kind(StrEnum):
    """What happened to a paper, in the order in which it is told."""

    ADDED = "added"  #: the graph did not have it
    RELISTED = "relisted"  #: upstream had dropped it, and lists it again
    RETITLED = "retitled"
    MOVED = "moved"  #: to a chapter that does not correspond to the one before
    RECLASSIFIED = "reclassified"  #: in a dimension other than the chapter
    CODE = "code"  #: its repositories are other ones
    DROPPED = "dropped"  #: upstream no longer lists it
    REMOVED = "removed"  #: the graph no longer has it: other sources


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed. ``facet`` is a dimension's key where it was reclassified or moved.

    ``before`` and ``after`` are only what differs (a title has no IRI), and empty where a paper came or went.
    """

    kind: Kind
    facet: str | None = None
    before: tuple[Named, ...] = ()
    after: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedPaper:
    """A paper and all that changed. ``title`` is the latest; ``first_listed`` is since when a source is known to list it."""

    id: str
    iri: str
    title: str
    issued: date | None
    first_listed: date | None
    changes: tuple[Change, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Each kind once, in order."""
        return tuple(dict.fromkeys(change.kind for change in self.changes))


@dataclass(frozen=True, slots=True)
class Changes:
    """What leads from the release ``before`` to the release ``after``: the newest papers first, undated ones last."""

    before: Release
    after: Release
    papers: tuple[ChangedPaper, ...]

    @property
    def counts(self) -> dict[Kind, int]:
        """How many papers each kind of change befell, also where it is 0."""
        counted = Counter(kind for paper in self.papers for kind in paper.kinds)
        return {kind: counted[kind] for kind in Kind}

    def only(self, ids: Iterable[str]) -> Changes:
        """Return the same of these papers alone."""
        wanted = frozenset(ids)
        return Changes(self.before, self.after, tuple(paper for paper in self.papers if paper.id in wanted))

    def record(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
        return {
            "from": self.before.id,
            "to": self.after.id,
            "counts": {kind.value: count for kind, count in self.counts.items()},
            "papers": [_paper_record(paper) for paper in self.papers],
        }


def _paper_record(paper: ChangedPaper) -> dict[str, Any]:
    changes: list[dict[str, Any]] = []
    for change in paper.changes:
        told: dict[str, Any] = {"kind": change.kind.value}
        if change.facet:
            told["facet"] = change.facet
        if change.before or change.after:
            told["before"] = [_value_record(value) for value in change.before]
            told["after"] = [_value_record(value) for value in change.after]
        changes.append(told)
    return {
        "id": paper.id,
        "iri": paper.iri,
        "title": paper.title,
        "issued": paper.issued and paper.issued.isoformat(),
        "first_listed": paper.first_listed and paper.first_listed.isoformat(),
        "changes": changes,
    }


def _value_record(value: Named) -> dict[str, str]:
    return {"label": value.label} | ({"iri": value.iri} if value.iri else {})


def released(release: Release) -> date | None:
    """Return the day of the release's newest source, None where no source has one: nothing else dates a release."""
    days = (source["day"] for source in release.manifest()["inputs"] if source["day"])
    return date.fromisoformat(newest) if (newest := max(days, default="")) else None


def previous(release: Release) -> Release | None:
    """Return the release that was current when this one was built, None if there was none or it is no longer kept."""
    before = release.manifest().get("previous")
    return release.home.find(before) if isinstance(before, str) else None


def compare(before: Release, after: Release) -> Changes:
    """Compare the papers of any two releases; one that cannot be read is a DataError."""
    old, new = _Papers(before), _Papers(after)
    papers = []
    for paper_id in sorted(old.states.keys() | new.states.keys()):
        changes = tuple(_changes(paper_id, old, new))
        if changes:
            known = new if paper_id in new.states else old
            state = known.states[paper_id]
            iri = known.iris.paper(paper_id).value
            papers.append(ChangedPaper(paper_id, iri, state.title, state.issued, state.first_listed, changes))
    papers.sort(key=lambda paper: paper.issued or date.min, reverse=True)  # equal days stay in order of id
    return Changes(before, after, tuple(papers))


def _changes(paper_id: str, old: _Papers, new: _Papers) -> Iterator[Change]:
    was, now = old.states.get(paper_id), new.states.get(paper_id)
    if was is None:
        yield Change(Kind.ADDED)
        return
    if now is None:
        yield Change(Kind.REMOVED)
        return
    if now.listed and not was.listed:
        yield Change(Kind.RELISTED)
    if was.title != now.title:
        yield Change(Kind.RETITLED, None, (Named(was.title),), (Named(now.title),))
    if now.listed:
        yield from _move(old, new, was, now)
    for facet in DIMENSIONS:
        lost, gained = was.concepts[facet] - now.concepts[facet], now.concepts[facet] - was.concepts[facet]
        if facet != "chapter" and (lost or gained):
            yield Change(Kind.RECLASSIFIED, facet, old.concepts(lost), new.concepts(gained))
    if was.code != now.code:
        yield Change(Kind.CODE, None, old.repositories(was.code - now.code), new.repositories(now.code - was.code))
    if was.listed and not now.listed:
        yield Change(Kind.DROPPED)


def _move(old: _Papers, new: _Papers, was: _State, now: _State) -> Iterator[Change]:
    """Compare the chapters of the newest survey version in which each release has the paper.

    Each version numbers its chapters anew, so that another version's chapter is a move only if none of those before has its
    name or, by the newer release's taxonomy, corresponds to it.
    """
    left, entered = old.newest_chapters(was), new.newest_chapters(now)
    if not left or not entered or left == entered:
        return
    same_name = not {old.name(path) for path in left}.isdisjoint(new.name(path) for path in entered)
    same_version = not {path.rpartition("/")[0] for path in left}.isdisjoint(
        path.rpartition("/")[0] for path in entered
    )
    if same_version or not (same_name or any(not entered.isdisjoint(new.matches(path)) for path in left)):
        yield Change(Kind.MOVED, "chapter", old.concepts(left - entered), new.concepts(entered - left))


@dataclass(slots=True)
class _State:
    """A paper in one release. Concepts and repositories are paths below the base IRI, which two releases may not share."""

    title: str = ""
    listed: bool = True
    issued: date | None = None
    first_listed: date | None = None
    concepts: dict[str, set[str]] = field(default_factory=lambda: {facet: set() for facet in DIMENSIONS})
    code: set[str] = field(default_factory=set)


class _Papers:
    """The papers of one release: one pass over graph/papers for each property that is compared."""

    def __init__(self, release: Release) -> None:
        self.iris = Iris(release.manifest()["base_iri"])
        self._store: Store = open_at(release)
        self._thesaurus = Thesaurus(self._store, self.iris)
        self._versions = [version.iri for version in self._thesaurus.survey_versions()]
        opd, current = self.iris.opd, self.iris.concept("listing", "current").value
        papers = self._values(RDF.type)
        self.states = {paper: _State(paper) for paper, types in papers.items() if opd.Paper.value in types}
        for paper, titles in self._of_papers(DCTERMS.title):
            self.states[paper].title = min(titles)
        for paper, statuses in self._of_papers(opd.listingStatus):
            self.states[paper].listed = current in statuses
        for paper, days in self._of_papers(DCTERMS.issued):
            self.states[paper].issued = date.fromisoformat(min(days))
        for paper, days in self._of_papers(opd.firstListed):
            self.states[paper].first_listed = date.fromisoformat(min(days))
        for paper, addresses in self._of_papers(opd.repository):
            self.states[paper].code = self._paths(addresses)
        for facet, name in DIMENSIONS.items():
            for paper, concepts in self._of_papers(opd[name]):
                self.states[paper].concepts[facet] = self._paths(concepts)

    def _values(self, predicate: NamedNode) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for quad in self._store.quads_for_pattern(None, predicate, None, self.iris.graph("papers")):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
                found[self.iris.paper_id(quad.subject.value)].add(quad.object.value)
        return found

    def _of_papers(self, predicate: NamedNode) -> Iterator[tuple[str, set[str]]]:
        return ((paper, values) for paper, values in self._values(predicate).items() if paper in self.states)

    def _paths(self, values: set[str]) -> set[str]:
        return {value.removeprefix(self.iris.base) for value in values}

    def concepts(self, paths: set[str]) -> tuple[Named, ...]:
        """Return the concepts of these paths as this release names them, in order of name."""
        known = self._thesaurus.concepts
        iris = (self.iris.base + path for path in paths)
        return tuple(sorted((Named(known[iri].name if iri in known else iri, iri) for iri in iris), key=str))

    def repositories(self, paths: set[str]) -> tuple[Named, ...]:
        return tuple(Named(path.removeprefix("repository/"), self.iris.base + path) for path in sorted(paths))

    def newest_chapters(self, state: _State) -> set[str]:
        """Return the chapters of the newest survey version that has any of the paper's."""
        for version in self._versions:
            here = set(self._thesaurus.schemes[version].concepts)
            found = {path for path in state.concepts["chapter"] if self.iris.base + path in here}
            if found:
                return found
        return set()

    def name(self, path: str) -> str:
        """Return a concept's label without its number."""
        concept = self._thesaurus.concepts.get(self.iris.base + path)
        return concept.label if concept else path

    def matches(self, chapter: str) -> set[str]:
        """Return the chapters of other versions that this one, or one that it is part of, is matched with."""
        wider = [NamedNode(self.iris.base + chapter)]
        for node in wider:  # grows while it is read
            found = (value for predicate in (SKOS.broader, SKOS.exactMatch) for value in self._objects(node, predicate))
            wider += [value for value in dict.fromkeys(found) if value not in wider]
        alike = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch)
        return self._paths(
            {value.value for node in wider for predicate in alike for value in self._objects(node, predicate)}
        )

    def _objects(self, node: NamedNode, predicate: NamedNode) -> Iterator[NamedNode]:
        quads = self._store.quads_for_pattern(node, predicate, None, self.iris.graph("taxonomy"))
        return (quad.object for quad in quads if isinstance(quad.object, NamedNode))
