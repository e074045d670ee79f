"""Each competency question has its real answer: what plain Python, and what a person, finds in the sources."""

from __future__ import annotations

import pytest

from kg.questions import load_questions
from tests.queries import counted
from tests.queries.by_hand import ABSENT, ROWS
from tests.queries.conftest import Row
from tests.queries.second_way import ANSWERS

NAMES = [question.name for question in load_questions()]


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_what_the_sources_say(answers: dict[str, list[Row]], name: str) -> None:
    assert answers[name] == (ANSWERS | counted.ANSWERS)[name]()


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_not_empty(answers: dict[str, list[Row]], name: str) -> None:
    assert answers[name]


@pytest.mark.parametrize(("name", "row"), [(name, row) for name, rows in ROWS.items() for row in rows])
def test_what_a_person_read_is_in_the_answer(answers: dict[str, list[Row]], name: str, row: Row) -> None:
    assert row in answers[name]


@pytest.mark.parametrize(("name", "values"), [(name, values) for name, all_of in ABSENT.items() for values in all_of])
def test_what_is_not_so_is_not_in_the_answer(answers: dict[str, list[Row]], name: str, values: set[object]) -> None:
    assert not [row for row in answers[name] if values <= set(row)]


def test_the_auditor_counts_the_same(answers: dict[str, list[Row]]) -> None:
    """The loss taxonomy states its own sums: 34 + 43 + 21 + 2 f-divergences, 119 classes of high confidence and 52 + 1 others."""
    assert len(answers["unsure-loss-classes"]) == 52 + 1
    # Two that are in no table of the page say it in their titles: 2307.15190 (f-divergence) and 2608.25643 (reverse KL).
    assert len(answers["f-divergences"]) == 34 + 43 + 21 + 2 + 2
