"""Counts and pages of an index that is too varied for one column a group, and too long to sort whole: beside a plain count."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from kg.facets import FacetCount, FacetFilter
from kg.indexing import Document, Sort, build_index
from kg.search import Index, SearchRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOSSES, SIGNALS = [[f"{kind}{number}" for number in range(70)] for kind in ("loss", "signal")]


def varied() -> list[Document]:
    """4,500 papers: nearly as many pairs of loss and signal, and names of which some are in thousands, most in one paper."""
    random = Random(7)  # noqa: S311 - test data
    documents = []
    for number in range(4500):
        names = [f"often {random.randint(0, 3)}", f"at times {random.randint(0, 60)}", f"now and then {number % 300}"]
        facets = {
            "loss": (random.choice(LOSSES),),
            "signal": tuple(random.sample(SIGNALS, random.randint(0, 2))),
            "author": (*names, f"once {number}"),
            "role": ("direct" if number % 3 else "hybrid",),
        }
        issued = date(2020, 1, 1) + timedelta(random.randint(0, 900))
        documents.append(Document(f"{number:05}", f"Title {random.randint(0, 99):02}", issued=issued, facets=facets))
    return documents


PAPERS = varied()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    path = tmp_path_factory.mktemp("varied")
    build_index(path, PAPERS)
    return Index.open(path)


def having(filters: Mapping[str, str]) -> list[Document]:
    return [each for each in PAPERS if all(value in each.facets[facet] for facet, value in filters.items())]


@pytest.mark.parametrize(
    "filters",
    [{}, {"role": "hybrid"}, {"loss": "loss3"}, {"author": "often 1"}, {"author": "at times 7"}, {"author": "once 9"}],
)
@pytest.mark.parametrize("limit", [0, 1, 4, 60, 500, 10_000])
@pytest.mark.parametrize("few", [0, 10_000], ids=["tier by tier, in threads", "all tiers at once, in one thread"])
def test_counts_are_those_of_a_plain_count(
    index: Index, filters: dict[str, str], limit: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.search.FEW", few)
    chosen = {facet: FacetFilter((value,)) for facet, value in filters.items()}
    counted = ("loss", "signal", "role", "author")
    found = index.search(SearchRequest(filters=chosen, facets=counted, facet_limit=limit)).facets
    for facet in counted:
        under = having({key: value for key, value in filters.items() if key != facet})
        counts = Counter(value for each in under for value in each.facets[facet])
        most = sorted((FacetCount(*each) for each in counts.items()), key=lambda each: (-each.count, each.value))[
            :limit
        ]
        listed = found[facet][: len(most)]
        assert [each.count for each in listed] == [each.count for each in most]
        assert all(counts[each.value] == each.count for each in found[facet])
        assert len({each.value for each in found[facet]}) == len(found[facet])
        assert {each.value for each in found[facet][len(most) :]} <= {filters.get(facet)}
        if facet != "author":
            assert listed == most


@pytest.mark.parametrize("filters", [{}, {"role": "direct"}])
@pytest.mark.parametrize("offset", [0, 1990, 2100, 2975, 4475, 4490, 9000])
@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST, Sort.TITLE])
def test_far_pages_are_those_of_a_plain_sort(index: Index, filters: dict[str, str], offset: int, sort: Sort) -> None:
    keys = {
        Sort.NEWEST: lambda each: -each.issued.toordinal(),
        Sort.OLDEST: lambda each: each.issued.toordinal(),
        Sort.TITLE: lambda each: each.title,
    }
    ordered = sorted(having(filters), key=keys[sort])  # they are in order of id, and equal ones stay so
    chosen = {facet: FacetFilter((value,)) for facet, value in filters.items()}
    result = index.search(SearchRequest(filters=chosen, sort=sort, offset=offset, limit=30))
    assert (result.total, result.ids) == (len(ordered), [each.id for each in ordered[offset : offset + 30]])


def test_a_paper_may_have_more_names_than_an_entry_holds(tmp_path: Path) -> None:
    crowd = tuple(f"Somebody of a very large collaboration {number:05}" for number in range(2000))
    build_index(
        tmp_path,
        [Document("a", "A", facets={"author": crowd}), Document("b", "B", facets={"author": crowd[-1:]})],
    )
    (first, *others) = Index.open(tmp_path).search(SearchRequest(facets=("author",), facet_limit=3)).facets["author"]
    assert (first, [each.count for each in others]) == (FacetCount(crowd[-1], 2), [1, 1])
