"""``/changes``: what leads from one kept release to another, as a page, as JSON and as an RDF Patch.

    from=release  to=release  {facet}=value…

Without them it is what the current release changed in the one before it. Facets leave the papers that have the value in either
release: who follows a class hears of the papers that leave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from kg import __version__
from kg.cards import CARD_AUTHORS, Card
from kg.changes import Change, ChangedPaper, Changes, Kind, compare, previous
from kg.entity import is_described
from kg.media import RDF_PATCH
from kg.patch import rdf_patch
from kg.search import Index, SearchRequest
from kg.serialise import as_json
from server.downloads import IMMUTABLE, current, others
from server.encodings import ENCODERS
from server.facets import TITLES, Chip
from server.filters import Selection, elsewhere, read_narrowing
from server.formats import JSON, PAGE
from server.negotiation import negotiate
from server.problems import BadRequestError
from server.reading import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.release import Release

blueprint = Blueprint("changes", __name__)

#: What pages and feeds call each kind of change.
KINDS = {
    Kind.ADDED: "Added",
    Kind.RELISTED: "Listed again",
    Kind.RETITLED: "Retitled",
    Kind.MOVED: "Moved to another chapter",
    Kind.RECLASSIFIED: "Reclassified",
    Kind.CODE: "Code links",
    Kind.DROPPED: "Dropped upstream",
    Kind.REMOVED: "No longer in the graph",
}

#: The facets that the page offers; its address takes all of them.
OFFERED = ("chapter", "loss", "signal", "stabilization", "role", "access", "granularity")

#: How many papers of one kind of change the page shows; the JSON has all.
SHOWN = 100

#: More papers than any index holds.
ALL = 1 << 40

compared = lru_cache(maxsize=32)(compare)  # releases never change, so what lies between two of them stays true


@dataclass(frozen=True, slots=True)
class Section:
    """The papers that one kind of change befell, each with the changes of that kind. ``cards`` are those of added papers."""

    kind: Kind
    title: str
    papers: list[tuple[ChangedPaper, list[Change]]]
    cards: dict[str, Card]
    more: int


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows. ``before`` is None where there is nothing to compare with."""

    before: Release | None
    after: Release
    kept: list[str]
    sections: list[Section]
    total: int
    selection: Selection
    chips: list[Chip]
    pair: list[tuple[str, str]]


@blueprint.get("/changes")
def changes() -> Response:
    """Answer with what changed between two releases."""
    selection = read_narrowing(
        MultiDict([pair for pair in request.args.items(multi=True) if pair[0] not in ("from", "to")])
    )
    reading().facets.check(selection)
    after = _named("to") or reading().release
    before = _named("from") or previous(after)
    chosen = negotiate(request, (PAGE, JSON, RDF_PATCH))
    if chosen.name == RDF_PATCH.name:
        return _patch(before, after, selection)
    found = narrowed(compared(before, after), selection) if before else None
    if chosen.name == JSON.name:
        nothing: dict[str, object] = {"from": None, "to": after.id, "counts": dict.fromkeys(Kind, 0), "papers": []}
        body: bytes | str = as_json(found.record() if found else nothing)
    else:
        body = _page(before, after, found, selection)
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    return response


def _named(parameter: str) -> Release | None:
    """Return the release that a parameter names; one that is not kept is a 404 that says which are."""
    release_id = request.args.get(parameter, "").strip()
    if not release_id:
        return None
    release = reading().release.home.find(release_id)
    if release is None:
        known = ", ".join(kept.id for kept in (current(), *others()))
        raise NotFound(f"There is no release {release_id[:100]!r} here; there are: {known}.")
    return release


def narrowed(found: Changes, selection: Selection) -> Changes:
    """Leave the papers that the selection finds in either of the two releases."""
    if selection == Selection():
        return found
    wanted = SearchRequest(text=selection.text, filters=selection.filters, limit=ALL)
    return found.only(
        paper_id for release in (found.before, found.after) for paper_id in _index(release).search(wanted).ids
    )


def _index(release: Release) -> Index:
    here = reading()
    return here.index if release == here.release else _opened(release.search)


_opened = lru_cache(maxsize=4)(Index.open)


def _patch(before: Release | None, after: Release, selection: Selection) -> Response:
    if before is None:
        raise NotFound(f"Release {after.id} has none before it that is kept. Name one: /changes?from=…&format=patch")
    if selection != Selection():
        raise BadRequestError("A patch is of whole releases. Leave out the facets, or ask for JSON.")
    etag = f"{before.id}-{after.id}-{__version__}"
    # a compressed patch has the name of its encoding behind a colon
    encoded = (etag, *(f"{etag}:{name}" for name in ENCODERS))
    held = next((tag for tag in encoded if request.if_none_match.contains(tag)), None)
    if held:
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        lines = rdf_patch(before, after)
        first = next(lines)  # what cannot be read at all is an error and no broken answer
        response = Response(_blocks(first, lines), content_type=RDF_PATCH.content_type)
    response.set_etag(held or etag)
    explicit = {"from", "to"} <= request.args.keys()
    response.headers["Cache-Control"] = IMMUTABLE if explicit else "public, no-cache"
    response.headers["Content-Disposition"] = f"inline; filename={before.id}_{after.id}{RDF_PATCH.suffix}"
    response.vary.add("Accept")
    return response


def _blocks(first: bytes, lines: Iterator[bytes]) -> Iterator[bytes]:
    """Join lines, of which each alone would be compressed and sent by itself."""
    block = [first]
    for line in lines:
        block.append(line)
        if len(block) == 1000:  # noqa: PLR2004 (about a hundred kilobytes)
            yield b"".join(block)
            block = []
    yield b"".join(block)


def _page(before: Release | None, after: Release, found: Changes | None, selection: Selection) -> str:
    here = reading()
    pair = [("from", before.id), ("to", after.id)] if before and request.args.keys() & {"from", "to"} else []
    view = View(
        before,
        after,
        [kept.id for kept in (current(), *others())],
        _sections(found) if found else [],
        len(found.papers) if found else 0,
        selection,
        [Chip(chip.text, elsewhere(chip.remove, "/changes", *pair)) for chip in here.facets.chips(selection)],
        pair,
    )
    options = {facet: (TITLES[facet], here.facets.options(facet)) for facet in OFFERED}

    def is_here(iri: str | None) -> bool:
        return iri is not None and is_described(here.store, NamedNode(iri))

    return render_template("changes.html", view=view, options=options, facets=TITLES, is_here=is_here)


def _sections(found: Changes) -> list[Section]:
    here = reading()
    sections = []
    for kind, title in KINDS.items():
        befallen = [paper for paper in found.papers if kind in paper.kinds]
        shown = befallen[:SHOWN]
        papers = [(paper, [change for change in paper.changes if change.kind is kind]) for paper in shown]
        ids = [paper.id for paper in shown if kind is Kind.ADDED and is_described(here.store, NamedNode(paper.iri))]
        cards = {card.id: card for card in here.cards(ids, CARD_AUTHORS)}
        if papers:
            sections.append(Section(kind, title, papers, cards, len(befallen) - len(shown)))
    return sections
