"""Citation keys: readable, unique, and the same however many papers join later."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from kg.citation_keys import citation_keys
from kg.graph import open_store
from kg.merge import Paper
from kg.vocab import Iris

if TYPE_CHECKING:
    from pathlib import Path

D3_MOPD = Paper(
    id="2608.24987",
    arxiv_id="2608.24987",
    title="D$^3$-MOPD: Dynamic Domain ScheDuling for Efficient Multi-Teacher Distillation",
    alternatives=(),
    authors=("Sun, Zechen", "Zhang, Zhiwei"),
    issued=date(2026, 8, 25),
    year=2026,
    address=None,
    upstream_ids=(),
    listings=(),
    listed=True,
    first_listed=date(2026, 10, 6),
    last_listed=date(2026, 10, 6),
    dropped_since=None,
)


def key(paper: Paper) -> str:
    return citation_keys([paper])[paper.id]


@pytest.mark.parametrize(
    ("paper", "expected"),
    [
        (replace(D3_MOPD, authors=("Hübotter, Jonas",), title="Reinforcement Learning"), "hubotter2026reinforcement"),
        (replace(D3_MOPD, authors=("Søłąß, Æ.",), title="The Art of KD"), "solass2026art"),
        (replace(D3_MOPD, authors=("van den Berg, Jan",), title="On-Policy KD"), "vandenberg2026onpolicy"),
        (replace(D3_MOPD, authors=("DeepSeek-AI", "Xu, Anyi"), title="DeepSeek-R1: x"), "deepseekai2026deepseekr1"),
        (replace(D3_MOPD, authors=(), title="1% of Tokens"), "noauthor2026tokens"),
        (replace(D3_MOPD, authors=("李, 明",), title="A"), "noauthor2026a"),
        (replace(D3_MOPD, year=None, issued=None), "sunnodated3mopd"),
        (replace(D3_MOPD, title="π-Play"), "sun2026play"),
        (replace(D3_MOPD, title=r"$\mathcal{L}$-KD"), "sun2026lkd"),
        (replace(D3_MOPD, title="知識"), "sun2026"),
        (replace(D3_MOPD, id="lu2025onpolicy", arxiv_id=None), "lu2025onpolicy"),
        (replace(D3_MOPD, id="deepseekv4", arxiv_id=None), "sun2026d3mopd"),
    ],
)
def test_a_key_is_family_name_year_and_first_significant_word(paper: Paper, expected: str) -> None:
    assert key(paper) == expected


@pytest.mark.parametrize("unit", ["A", "{", "$", "\\a", "\n", "word ", "李", "\ud800"])
def test_a_title_of_ten_thousand_characters_gives_a_short_key(unit: str) -> None:
    assert re.fullmatch(r"sun2026[a-z]{0,40}", key(replace(D3_MOPD, title=f"T{unit * (10_000 // len(unit))}")))


def test_papers_that_clash_are_told_apart_by_their_own_ids_in_any_order() -> None:
    older = replace(D3_MOPD, id="2601.00002", arxiv_id="2601.00002")
    blog = replace(D3_MOPD, id="some blog", arxiv_id=None)
    named = replace(D3_MOPD, id="sun2026d3mopd", arxiv_id=None)
    papers = [older, D3_MOPD, blog]
    expected = {
        "2601.00002": "sun2026d3mopd",
        "2608.24987": "sun2026d3mopd-2608.24987",
        "some blog": "sun2026d3mopd-80644b47",  # printf %s 'some blog' | sha256sum
    }
    assert citation_keys(papers) == expected
    assert citation_keys(papers[::-1]) == expected
    assert citation_keys([*papers, named])["sun2026d3mopd"] == "sun2026d3mopd"
    assert citation_keys([*papers, named])["2601.00002"] == "sun2026d3mopd-2601.00002"


def test_the_paper_that_was_listed_first_keeps_the_plain_key_whatever_its_id() -> None:
    newcomer = replace(D3_MOPD, id="2601.00002", arxiv_id="2601.00002", first_listed=date(2026, 11, 1))
    unlisted = replace(D3_MOPD, id="2601.00001", arxiv_id="2601.00001", first_listed=None)
    assert citation_keys([unlisted, newcomer, D3_MOPD]) == {
        "2608.24987": "sun2026d3mopd",
        "2601.00002": "sun2026d3mopd-2601.00002",
        "2601.00001": "sun2026d3mopd-2601.00001",
    }


names = st.sampled_from(["Sun, Z.", "Li, M.", "DeepSeek-AI"]) | st.text(min_size=1, max_size=10)
papers = st.builds(
    Paper,
    id=st.from_regex(r"26(0[1-9]|1[0-2])\.[0-9]{5}", fullmatch=True) | st.text(min_size=1, max_size=20),
    arxiv_id=st.none(),
    title=st.sampled_from(["KL", "Policy", "A"]) | st.text(min_size=1, max_size=20),
    alternatives=st.just(()),
    authors=st.lists(names, max_size=2).map(tuple),
    issued=st.none(),
    year=st.none() | st.integers(2025, 2026),
    address=st.none(),
    upstream_ids=st.just(()),
    listings=st.just(()),
    listed=st.booleans(),
    first_listed=st.dates(date(2026, 1, 1), date(2026, 1, 3)),
    last_listed=st.none(),
    dropped_since=st.none(),
)


@given(st.lists(papers, max_size=8, unique_by=lambda paper: paper.id))
def test_a_newcomer_leaves_the_keys_in_use_alone(found: list[Paper]) -> None:
    keys = citation_keys(found)
    assert len(set(keys.values())) == len(found)
    assert all(re.fullmatch(r"[a-z0-9.-]+", each) for each in keys.values())
    assert citation_keys(found[::-1]) == keys
    later = [paper for paper in found if paper.first_listed == date(2026, 1, 3)]
    before = citation_keys(paper for paper in found if paper not in later)
    assert {each: keys[each] for each in before} == before


# ---------------------------------------------------------------- the release


def test_every_paper_of_the_release_has_a_key_of_its_own(home: Path) -> None:
    iris = Iris()
    quads = list(open_store(home).quads_for_pattern(None, iris.opd.citationKey, None, iris.graph("papers")))
    keys = {quad.subject: quad.object for quad in quads}
    assert len(quads) == len(set(keys.values())) == 349
    assert keys[iris.paper("2306.08543")] == Literal("gu2023minillm")
    assert keys[iris.paper("lu2025onpolicy")] == Literal("lu2025onpolicy")
    assert all(isinstance(subject, NamedNode) for subject in keys)
