"""The files of queries/ are whole, stand on their own, and answer alike everywhere."""

from __future__ import annotations

import gzip
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.plugins.sparql import prepareQuery

from kg.questions import find_question, load_questions
from kg.vocab import DEFAULT_BASE_IRI
from tests.queries.conftest import Row, rows_of

if TYPE_CHECKING:
    from kg.questions import Question
    from kg.release import Release

QUESTIONS = load_questions()
ELSEWHERE = "https://example.org/kg/"

each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)


def test_there_are_at_least_25() -> None:
    assert len(QUESTIONS) >= 25
    assert len({question.title for question in QUESTIONS}) == len(QUESTIONS)


@each_question
def test_it_has_a_name_and_a_header(question: Question) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", question.name)
    assert [line.partition(":")[0] for line in question.text.splitlines()[:3]] == ["# title", "# question", "# tags"]
    assert question.question.endswith(("?", "."))
    assert question.tags
    assert all(re.fullmatch("[a-z]+", tag) for tag in question.tags)
    assert find_question(question.name) == question


@each_question
def test_it_declares_just_the_prefixes_that_it_uses(question: Question) -> None:
    declared = re.findall(r"^PREFIX ([a-z]+): <[^>]+>$", question.text, re.MULTILINE)
    body = re.sub(r"^(PREFIX|#).*$|<[^>]*>|\"[^\"]*\"", "", question.text, flags=re.MULTILINE)
    assert set(re.findall(r"([A-Za-z]\w*):", body)) == set(declared)
    assert len(declared) == len(set(declared))


@each_question
def test_rdflib_reads_it_too(question: Question) -> None:
    assert prepareQuery(question.text).algebra.name == "SelectQuery"


def backwards_and_elsewhere(release: Release) -> Store:
    """A store in memory into which the same graph went from its end to its beginning, under another base IRI."""
    lines = gzip.decompress((release.dumps / "opd.nq.gz").read_bytes()).decode().splitlines(keepends=True)
    store = Store()
    store.load("".join(reversed(lines)).replace(DEFAULT_BASE_IRI, ELSEWHERE), format=RdfFormat.N_QUADS)
    return store


def test_the_order_of_the_rows_is_the_questions_own(release: Release, answers: dict[str, list[Row]]) -> None:
    store = backwards_and_elsewhere(release)
    assert {
        question.name: rows_of(store, question, ELSEWHERE) for question in load_questions(base_iri=ELSEWHERE)
    } == answers


def test_another_engine_gives_the_same_rows(release: Release, answers: dict[str, list[Row]]) -> None:
    graph = Graph().parse(data=gzip.decompress((release.dumps / "opd.nt.gz").read_bytes()), format="nt")
    assert {question.name: asked_of_rdflib(graph, question) for question in QUESTIONS} == answers


def asked_of_rdflib(graph: Graph, question: Question) -> list[Row]:
    found = graph.query(question.text)
    return [tuple(as_plain(binding.get(variable)) for variable in found.vars or ()) for binding in found.bindings]


def as_plain(term: object) -> object:
    if isinstance(term, URIRef):
        return str(term).removeprefix(DEFAULT_BASE_IRI)
    if isinstance(term, RdflibLiteral):
        return Decimal(str(term)) if isinstance(term.value, int | Decimal) else str(term)
    return term
