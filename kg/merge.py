"""Several sources → one record per paper.

Entries are one paper if they share an arXiv id, else an upstream id, else the page's address; a curator's ``same_as`` joins
what no identifier joins. Nothing is merged by title. Sources stand in an order (:data:`STANDING`, then the newer day): for
each value the best source that has it gives it, and what the others say stays in the paper's listings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from kg.identifiers import clean_address, parse_arxiv_id, slugify
from kg.records import Entry, Problem, Severity, Snapshot, SourceFile, SourceKind
from kg.states import State, states_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

#: Whose word counts first. The curator's corrections win over everything.
STANDING = (
    SourceKind.CURATION,
    SourceKind.CATALOGUE,
    SourceKind.AWESOME,
    SourceKind.LOSS_TAXONOMY,
    SourceKind.HISTORY,
)

#: The sources that say whether a paper is listed; the others only speak of papers.
LISTS = (SourceKind.CATALOGUE, SourceKind.AWESOME)

#: The longest upstream id that becomes a part of an IRI.
MAX_ID = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """What one snapshot says of the paper."""

    snapshot: Snapshot
    entry: Entry


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, merged. ``listings`` come in order of standing, best first.

    ``listed`` tells whether it is listed today; ``dropped_since`` is the day of the first list that no longer had it.
    """

    id: str
    arxiv_id: str | None
    title: str
    alternatives: tuple[str, ...]
    authors: tuple[str, ...]
    issued: date | None
    year: int | None
    address: str | None
    upstream_ids: tuple[str, ...]
    listings: tuple[Listing, ...]
    listed: bool
    first_listed: date | None
    last_listed: date | None
    dropped_since: date | None

    def newest(self, *kinds: SourceKind) -> Listing | None:
        """Return what the newest snapshot of these kinds says, or None if none of them has the paper."""
        return next((listing for listing in self.listings if listing.snapshot.kind in kinds), None)


@dataclass(frozen=True, slots=True)
class Merged:
    """The papers in order of id, the snapshots in order of standing, and what upstream had at each moment."""

    papers: tuple[Paper, ...]
    sources: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    states: tuple[State, ...]


def merge(files: Iterable[SourceFile]) -> Merged:
    """Merge the sources. Their order does not matter, except that of undated sources of one kind (the later is newer)."""
    sources = tuple(sorted(files, key=_age, reverse=True))
    sources = tuple(sorted(sources, key=lambda source: STANDING.index(source.snapshot.kind)))
    grouping = _Grouping()
    grouping.problems += [_undated(source.snapshot) for source in sources if source.snapshot.day is None]
    for source in sources:
        for entry in source.entries:
            grouping.add(source.snapshot, entry)
    states = states_of(sources, grouping.key)
    lists = sorted((state for state in states if state.moment.kind in LISTS), key=lambda state: state.moment.at)
    papers = (_paper(key, group, lists) for key, group in grouping.groups.items())
    return Merged(tuple(sorted(papers, key=lambda paper: paper.id)), sources, tuple(grouping.problems), tuple(states))


class _Grouping:
    """Entries by paper. Sources come in order of standing, so that the curator's aliases are known before they are needed."""

    def __init__(self) -> None:
        self.groups: dict[str, list[Listing]] = {}
        self.problems: list[Problem] = []
        self._aliases: dict[str, str] = {}  # upstream id or address → the key of its group

    def add(self, snapshot: Snapshot, entry: Entry) -> None:
        key = self.key(entry)
        if key is None:
            self.problems.append(
                Problem(
                    entry.file,
                    entry.line,
                    "id",
                    "no arXiv id, upstream id or address that can name the paper in an IRI",
                    Severity.QUARANTINED,
                    (entry.titles or entry.short_titles or ("",))[0][:200],
                )
            )
            return
        self.groups.setdefault(key, []).append(Listing(snapshot, entry))
        for alias in _aliases(entry):
            known = self._aliases.setdefault(alias, key)
            if known != key and alias == entry.upstream_id:
                self.problems.append(
                    Problem(
                        entry.file,
                        entry.line,
                        "paper_id",
                        f"the upstream id {alias} names two papers, {known} and {key}: the arXiv ids decide",
                        Severity.WARNING,
                    )
                )

    def key(self, entry: Entry) -> str | None:
        """Return the id of the entry's paper, None if nothing names it."""
        if entry.arxiv_id:
            return entry.arxiv_id
        known = next((self._aliases[alias] for alias in _aliases(entry) if alias in self._aliases), None)
        if known:
            return known
        if entry.upstream_id:
            return parse_arxiv_id(entry.upstream_id) or (entry.upstream_id if _usable(entry.upstream_id) else None)
        try:
            return slugify(entry.address.partition("://")[2]) if entry.address else None
        except ValueError:
            return None


def _usable(upstream_id: str) -> bool:
    """Tell whether the id makes an IRI of its own: no empty or dotted path segment, none that names a part of a paper."""
    first, *rest = upstream_id.split("/")
    named = all(any(map(str.isalnum, part)) for part in (first, *rest))
    return named and len(upstream_id) <= MAX_ID and not {"author", "setup"} & set(rest)


def _undated(snapshot: Snapshot) -> Problem:
    reason = "neither the name nor the text tells the day: taken as the newest; name the file …-YYYY-MM-DD"
    return Problem(snapshot.file, None, "date", reason, Severity.WARNING)


def _aliases(entry: Entry) -> list[str]:
    """Return the names under which other sources may know the paper, besides its arXiv id.

    A page's address names the paper only where nothing better does: two arXiv papers may share a project page.
    """
    own = [entry.upstream_id] if entry.upstream_id else []
    own += [entry.address] if entry.address and not entry.arxiv_id else []
    return own + [clean_address(alias) or alias for alias in entry.same_as]


def _day(snapshot: Snapshot) -> date:
    """Return the day, or the end of time: what has no date is taken to be the newest."""
    return snapshot.day or date.max


def _age(source: SourceFile) -> tuple[date, str]:
    return _day(source.snapshot), source.snapshot.slug


def _paper(key: str, group: list[Listing], lists: list[State]) -> Paper:
    entries = [listing.entry for listing in group]
    titles = list(dict.fromkeys(title for entry in entries for title in entry.titles))
    titles = titles or list(dict.fromkeys(title for entry in entries for title in entry.short_titles)) or [key]
    issued = _first(entries, lambda entry: _iso_day(entry.issued))
    listed_in = [state for state in lists if key in state.papers]
    listed = _listed(key, group, lists)
    last = max((state.moment.at for state in listed_in), default=None)
    days = [state.moment.day for state in listed_in if state.moment.day]
    return Paper(
        id=key,
        arxiv_id=_first(entries, lambda entry: entry.arxiv_id) or parse_arxiv_id(key),
        title=titles[0],
        alternatives=tuple(titles[1:]),
        authors=_first(entries, lambda entry: entry.authors) or (),
        issued=issued,
        year=_first(entries, _year),
        address=_first(entries, lambda entry: entry.address),
        upstream_ids=tuple(dict.fromkeys(entry.upstream_id for entry in entries if entry.upstream_id)),
        listings=tuple(group),
        listed=listed,
        first_listed=min(days, default=None),
        last_listed=max(days, default=None),
        dropped_since=None
        if listed or last is None
        else min((state.moment.day for state in lists if state.moment.day and state.moment.day > last), default=None),
    )


def _listed(key: str, group: list[Listing], lists: list[State]) -> bool:
    """Tell whether the paper is listed today: by the newest catalogue, or by the newest README if that is newer still.

    The curator's word counts first, and what the curator adds is listed. Where no source is a list, nothing is dropped.
    """
    stated = _first([listing.entry for listing in group], lambda entry: entry.listed)
    if stated is not None:
        return stated
    newest_of_kind = {state.moment.kind: state for state in lists}  # lists come oldest first
    was_listed = any(key in state.papers for state in lists)
    if not lists or (not was_listed and any(listing.snapshot.kind is SourceKind.CURATION for listing in group)):
        return True
    catalogue = newest_of_kind.get(SourceKind.CATALOGUE)
    since = catalogue.moment.at if catalogue else date.min
    return any(key in state.papers and state.moment.at >= since for state in newest_of_kind.values())


def _year(entry: Entry) -> int | None:
    if entry.issued and entry.issued[:4].isdigit():
        return int(entry.issued[:4])
    return entry.years[0] if entry.years else None


def _iso_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text and len(text) == len("2026-01-01") else None
    except ValueError:
        return None


def _first(entries: list[Entry], value: Callable[[Entry], T | None]) -> T | None:
    """Return the value of the best source that has it."""
    return next((found for entry in entries if (found := value(entry)) not in (None, ())), None)
