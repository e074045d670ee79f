"""``/queries``: the competency questions that the release holds, and for the page of each what the engine answers to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal, NamedNode
from werkzeug.exceptions import NotFound

from kg.media import SPARQL
from kg.serialise import as_json
from server.answers import Question, answer, find
from server.entity_page import Text
from server.formats import JSON, PAGE
from server.negotiation import negotiate
from server.paper_page import Ref
from server.reading import Reading, reading

if TYPE_CHECKING:
    from server.answers import Rows, Term

blueprint = Blueprint("queries", __name__)

#: How many rows of an answer a page shows; all of them are at /sparql.
MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of an answer, each with a cell for each variable, None where it is unbound; and whether there are more."""

    variables: list[str]
    rows: list[list[Ref | Text | None]]
    more: bool


@blueprint.get("/queries")
def list_questions() -> Response:
    """Answer with every question of the release, by name."""
    here = reading()
    chosen = negotiate(request, (PAGE, JSON))
    if chosen.name == PAGE.name:
        body: bytes | str = render_template("queries.html", questions=here.questions)
    else:
        body = as_json({"release": here.release.id, "queries": [asdict(question) for question in here.questions]})
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    return response


@blueprint.get("/queries/<name>.rq")
def show_query(name: str) -> Response:
    """Answer with the text of a query."""
    here = reading()
    question = _read(here, here.iris.question(name))
    return Response(question.query, content_type=SPARQL.content_type)


def table(here: Reading, question: Question) -> Table:
    """Return the first rows of the answer as the page shows them. Raises what a query raises."""
    return shown(here, answer(here, question))


def shown(here: Reading, found: Rows) -> Table:
    """Return the first rows as a page shows them."""
    rows = [[_cell(here, term) for term in row] for row in found.rows[:MAX_ROWS]]
    return Table(found.variables, rows, more=found.more or len(found.rows) > MAX_ROWS)


def _read(here: Reading, node: NamedNode) -> Question:
    found = find(here, node)
    if found is None:
        raise NotFound(f"Release {here.release.id} has no such question. All of them are at /queries.")
    return found


def _cell(here: Reading, term: Term | None) -> Ref | Text | None:
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return Ref(term.value, here.links.short(term.value))
    return Text(term.value if isinstance(term, Literal) else str(term), "")
