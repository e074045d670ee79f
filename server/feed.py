"""``/feed.atom`` (RFC 4287): what each kept release changed, the newest first, then the newest papers.

On a fresh install there is nothing to compare with, and a feed without entries would look broken: so the newest papers follow
what was changed. A paper's arrival has the paper's IRI as its id and the day since when it is listed as its date, however the
feed came to tell of it, so that no reader is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal, NamedNode
from werkzeug.datastructures import MultiDict

from kg.changes import Change, Kind, previous, released
from kg.entity import is_described
from kg.facets import FacetFilter
from kg.identifiers import clean_text
from kg.indexing import Sort
from kg.media import ATOM
from kg.search import SearchRequest
from server.changes import KINDS, compared, narrowed
from server.facets import TITLES
from server.filters import Selection, address, read_narrowing
from server.reading import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.cards import Card
    from kg.changes import ChangedPaper, Changes
    from kg.release import Release

blueprint = Blueprint("feed", __name__)

#: How many of the newest papers follow, and how many entries there are at most.
NEWEST = 50
MOST = 1000

#: How many releases a feed goes back.
BACK = 20

#: The newest papers are those that are listed today, unless the feed is asked for others.
CURRENT = {"status": FacetFilter(("current",))}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``link`` is a path of this site; ``card`` is the paper as it is now, None if the graph no longer has it."""

    id: str
    title: str
    updated: str
    link: str
    card: Card | None
    changes: tuple[Change, ...] = ()


@blueprint.get("/feed.atom")
def feed() -> Response:
    """Answer with the feed of the papers that the address asks for."""
    here = reading()
    selection = read_narrowing(request.args)
    here.facets.check(selection)
    entries = _entries(here.release, tuple(selection.parameters()))
    body = render_template(
        "feed.xml",
        entries=entries,
        iri=here.iris.base.rstrip("/") + selection.followed("/feed.atom"),
        updated=max((entry.updated for entry in entries), default=_updated(here.release)),
        narrowed=[clean_text(chip.text) for chip in here.facets.chips(selection)],
        itself=here.links.absolute(selection.followed("/feed.atom")),
        page=here.links.absolute(selection.followed("/changes")),
        absolute=here.links.absolute,
        kinds=KINDS,
        facets=TITLES,
    )
    return Response(body, content_type=f"{ATOM.media_type}; charset=utf-8")


@lru_cache(maxsize=32)
def _entries(_: Release, parameters: tuple[tuple[str, str], ...]) -> list[Entry]:
    """Return the entries that a release has for a selection; readers ask for the same again and again."""
    selection = read_narrowing(MultiDict(parameters))
    entries: dict[str, Entry] = {}
    for entry in islice(chain(_told(selection), _newest(selection)), MOST):
        entries.setdefault(entry.id, entry)  # a paper that came, went and came again has arrived once: last
    return sorted(entries.values(), key=lambda entry: entry.updated, reverse=True)


def _told(selection: Selection) -> Iterator[Entry]:
    """Walk back from the current release, as far as releases are kept, and tell what each changed."""
    after = reading().release
    for _ in range(BACK):
        before = previous(after)
        if before is None:
            return
        found = narrowed(compared(before, after), selection)
        yield from (_changed(paper, found) for paper in found.papers)
        after = before


def _changed(paper: ChangedPaper, found: Changes) -> Entry:
    here = reading()
    card = _card(paper)
    if paper.kinds == (Kind.ADDED,):
        since = _moment(paper.first_listed) if paper.first_listed else _updated(found.after)
        return Entry(paper.iri, paper.title, since, _link(paper.iri, card, found), card)
    kinds = ", ".join(KINDS[kind] if n == 0 else KINDS[kind].lower() for n, kind in enumerate(paper.kinds))
    entry_id = f"{here.iris.release(found.after.id).value}/changed/{here.iris.paper(paper.id).value.removeprefix(here.iris.base)}"
    link = _link(paper.iri, card, found)
    return Entry(entry_id, f"{kinds}: {paper.title}", _updated(found.after), link, card, paper.changes)


def _link(iri: str, card: Card | None, found: Changes) -> str:
    local = reading().links.local(iri) if card else None
    return local or address("/changes", [("from", found.before.id), ("to", found.after.id)])


def _card(paper: ChangedPaper) -> Card | None:
    here = reading()
    return here.cards([paper.id])[0] if is_described(here.store, here.iris.paper(paper.id)) else None


def _newest(selection: Selection) -> Iterator[Entry]:
    here = reading()
    filters = {**CURRENT, **selection.filters}
    wanted = SearchRequest(text=selection.text, filters=filters, sort=Sort.NEWEST, limit=NEWEST)
    for card in here.cards(here.index.search(wanted).ids):
        listed = here.store.quads_for_pattern(
            NamedNode(card.iri), here.iris.opd.firstListed, None, here.iris.graph("papers")
        )
        days = [quad.object.value for quad in listed if isinstance(quad.object, Literal)]
        since = _moment(date.fromisoformat(min(days))) if days else _updated(here.release)
        yield Entry(card.iri, card.title, since, here.links.local(card.iri) or "/", card)


def _updated(release: Release) -> str:
    """Return the day of the release's newest source; of undated sources, when the release was built."""
    day = released(release)
    if day:
        return _moment(day)
    built = datetime.fromtimestamp((release.path / "manifest.json").stat().st_mtime, UTC)
    return built.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(day: date) -> str:
    """A day as RFC 3339 has it; nothing finer is known."""
    return f"{day.isoformat()}T00:00:00Z"
