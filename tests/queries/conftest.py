"""One release of the bundled facts, and the questions' answers from it as plain rows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.questions import load_questions
from kg.release import Home
from kg.vocab import DEFAULT_BASE_IRI, XSD

if TYPE_CHECKING:
    from pathlib import Path

    from kg.questions import Question
    from kg.release import Release

Row = tuple[object, ...]


def plain(term: object, base: str = DEFAULT_BASE_IRI) -> object:
    """Return a term as Python's own: numbers as numbers, IRIs without the base, any other literal as its text."""
    if isinstance(term, NamedNode):
        return term.value.removeprefix(base)
    if isinstance(term, Literal):
        return Decimal(term.value) if term.datatype in {XSD.integer, XSD.decimal} else term.value
    assert term is None
    return None


def rows_of(store: Store, question: Question, base: str = DEFAULT_BASE_IRI) -> list[Row]:
    """Ask the union of the store's graphs. No prefix is given: a question declares its own."""
    found = store.query(question.text, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    return [tuple(plain(term, base) for term in solution) for solution in found]


@pytest.fixture(scope="session")
def release(home: Path) -> Release:
    return Home(home).current()


@pytest.fixture(scope="session")
def answers(release: Release) -> dict[str, list[Row]]:
    """The rows that the release answers each question with, by the question's name."""
    store = Store.read_only(str(release.store))
    return {question.name: rows_of(store, question) for question in load_questions()}
