"""Related papers: the section of a paper's page, ``/related.json?paper=…`` with the same, and the query that shows the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from kg.cards import CARD_AUTHORS, GAPS, Card
from kg.related import CONCEPTS, KINDS
from kg.serialise import as_json
from server.compare import paper_ids
from server.formats import JSON
from server.links import in_editor
from server.paper_page import Ref
from server.problems import BadRequestError
from server.reading import Reading, reading
from server.selection_query import PATHS, paper_term, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.related import Related, Shared

blueprint = Blueprint("related", __name__)

#: How many related papers there are.
MOST = 10

#: How many names of authors a reason holds; the JSON has all.
NAMES = 5

#: What is said of shared things of some facets. Of concepts, what a narrower shared one implies is not said.
REASONS = {
    "both": tuple(facet for facet in CONCEPTS if facet != "chapter"),
    "both in": ("chapter",),
    "both use": ("model",),
    "also by": ("author",),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper is related: words, and the things that they are said of; ``more`` further ones are left out."""

    words: str
    things: list[Ref]
    more: int


@dataclass(frozen=True, slots=True)
class RelatedPaper:
    """A related paper and every reason."""

    card: Card
    reasons: list[Reason]


@dataclass(frozen=True, slots=True)
class RelatedPapers:
    """The section: the papers, and where the same is as data and as a query."""

    papers: list[RelatedPaper]
    data: str
    editor: str


@blueprint.get("/related.json")
def data() -> Response:
    """Answer with the papers related to ``paper``, an id or an arXiv id in any spelling, and all that each shares with it."""
    here = reading()
    given = request.args.get("paper", "").strip()
    if not given:
        raise BadRequestError("Say of which paper: /related.json?paper=2306.13649")
    (paper_id,) = paper_ids(here, [given])
    found = here.relatives.of(paper_id, MOST)
    content = {
        "release": here.release.id,
        "paper": here.iris.paper(paper_id).value,
        "query": _query(here, paper_id, found),
        "related": [_record(here, each) for each in found],
    }
    return Response(as_json(content), content_type=JSON.content_type)


def _record(here: Reading, related: Related) -> dict[str, object]:
    (card,) = here.cards([related.id], CARD_AUTHORS)
    return {
        "paper": card.iri,
        "id": card.id,
        "title": card.title,
        "score": related.score,
        "shared": [
            {
                "facet": each.facet,
                "value": each.value,
                "label": here.facets.name(each.facet, each.value),
                "iri": each.iri,
                "papers": each.papers,
                "weight": each.weight,
                "implied": each.implied,
            }
            for each in related.shared
        ],
    }


def section(here: Reading, paper_id: str) -> RelatedPapers | None:
    """Return what the paper's page shows, None where nothing is shared with any other."""
    found = here.relatives.of(paper_id, MOST)
    if not found:
        return None
    cards = here.cards([each.id for each in found], CARD_AUTHORS)
    papers = [RelatedPaper(card, list(_reasons(here, each.shared))) for card, each in zip(cards, found, strict=True)]
    address = f"/related.json?{urlencode({'paper': paper_id})}"
    return RelatedPapers(papers, address, in_editor(_query(here, paper_id, found)))


def _reasons(here: Reading, shared: tuple[Shared, ...]) -> Iterator[Reason]:
    for words, facets in REASONS.items():
        said = [each for each in shared if each.facet in facets and not each.implied and each.weight]
        named = said[:NAMES] if words == "also by" else said
        if said:
            things = [Ref(each.iri, here.facets.name(each.facet, each.value)) for each in named]
            yield Reason(words, things, len(said) - len(named))


def _query(here: Reading, paper_id: str, found: list[Related]) -> str:
    """Return the query that shows everything that each of these papers shares with the first one."""
    own, concepts = paper_term(here, paper_id), here.thesaurus.concepts
    versions = {concepts[each.iri].scheme for one in found for each in one.shared if each.facet == "chapter"}
    body = [
        f"VALUES ?paper {{ {' '.join(paper_term(here, each.id) for each in found)} }}",
        "?paper dcterms:title ?title .",
    ]
    for facet in KINDS:
        if facet == "chapter" and not versions:
            continue
        path = PATHS[facet]
        body += [
            "{" if facet == KINDS[0] else "UNION {",
            f"  {own} {path} ?shared . ?paper {path} ?shared .",
            *([f'  FILTER(!REGEX(STR(?shared), "/({"|".join(GAPS)})$"))'] if facet in CONCEPTS else []),
            *(f"  ?shared skos:inScheme <{version}> ." for version in versions if facet == "chapter"),
            f'  BIND("{facet}" AS ?facet)',
            "}",
        ]
    comment = f"What {here.iris.paper(paper_id).value} shares with the papers that are most related to it"
    return written(
        here, comment, "SELECT DISTINCT ?paper ?title ?facet ?shared", body, "ORDER BY ?paper ?facet ?shared"
    )
