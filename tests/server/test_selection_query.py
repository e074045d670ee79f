"""A selection as SPARQL: the endpoint answers it with the papers that the view shows."""

from __future__ import annotations

import json
import random
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from kg.facets import FACETS, FacetFilter
from kg.indexing import Sort
from server.filters import Selection
from tests.server.conftest import HOSTILE_AUTHORS

if TYPE_CHECKING:
    from tests.server.conftest import Site

TEXTS = (
    "distillation",
    "on-policy",
    "reverse kl",
    "speculatve",
    "qwen",
    "zhang",
    "self distil",
    "no such words at all",
    "2306.13649",
)


def view(site: Site, selection: Selection) -> dict[str, Any]:
    response = site.get(
        Selection(selection.text, selection.filters, selection.sort, per="all").address(), "application/json"
    )
    assert response.status_code == 200, response.text
    content: dict[str, Any] = json.loads(response.data)
    return content


def query_of(site: Site, selection: Selection) -> str:
    response = site.get(selection.address(format="rq"), "*/*")
    assert (response.status_code, response.mimetype) == (200, "application/sparql-query"), response.text
    return response.text


def answers(site: Site, query: str) -> list[str]:
    headers = {"Accept": "application/sparql-results+json", "Content-Type": "application/sparql-query"}
    response = site.client.post("/sparql", data=query.encode(), headers=headers, buffered=True)
    assert response.status_code == 200, f"{response.text}\n{query}"
    return [row["paper"]["value"] for row in json.loads(response.data)["results"]["bindings"]]


@pytest.fixture(scope="module")
def values(site: Site) -> dict[str, list[str]]:
    content = view(site, Selection())
    return {facet: [each["value"] for each in counts] for facet, counts in content["facets"].items()}


@pytest.mark.parametrize("seed", range(200))
def test_the_query_finds_what_the_view_shows(site: Site, values: dict[str, list[str]], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (chance is what is wanted, not secrecy)
    filters = {}
    for facet in chance.sample(FACETS, chance.randint(0 if seed % 4 == 0 else 1, 3)):
        chosen = chance.sample(values[facet], min(len(values[facet]), 3))
        parts = chance.choice(
            [(chosen[:1], []), (chosen[:2], []), (chosen[:2], chosen[-1:]), ([], chosen[:1]), ([], chosen)]
        )
        filters[facet] = FacetFilter(*map(tuple, parts))
    text = chance.choice(TEXTS) if seed % 4 == 0 else ""
    selection = Selection(text, filters, chance.choice((None, *Sort)))
    shown = [paper["iri"] for paper in view(site, selection)["papers"]]
    found = answers(site, query_of(site, selection))
    assert len(found) == len(set(found))
    assert set(found) == set(shown)
    if selection.order is not Sort.TITLE:
        assert found == shown, "in another order"


def test_most_of_the_combinations_have_papers(site: Site, values: dict[str, list[str]]) -> None:
    """The comparison above would prove little over empty results: every value of a concept facet finds some alone."""
    for facet in ("loss", "signal", "chapter", "status"):
        for value in values[facet]:
            selection = Selection(filters={facet: FacetFilter((value,))})
            assert answers(site, query_of(site, selection))


def test_the_page_opens_the_same_query_in_the_editor(site: Site) -> None:
    selection = Selection("distillation", {"loss": FacetFilter(("reverse-kl",), ("kl-rl",))})
    link = re.search(r'<a href="(/sparql#query=[^"]+)"', site.page(selection.address()))
    assert link
    fragment = urlsplit(unescape(link[1])).fragment
    assert parse_qs(fragment, strict_parsing=True)["query"] == [query_of(site, selection)]


def test_names_of_any_kind_stay_names(hostile: Site) -> None:
    for author in HOSTILE_AUTHORS:
        for chosen, expected in ((FacetFilter((author,)), 3), (FacetFilter((), (author,)), 0)):
            assert len(answers(hostile, query_of(hostile, Selection(filters={"author": chosen})))) == expected
    strange = 'x" } INSERT DATA { <a:a> <a:b> "\\\n # \u2028 ?paper'
    address = "/papers?" + urlencode({"q": strange, "author": strange, "model": strange, "format": "rq"})
    assert answers(hostile, hostile.get(address, "*/*").text) == []


@pytest.mark.parametrize(
    "code", [("yes",), ("no",), ("yes", "no"), ("-yes",), ("-no",), ("-yes", "-no"), ("yes", "-yes")]
)
def test_a_reader_s_own_papers_are_not_among_them(hostile: Site, code: tuple[str, ...]) -> None:
    query = urlencode([("code", each) for each in code])
    content = json.loads(hostile.get(f"/papers?{query}", "application/json").data)
    text = hostile.get(f"/papers?{query}&format=rq", "*/*").text
    assert set(answers(hostile, text)) == {paper["iri"] for paper in content["papers"]}


def test_a_text_that_finds_too_much_for_a_query_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.selection_query.MAX_FOUND", 10)
    found = view(site, Selection("distillation"))["total"]
    response = site.get("/papers?q=distillation&format=rq")
    assert response.status_code == 400
    assert f"finds {found} papers, and a query lists at most 10" in response.text
    assert "#query=" not in site.page("/papers?q=distillation")
    assert "#query=" in site.page("/papers?q=minillm")
