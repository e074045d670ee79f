"""``/queries``: the competency questions that the release holds, and for the page of each what the engine answers to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import islice
from typing import IO, cast
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results
from werkzeug.exceptions import NotFound

from kg.entity import Document, read_document
from kg.media import JSON as RESULTS_JSON
from kg.media import SPARQL
from kg.serialise import as_json
from kg.vocab import RDF, RDFS, SCHEMA, SH
from server.context import serving
from server.engine.base import Query
from server.engine.streams import Stream
from server.entity_page import Text
from server.formats import JSON, PAGE
from server.links import in_editor
from server.negotiation import negotiate
from server.paper_page import Ref
from server.reading import Reading, reading

blueprint = Blueprint("queries", __name__)

#: How many rows of an answer a page shows; all of them are at /sparql.
MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the release: in words, as a query, and what it is about."""

    iri: str
    title: str
    question: str
    tags: list[str]
    query: str

    @property
    def name(self) -> str:
        return self.iri.rpartition("/")[2]

    @property
    def editor(self) -> str:
        """The address at which the editor opens with the query."""
        return in_editor(self.query)

    def results(self, format_: str) -> str:
        """Return the address of the whole answer in the format of this name."""
        return f"/sparql?query={quote(self.query, safe='')}&format={format_}"


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
    quads = here.store.quads_for_pattern(None, RDF.type, SH.SPARQLExecutable, here.iris.graph("description"))
    nodes = sorted((quad.subject for quad in quads if isinstance(quad.subject, NamedNode)), key=lambda node: node.value)
    questions = [_read(here, node) for node in nodes]
    if chosen.name == PAGE.name:
        body: bytes | str = render_template("queries.html", questions=questions)
    else:
        body = as_json({"release": here.release.id, "queries": [asdict(question) for question in questions]})
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    return response


@blueprint.get("/queries/<name>.rq")
def show_query(name: str) -> Response:
    """Answer with the text of a query."""
    here = reading()
    question = _read(here, here.iris.question(name))
    return Response(question.query, content_type=SPARQL.content_type)


def question(document: Document) -> Question | None:
    """Return the question that a document describes, None if it describes none."""
    node = document.subject
    query = document.text(node, SH.select)
    if query is None:
        return None
    tags = document.texts(node, SCHEMA.keywords)
    return Question(node.value, document.label(node) or "", document.text(node, RDFS.comment) or "", tags, query)


def answer(here: Reading, question: Question) -> Table:
    """Ask the engine for the first rows. Raises what a query raises."""
    running = serving().engine.execute(Query(question.query, RESULTS_JSON, None))
    try:
        stream = cast("IO[bytes]", Stream(running))
        found = cast("QuerySolutions", parse_query_results(stream, QueryResultsFormat.JSON))
        variables = found.variables
        solutions = list(islice(found, MAX_ROWS + 1))
    finally:
        running.close()
    rows = [[_cell(here, solution[variable]) for variable in variables] for solution in solutions[:MAX_ROWS]]
    return Table([variable.value for variable in variables], rows, more=len(solutions) > MAX_ROWS)


def _read(here: Reading, node: NamedNode) -> Question:
    document = read_document(here.store, node, here.iris)
    found = question(document.within(here.own_graphs)) if document else None
    if found is None:
        raise NotFound(f"Release {here.release.id} has no such question. All of them are at /queries.")
    return found


def _cell(here: Reading, term: object) -> Ref | Text | None:
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return Ref(term.value, here.links.short(term.value))
    return Text(term.value if isinstance(term, Literal) else str(term), "")
