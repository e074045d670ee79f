"""The release's questions and their answers: each is asked of the engine once, and kept, since a release never changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from kg.media import JSON as RESULTS_JSON
from kg.vocab import RDF, RDFS, SCHEMA, SH
from server.context import serving
from server.engine.base import Query
from server.engine.streams import Stream
from server.links import in_editor

if TYPE_CHECKING:
    from pyoxigraph import BlankNode, Triple

    from kg.entity import Document
    from server.reading import Reading

    Term = NamedNode | BlankNode | Literal | Triple

#: How many rows of an answer are kept. The pictures show all of them, and no picture shows more.
MAX_KEPT = 5000


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
class Rows:
    """The first rows of an answer, None where a variable is unbound; and whether there are more."""

    variables: list[str]
    rows: list[tuple[Term | None, ...]]
    more: bool

    def records(self) -> list[dict[str, str]]:
        """Return each row's IRIs and literals as text, by variable."""
        named = (zip(self.variables, row, strict=True) for row in self.rows)
        return [{name: term.value for name, term in row if isinstance(term, NamedNode | Literal)} for row in named]


def described(document: Document) -> Question | None:
    """Return the question that a document describes, None if it describes none."""
    node = document.subject
    query = document.text(node, SH.select)
    if query is None:
        return None
    tags = document.texts(node, SCHEMA.keywords)
    return Question(node.value, document.label(node) or "", document.text(node, RDFS.comment) or "", tags, query)


def find(here: Reading, node: NamedNode) -> Question | None:
    """Return the release's own question of this IRI, None if it has none."""
    document = here.documents.read(node)
    return described(document.within(here.own_graphs)) if document else None


def every(here: Reading) -> list[Question]:
    """Return all of the release's own questions, by name."""
    quads = here.store.quads_for_pattern(None, RDF.type, SH.SPARQLExecutable, here.iris.graph("description"))
    nodes = sorted((quad.subject for quad in quads if isinstance(quad.subject, NamedNode)), key=lambda node: node.value)
    return [question for node in nodes if (question := find(here, node))]


def answer(here: Reading, question: Question) -> Rows:
    """Return the answer as the engine gave it when it was first asked. Raises what a query raises."""
    found = here.answers.get(question.iri)
    if found is None:
        found = here.answers[question.iri] = _ask(question)
    return found


def _ask(question: Question) -> Rows:
    running = serving().engine.execute(Query(question.query, RESULTS_JSON, None))
    try:
        return first_rows(cast("IO[bytes]", Stream(running)), MAX_KEPT)
    finally:
        running.close()


def first_rows(results: bytes | IO[bytes], limit: int, *, whole: bool = True) -> Rows:
    """Read the first rows of a SELECT's results in JSON, of which the end may be missing unless they are ``whole``."""
    names: list[str] = []
    rows: list[tuple[Term | None, ...]] = []
    try:
        found = cast("QuerySolutions", parse_query_results(results, QueryResultsFormat.JSON))
        names = [variable.value for variable in found.variables]
        rows.extend(tuple(solution) for solution in islice(found, limit + 1))
    except SyntaxError:
        if whole:
            raise
    return Rows(names, rows[:limit], more=len(rows) > limit or not whole)
