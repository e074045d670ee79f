"""The state of the papers view, and its address: each reads as the other, so that a page can be shared by its address.

    q=text  {facet}=value  {facet}=-value  sort=…  page=2  per=100  more={facet}

Values of one facet are alternatives, different facets narrow each other, a minus excludes; a value that itself begins with
a sign is written behind a plus. Empty parameters say nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from kg.facets import FACETS, FacetFilter
from kg.indexing import Sort
from kg.search import MAX_CHOSEN, SearchRequest
from server.problems import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from werkzeug.datastructures import MultiDict

#: Where the view is.
PATH = "/papers"
#: How many papers a page may hold; ``all`` is bounded too, and goes on on a next page where there are more.
PAGE_SIZES = {"25": 25, "100": 100, "all": 2000}
DEFAULT_PER = "25"

MAX_TEXT_CHARS = 500
MAX_VALUE_CHARS = 300
MAX_PAGE = 999_999
PAGE = re.compile(r"[1-9][0-9]{0,5}")

SIGNS = ("+", "-")

#: Parameters that are no facets, and of which the last one counts.
SINGLE = ("q", "sort", "page", "per")

#: How many values of a facet are counted.
LISTED = 500
#: Facets that may have any number of values, the most frequent first.
LONG = ("author", "teacher", "student", "model")

#: What is chosen in a facet that nobody has touched.
NOTHING = FacetFilter()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which papers, in which order, which page of them. ``sort`` is None for the order that suits: best match, or newest."""

    text: str = ""
    filters: Mapping[str, FacetFilter] = field(default_factory=dict)
    sort: Sort | None = None
    page: int = 1
    per: str = DEFAULT_PER
    more: tuple[str, ...] = ()

    @classmethod
    def of(cls, facet: str, value: str) -> Selection:
        """Return the selection of all papers that have one value."""
        return cls(filters={facet: FacetFilter((value,))})

    @property
    def order(self) -> Sort:
        """The order that the page comes in."""
        return self.sort or (Sort.RELEVANCE if self.text else Sort.NEWEST)

    @property
    def size(self) -> int:
        return PAGE_SIZES[self.per]

    def chosen(self, facet: str) -> FacetFilter:
        return self.filters.get(facet, NOTHING)

    def request(self, facets: tuple[str, ...] = FACETS, *, first: int = LISTED) -> SearchRequest:
        """Return the search for this page and the counts of the facets: of one of LONG the first few unless more is asked for."""
        return SearchRequest(
            text=self.text,
            filters=self.filters,
            sort=self.order,
            offset=(self.page - 1) * self.size,
            limit=self.size,
            facets=facets,
            facet_limit=LISTED,
            facet_limits={facet: first for facet in facets if facet in LONG and facet not in self.more},
        )

    def whole_request(self, limit: int) -> SearchRequest:
        """Return the search for the first papers of all pages."""
        return SearchRequest(text=self.text, filters=self.filters, sort=self.order, limit=limit)

    def as_whole(self) -> Selection:
        """Return which papers in which order, without what concerns a page of them."""
        return Selection(self.text, self.filters, self.sort)

    def toggled(self, facet: str, value: str, *, exclude: bool = False) -> Selection:
        """Return the first page with the value chosen (or excluded), or neither if that is what it is now."""
        changed = {**self.filters, facet: toggled(self.chosen(facet), value, exclude=exclude)}
        return replace(self, filters={key: each for key, each in changed.items() if each.values}, page=1)

    def around(self, facet: str) -> Callable[[FacetFilter], str]:
        """Return what gives the address of the first page with something else chosen in one facet, for many such choices."""
        place = FACETS.index(facet)
        others = {key: chosen for key, chosen in self.filters.items() if key != facet}
        pairs = replace(self, filters=others, page=1).parameters()
        split = sum(name == "q" or (name in FACETS and FACETS.index(name) < place) for name, _ in pairs)
        before, after = ([_quoted(*pair) for pair in part] for part in (pairs[:split], pairs[split:]))

        def to(chosen: FacetFilter) -> str:
            query = "&".join((*before, *(_quoted(*pair) for pair in _pairs(facet, chosen)), *after))
            return f"{PATH}?{query}" if query else PATH

        return to

    def with_text(self, text: str) -> Selection:
        return replace(self, text=text, page=1)

    def with_order(self, sort: Sort) -> Selection:
        return replace(self, sort=sort, page=1)

    def with_page(self, page: int) -> Selection:
        return replace(self, page=page)

    def with_per(self, per: str) -> Selection:
        return replace(self, per=per, page=1)

    def showing_more(self, facet: str) -> Selection:
        return replace(self, more=(*self.more, facet))

    def parameters(self) -> list[tuple[str, str]]:
        """Return the address's parameters in their one order; whatever is the default is left out."""
        pairs = [("q", self.text)] if self.text else []
        for facet in sorted(self.filters, key=FACETS.index):
            pairs += _pairs(facet, self.filters[facet])
        pairs += [("sort", self.sort.value)] if self.sort else []
        pairs += [("per", self.per)] if self.per != DEFAULT_PER else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return pairs + [("more", facet) for facet in self.more]

    def address(self, **extra: str) -> str:
        """Return the path and query of this state, with further parameters."""
        return address(PATH, [*self.parameters(), *extra.items()])

    def followed(self, path: str, *before: tuple[str, str]) -> str:
        """Return the address of another view of the same papers, in whatever order; ``before`` are parameters of its own."""
        return address(path, [*before, *Selection(self.text, self.filters).parameters()])


def address(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return a path with a query, if there is any."""
    query = "&".join(_quoted(*pair) for pair in parameters)
    return f"{path}?{query}" if query else path


def elsewhere(papers_address: str, path: str, *before: tuple[str, str]) -> str:
    """Return the address of another view that narrows as this one of the papers view does."""
    return address(path, [*before, *parse_qsl(papers_address.partition("?")[2])])


def read_narrowing(arguments: MultiDict[str, str]) -> Selection:
    """Read the text and the facets where neither order nor page means anything; those are a 400 too."""
    for name in ("sort", "page", "per", "more"):
        if name in arguments:
            raise _wrong(f"“{name}” means nothing here.", name, ("q", *FACETS))
    return read_selection(arguments)


def toggled(chosen: FacetFilter, value: str, *, exclude: bool = False) -> FacetFilter:
    """Return the filter with the value chosen (or excluded), or neither if that is what it is now."""
    if chosen is NOTHING:  # as in most facets of a page, for each of its values
        return FacetFilter((), (value,)) if exclude else FacetFilter((value,))
    any_of = tuple(each for each in chosen.any_of if each != value)
    none_of = tuple(each for each in chosen.none_of if each != value)
    if exclude and value not in chosen.none_of:
        none_of += (value,)
    if not exclude and value not in chosen.any_of:
        any_of += (value,)
    return FacetFilter(any_of, none_of)


def _pairs(facet: str, chosen: FacetFilter) -> list[tuple[str, str]]:
    pairs = [(facet, f"+{value}" if value.startswith(SIGNS) else value) for value in chosen.any_of]
    return pairs + [(facet, f"-{value}") for value in chosen.none_of]


@lru_cache(maxsize=4096)  # a page has hundreds of addresses, of few different parts
def _quoted(name: str, value: str) -> str:
    return urlencode([(name, value)])


def read_selection(arguments: MultiDict[str, str]) -> Selection:
    """Read an address's parameters (``format`` apart). A wrong one is a 400 that names it and what would be right."""
    filters: dict[str, FacetFilter] = {}
    single: dict[str, str] = {}
    more: dict[str, None] = {}
    for name, values in arguments.lists():
        given = [value.strip() for value in values if value.strip()]
        if name in FACETS:
            filters[name] = _filter(name, [value for value in given if value not in SIGNS])
        elif name == "more":
            more |= dict.fromkeys(_one_of("more", value, FACETS) for value in given)
        elif name in SINGLE:
            if given:
                single[name] = given[-1]
        elif name != "format":
            raise _wrong(f"There is no filter “{name[:50]}”.", name, (*FACETS, *SINGLE))
    filters = {name: chosen for name, chosen in filters.items() if chosen.values}
    if sum(len(chosen.values) for chosen in filters.values()) > MAX_CHOSEN:
        raise BadRequestError(f"More than {MAX_CHOSEN} values are chosen at once. Choose fewer.")
    text = " ".join(single.get("q", "").split())
    if len(text) > MAX_TEXT_CHARS:
        raise BadRequestError(f"The search text has {len(text)} characters. Use at most {MAX_TEXT_CHARS}.")
    return Selection(
        text=text,
        filters=filters,
        sort=Sort(_one_of("sort", single["sort"], tuple(Sort))) if "sort" in single else None,
        page=_page(single.get("page", "1")),
        per=_one_of("per", single.get("per", DEFAULT_PER), tuple(PAGE_SIZES)),
        more=tuple(more),
    )


def _filter(facet: str, given: list[str]) -> FacetFilter:
    for value in given:
        if len(value) > MAX_VALUE_CHARS:
            raise BadRequestError(f"A value of “{facet}” is too long: use at most {MAX_VALUE_CHARS} characters.")
    chosen = dict.fromkeys(value.removeprefix("+") for value in given if not value.startswith("-"))
    excluded = dict.fromkeys(value.removeprefix("-") for value in given if value.startswith("-"))
    return FacetFilter(tuple(chosen), tuple(excluded))


def _page(text: str) -> int:
    if not PAGE.fullmatch(text):
        raise BadRequestError(f"“{text[:50]}” is not a page. Use a number from 1 to {MAX_PAGE}.")
    return int(text)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise _wrong(f"“{value[:50]}” is no value of “{name}”.", value, known)
    return value


def _wrong(what: str, value: str, known: tuple[str, ...]) -> BadRequestError:
    close = get_close_matches(value[:50], known, n=1)
    hint = f"Did you mean “{close[0]}”?" if close else f"There are: {', '.join(known)}."
    return BadRequestError(f"{what} {hint}")
