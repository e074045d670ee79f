"""The network of names: its pairs are those that SPARQL counts, under any filter; what is not drawn is said."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from kg.facets import FacetFilter
from kg.indexing import Document, build_index
from kg.search import Index
from kg.together import LOOKED_AT, MOST_NAMES, MOST_PAIRS, together
from tests.server.conftest import HOSTILE_AUTHORS, IRIS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Site

Pairs = dict[tuple[str, str], int]


def asked(site: Site, query: str = "") -> dict[str, Any]:
    response = site.get(f"/network.json?{query}", "application/json")
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.get_json()
    return content


def pairs(content: dict[str, Any]) -> Pairs:
    return {(each["one"], each["other"]): each["papers"] for each in content["pairs"]}


def counted(site: Site, pattern: str, least: int) -> Pairs:
    """All pairs, counted in Python from the names of each paper."""
    query = f"SELECT DISTINCT ?p ?name {{ ?p a opd:Paper ; dc:creator ?name . {pattern} }}"
    solutions: Any = site.store.query(query, prefixes=IRIS.prefixes(), use_default_graph_as_union=True)
    names: dict[str, list[str]] = {}
    for paper, name in solutions:
        names.setdefault(paper.value, []).append(name.value)
    found: Pairs = {}
    for beside in names.values():
        for one in beside:
            for other in beside:
                if one < other:
                    found[one, other] = found.get((one, other), 0) + 1
    return {pair: count for pair, count in found.items() if count >= least}


@pytest.mark.parametrize(
    ("query", "pattern", "least"),
    [
        ("", "", 3),
        ("shared=4", "", 4),
        ("shared=2&loss=reverse-kl", f"?p opd:lossClass/skos:broader* {IRIS.concept('objective', 'reverse-kl')}", 2),
        ("shared=1&author=Dong,+Li", '?p dc:creator "Dong, Li"', 1),
    ],
)
def test_the_pairs_are_those_of_the_graph(site: Site, query: str, pattern: str, least: int) -> None:
    content = asked(site, query)
    expected = counted(site, pattern, least)
    assert pairs(content) == expected
    assert content["pairs_found"] == len(expected)
    assert content["names_looked_at"] is None
    assert {each["name"] for each in content["names"]} == {name for pair in expected for name in pair}
    ordered = [(-each["papers"], each["one"], each["other"]) for each in content["pairs"]]
    assert ordered == sorted(ordered)
    headers = {"Accept": "application/sparql-results+json", "Content-Type": "application/sparql-query"}
    response = site.client.post("/sparql", data=content["query"].encode(), headers=headers, buffered=True)
    rows = json.loads(response.data)["results"]["bindings"]
    assert {(row["one"]["value"], row["other"]["value"]): int(row["papers"]["value"]) for row in rows} == expected


def test_the_table_has_the_same_pairs(site: Site) -> None:
    page = site.page("/network?shared=4")
    lines = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in re.findall(r"<tr>(.*?)</tr>", page)]
    shown = [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in line] for line in lines if len(line) == 3][1:]
    assert {(one, other): int(papers) for one, other, papers in shown} == pairs(asked(site, "shared=4"))


def test_each_pair_leads_to_the_papers_of_both(site: Site) -> None:
    for each in asked(site, "shared=2&loss=reverse-kl")["pairs"][:5]:
        page = unescape(site.page(each["address"].removeprefix("http://localhost").partition("#")[0]))
        heading = f'<h2 id="pair">{each["one"]} and {each["other"]} <span class="quiet">({each["papers"]})</span></h2>'
        assert heading in page
        assert page.count('<article class="card">') == each["papers"]


def test_the_filters_can_be_taken_away(site: Site) -> None:
    page = unescape(site.page("/network?shared=2&loss=reverse-kl&year=2026"))
    assert '<a class="chip" href="/network?shared=2&year=2026"' in page
    assert 'data-source="/network.json?shared=2&loss=reverse-kl&year=2026"' in page


def test_what_is_not_drawn_is_said(site: Site) -> None:
    content = asked(site, "shared=1")
    assert len(content["names"]) <= MOST_NAMES
    assert len(content["pairs"]) <= MOST_PAIRS
    assert content["pairs_found"] > MOST_PAIRS
    assert content["names_looked_at"] == LOOKED_AT
    page = unescape(site.page("/network?shared=1"))
    assert f"The {len(content['pairs'])} strongest of {content['pairs_found']} pairs" in page
    assert f"among the {LOOKED_AT} names with the most papers" in page


def test_nobody_is_a_sentence(site: Site) -> None:
    assert "No two names stand together on 99 papers or more" in site.page("/network?shared=99")
    assert pairs(asked(site, "shared=99")) == {}


def test_names_of_any_kind_stay_text(hostile: Site) -> None:
    content = asked(hostile, "shared=3")
    assert len(content["pairs"]) == 10  # five names on each of three papers
    assert {each["name"] for each in content["names"]} == set(HOSTILE_AUTHORS)
    page = hostile.page("/network?shared=3")
    assert "<b>" not in page
    for each in content["pairs"]:
        address = each["address"].removeprefix("http://localhost").partition("#")[0]
        assert hostile.page(address).count('<article class="card">') == 3
    for each in content["names"]:
        assert hostile.get(each["address"].removeprefix("http://localhost")).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "shared=0",
        "shared=-1",
        "shared=many",
        "shared=1000",
        f"shared={'9' * 400}",
        "shared=%C2%B2",
        "one=Dong,+Li",
        f"one={'x' * 400}&other=y",
        "los=reverse-kl",
        "loss=nothing",
        "page=2",
    ],
)
def test_a_wrong_question_is_a_clear_400(site: Site, query: str) -> None:
    for path in ("/network", "/network.json"):
        assert site.get(f"{path}?{query}").status_code == 400


def test_a_pair_of_names_that_are_not_there_has_no_papers(site: Site) -> None:
    assert '<span class="quiet">(0)</span>' in site.page("/network?one=Nobody&other=No+one")


def test_filters_on_the_names_themselves_are_kept(tmp_path: Path) -> None:
    """A facet's own choices do not narrow its counts, but they narrow the network."""
    papers = [("a", ("X", "Y")), ("b", ("X", "Y", "Z")), ("c", ("X", "Z")), ("d", ("Y", "Z"))]
    documents = [Document(id=key, title=key, facets={"author": names}) for key, names in papers]
    build_index(tmp_path, documents)
    index = Index.open(tmp_path)
    found = together(index, "", (("author", FacetFilter(none_of=("Z",))),), 1)
    assert [(pair.one, pair.other, pair.papers) for pair in found.pairs] == [("X", "Y", 1)]
    assert [(each.value, each.count) for each in found.names] == [("X", 1), ("Y", 1)]
