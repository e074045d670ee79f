"""``/compare``: papers side by side, those named in the address or the first that a filter leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from kg.comparison import COLUMNS, as_csv, as_latex, compare
from kg.identifiers import parse_arxiv_id
from kg.media import CSV
from kg.vocab import RDF
from server.filters import MAX_VALUE_CHARS, Selection, read_selection
from server.formats import PAGE, TABLE_FORMATS
from server.negotiation import negotiate
from server.problems import BadRequestError
from server.reading import Reading, reading

if TYPE_CHECKING:
    from collections.abc import Iterable

blueprint = Blueprint("compare", __name__)

#: How many papers a table holds.
MAX_COMPARED = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """What is compared: ``ids`` out of ``total`` papers. ``named`` are those that the address names, if it names any.

    ``selection`` is the list of papers that the choice was made in.
    """

    selection: Selection
    named: tuple[str, ...]
    ids: tuple[str, ...]
    total: int

    def address(self, without: str | None = None, **extra: str) -> str:
        """Return the address of the same table, or of one with a named paper less."""
        papers = [("paper", each) for each in self.named if each != without]
        query = urlencode([*self.selection.parameters(), *papers, *extra.items()])
        return f"/compare?{query}" if query else "/compare"


@blueprint.get("/compare")
def show() -> Response:
    """Answer with the table. ``paper`` names a paper, and may be repeated; without it the parameters of /papers choose."""
    here = reading()
    choice = _read(here)
    chosen = negotiate(request, TABLE_FORMATS)
    rows = compare(here, choice.ids)
    if chosen.name == PAGE.name:
        body: bytes | str = render_template(
            "compare.html", choice=choice, rows=rows, columns=COLUMNS, formats=TABLE_FORMATS[1:]
        )
    else:
        body = as_csv(rows) if chosen.name == CSV.name else as_latex(rows)
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    return response


def _read(here: Reading) -> Choice:
    others = MultiDict((name, value) for name, value in request.args.items(multi=True) if name != "paper")
    selection = read_selection(others)
    here.facets.check(selection)
    named = tuple(paper_ids(here, request.args.getlist("paper")))
    if len(named) > MAX_COMPARED:
        raise BadRequestError(
            f"A table holds at most {MAX_COMPARED} papers, and {len(named)} are chosen. Choose fewer."
        )
    if named:
        return Choice(selection, named, named, len(named))
    result = here.index.search(selection.whole_request(MAX_COMPARED))
    return Choice(selection, (), tuple(result.ids), result.total)


def paper_ids(here: Reading, texts: Iterable[str]) -> dict[str, None]:
    """Return the ids of papers of the release, each once. An arXiv id may be in any spelling."""
    found: dict[str, None] = {}
    for text in texts:
        given = text.strip()
        if not given:
            continue
        paper_id = parse_arxiv_id(given) or given
        paper = here.iris.paper(paper_id)
        known = here.store.quads_for_pattern(paper, RDF.type, here.iris.opd.Paper, here.iris.graph("papers"))
        if len(given) > MAX_VALUE_CHARS or next(known, None) is None:
            raise BadRequestError(f"“{given[:100]}” is no paper of this release. Use an id as it stands in /papers.")
        found[paper_id] = None
    return found
