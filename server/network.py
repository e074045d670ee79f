"""``/network``: names that publish together, drawn for the papers that a filter leaves, with the same as a table and as data.

    shared=least number of papers together  {facet}=value…  q=text  one=name  other=name

``one`` and ``other`` choose a pair, whose papers are then listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal
from werkzeug.datastructures import MultiDict

from kg.cards import CARD_AUTHORS
from kg.serialise import as_json
from server.answers import Question
from server.changes import OFFERED
from server.concept_page import Papers
from server.facets import TITLES, Chip
from server.filters import MAX_VALUE_CHARS, Selection, elsewhere, read_narrowing
from server.formats import JSON
from server.links import in_editor
from server.problems import BadRequestError
from server.reading import Reading, reading
from server.selection_query import matching, written

if TYPE_CHECKING:
    from kg.together import Pair, Together

blueprint = Blueprint("network", __name__)

#: How many papers two names share at least, if nothing else is said; more than MOST_SHARED nobody asks for.
SHARED = 3
MOST_SHARED = 999

OWN = ("shared", "one", "other")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. ``pair`` are the two names whose papers are to be listed."""

    selection: Selection
    shared: int
    pair: tuple[str, str] | None

    def address(self, path: str = "/network") -> str:
        return self.selection.followed(path, ("shared", str(self.shared)))

    def of_pair(self, pair: Pair) -> str:
        """Return the address at which the papers of both names are listed."""
        named = (("shared", str(self.shared)), ("one", pair.one), ("other", pair.other))
        return f"{self.selection.followed('/network', *named)}#pair"


@blueprint.get("/network")
def show() -> str:
    """Answer with the network, and with the papers of a pair if one is chosen."""
    here, asked = reading(), _read()
    pattern = _pattern(here, asked)
    return render_template(
        "network.html",
        asked=asked,
        found=_network(here, asked),
        chips=[
            Chip(chip.text, elsewhere(chip.remove, "/network", ("shared", str(asked.shared))))
            for chip in here.facets.chips(asked.selection)
        ],
        options={facet: (TITLES[facet], here.facets.options(facet)) for facet in OFFERED},
        papers=_papers(here, asked, pattern),
        question=_question(here, asked, pattern),
        most=MOST_SHARED,
        name_iri=lambda name: here.iris.name(name).value,
    )


@blueprint.get("/network.json")
def data() -> Response:
    """Answer with the names and pairs that are drawn."""
    here, asked = reading(), _read()
    found, question = _network(here, asked), _question(here, asked, _pattern(here, asked))
    names = [
        {
            "name": each.value,
            "papers": each.count,
            "address": here.links.absolute(here.links.local(here.iris.name(each.value).value) or "/"),
        }
        for each in found.names
    ]
    pairs = [
        {
            "one": each.one,
            "other": each.other,
            "papers": each.papers,
            "address": here.links.absolute(asked.of_pair(each)),
        }
        for each in found.pairs
    ]
    content = {
        "release": here.release.id,
        "address": here.links.absolute(asked.address()),
        "kind": "network",
        "query": question and question.query,
        "shared": asked.shared,
        "names": names,
        "pairs": pairs,
        "pairs_found": found.found,
        "names_looked_at": found.looked_at,
    }
    return Response(as_json(content), content_type=JSON.content_type)


def _read() -> Asked:
    others = MultiDict([pair for pair in request.args.items(multi=True) if pair[0] not in OWN])
    selection = read_narrowing(others)
    reading().facets.check(selection)
    shared = request.args.get("shared", "").strip() or str(SHARED)
    if not (shared.isascii() and shared.isdecimal() and 1 <= int(shared[:9]) <= MOST_SHARED):
        raise BadRequestError(f"“{shared[:50]}” is no number of papers. Use one from 1 to {MOST_SHARED}.")
    pair = (request.args.get("one", "").strip(), request.args.get("other", "").strip())
    if any(len(name) > MAX_VALUE_CHARS for name in pair):
        raise BadRequestError(f"A name is too long: use at most {MAX_VALUE_CHARS} characters.")
    if any(pair) and not all(pair):
        raise BadRequestError("A pair is two names: give both “one” and “other”.")
    return Asked(selection, int(shared), pair if all(pair) else None)


def _network(here: Reading, asked: Asked) -> Together:
    filters = tuple(sorted(asked.selection.filters.items()))
    return here.together(asked.selection.text, filters, asked.shared)


def _papers(here: Reading, asked: Asked, pattern: list[str] | None) -> Papers | None:
    if asked.pair is None:
        return None
    total, ids = here.index.having_all(asked.selection.request(()), "author", asked.pair)
    cards = here.cards(ids, CARD_AUTHORS)
    if pattern is None:
        return Papers(total, cards, None)
    one, other = map(str, map(Literal, asked.pair))
    body = [*pattern, f"?paper dc:creator {one} , {other} ; dcterms:title ?title ."]
    text = written(here, "The papers of both names", "SELECT DISTINCT ?paper ?title", body, "ORDER BY ?paper")
    return Papers(total, cards, None, in_editor(text))


def _question(here: Reading, asked: Asked, pattern: list[str] | None) -> Question | None:
    if pattern is None:
        return None
    together = "COUNT(DISTINCT ?paper)"
    text = written(
        here,
        f"Names that stand together on {asked.shared} papers or more",
        f"SELECT ?one ?other ({together} AS ?papers)",
        [*pattern, "?paper dc:creator ?one , ?other .", "FILTER(?one < ?other)"],
        "GROUP BY ?one ?other",
        f"HAVING({together} >= {asked.shared})",
        "ORDER BY DESC(?papers) ?one ?other",
    )
    return Question("", "Names that publish together", "", [], text)


def _pattern(here: Reading, asked: Asked) -> list[str] | None:
    """Return the papers as a query's pattern, None where the text finds more of them than a query lists."""
    try:
        return matching(here, asked.selection)
    except BadRequestError:
        return None
