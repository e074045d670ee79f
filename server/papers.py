"""``/`` and ``/papers``: the papers that a text and facets leave, as a page and in every format of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request

from kg.cards import CARD_AUTHORS, Card
from kg.facets import FACETS
from kg.indexing import Sort
from kg.marks import Marker
from kg.media import SPARQL
from kg.serialise import as_json, as_list, record
from server import schema_org
from server.compare import MAX_COMPARED
from server.facets import FIRST, Chip, Facets, Group
from server.filters import LISTED, PAGE_SIZES, Selection, read_selection
from server.formats import JSON, LIST_FORMATS, PAGE
from server.links import in_editor
from server.listing_html import marked_html, values_html
from server.negotiation import negotiate
from server.problems import NotFoundError
from server.reading import reading
from server.selection_query import is_query, selection_query

if TYPE_CHECKING:
    from kg.media import Format
    from kg.search import SearchResult
    from server.presets import Preset

blueprint = Blueprint("papers", __name__)

#: The formats that say which page of how many they are. The others are taken for the whole, and so they are, if they can.
NUMBERED = (PAGE.name, JSON.name)

SORTS = {Sort.RELEVANCE: "best match", Sort.NEWEST: "newest", Sort.OLDEST: "oldest", Sort.TITLE: "title"}


@dataclass(frozen=True, slots=True)
class Browse:
    """All that the page shows."""

    selection: Selection
    total: int
    pages: int
    fuzzy: bool
    cards: list[Card]
    groups: list[Group]
    chips: list[Chip]
    editor: str | None
    marker: Marker | None
    welcome: bool
    presets: list[Preset]


@blueprint.get("/")
@blueprint.get("/papers")
def browse() -> Response:
    """Answer with one page of the papers that the address asks for."""
    here = reading()
    selection = read_selection(request.args)
    here.facets.check(selection)
    chosen = negotiate(request, LIST_FORMATS)
    if chosen.name not in NUMBERED and not {"per", "page"} & request.args.keys():
        selection = selection.with_per("all")
    counted = FACETS if chosen.name in NUMBERED else ()
    first = FIRST + 1 if chosen.name == PAGE.name else LISTED  # one more than is shown tells that there are more
    result = here.index.search(selection.request(counted, first=first))
    pages = max(1, -(-result.total // selection.size))
    if selection.page > pages:
        last = here.links.absolute(selection.with_page(pages).address())
        detail = f"There is no page {selection.page}. These {result.total} papers end on page {pages}."
        raise NotFoundError(detail, links={"The last page": last})
    if chosen.name == SPARQL.name:
        return _response(selection_query(here, selection), chosen, selection, pages)
    cards = here.cards(result.ids, CARD_AUTHORS if chosen.name == PAGE.name else None)
    if chosen.name == PAGE.name:
        body: bytes | str = _page(here.facets, selection, result, pages, cards)
    elif chosen.name == JSON.name:
        body = as_json(_summary(here.facets, selection, result, pages, cards))
    else:
        body = as_list(cards, chosen, here)
    return _response(body, chosen, selection, pages)


def _response(body: bytes | str, chosen: Format, selection: Selection, pages: int) -> Response:
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    response.headers["Link"] = ", ".join(_links(selection, pages, chosen))
    return response


def _page(facets: Facets, selection: Selection, result: SearchResult, pages: int, cards: list[Card]) -> str:
    view = Browse(
        selection,
        result.total,
        pages,
        result.fuzzy,
        cards,
        facets.groups(selection, result.facets),
        facets.chips(selection),
        _editor(selection, result.total),
        Marker(selection.text, forgiving=result.fuzzy) if selection.text else None,
        welcome=selection == Selection(),
        presets=reading().presets,
    )
    start = (selection.page - 1) * selection.size
    said = schema_org.catalogue(reading()) if view.welcome else schema_org.item_list(cards, result.total, start)
    return render_template(
        "papers.html",
        view=view,
        sorts=SORTS,
        sizes=PAGE_SIZES,
        formats=LIST_FORMATS[1:],
        compared=MAX_COMPARED,
        values_html=values_html,
        marked_html=marked_html,
        schema_org=schema_org.script_block(said),
    )


def _editor(selection: Selection, total: int) -> str | None:
    """Return where the selection is a query, None where it is none."""
    return in_editor(selection_query(reading(), selection)) if is_query(selection, total) else None


def _summary(
    facets: Facets, selection: Selection, result: SearchResult, pages: int, cards: list[Card]
) -> dict[str, object]:
    here = reading()
    counts = {
        facet: [{"value": each.value, "label": facets.name(facet, each.value), "count": each.count} for each in values]
        for facet, values in result.facets.items()
    }
    return {
        "release": here.release.id,
        "address": here.links.absolute(selection.address()),
        "total": result.total,
        "page": selection.page,
        "pages": pages,
        "similar_words": result.fuzzy,
        "papers": [record(card) for card in cards],
        "facets": counts,
    }


def _links(selection: Selection, pages: int, chosen: Format) -> list[str]:
    """Return the Link header's parts: the neighbouring pages in this format, and this page in the other formats."""
    links = reading().links
    extra = {"format": chosen.name} if request.args.get("format") else {}

    def page(number: int) -> str:
        return links.absolute(selection.with_page(number).address(**extra))

    neighbours = {"first": 1, "prev": selection.page - 1, "next": selection.page + 1, "last": pages}
    found = [f'<{page(number)}>; rel="{rel}"' for rel, number in neighbours.items() if 1 <= number <= pages]
    for offer in LIST_FORMATS:
        if offer.name != chosen.name:
            address = links.absolute(selection.address(format=offer.name))
            found.append(f'<{address}>; rel="alternate"; type="{offer.media_type}"')
    return [quote(link, safe="%/:?#[]@!$&'()*+,;=<>\"~ -._") for link in found]
