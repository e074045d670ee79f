"""Related papers: what SPARQL and plain arithmetic find, in order, with every reason; on the page, as data and as a query."""

from __future__ import annotations

import json
import re
from html import unescape
from math import log
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from kg.vocab import DIMENSIONS
from tests.server.conftest import IRIS

if TYPE_CHECKING:
    from tests.server.conftest import Site

#: A paper, a kind of thing, and the thing: by id, facet, and IRI or name.
Fact = tuple[str, str, str]

#: Weights are rounded to 1/256, a score is a sum of a dozen.
ROUNDED = 0.05


def facts(site: Site) -> dict[str, dict[str, set[str]]]:
    """What each paper has, by kind, asked of the store: without gaps, and without listing status or place in the text."""
    patterns = {
        facet: f"?paper opd:{name}/skos:broader* ?thing" for facet, name in DIMENSIONS.items() if facet != "coverage"
    }
    patterns |= {"model": "?paper opd:reportsSetup/opd:model ?thing", "author": "?paper dc:creator ?thing"}
    found: dict[str, dict[str, set[str]]] = {}
    for facet, pattern in patterns.items():
        query = f"SELECT DISTINCT ?paper ?thing {{ ?paper a opd:Paper . {pattern} }}"
        solutions: Any = site.store.query(query, prefixes=IRIS.prefixes(), use_default_graph_as_union=True)
        for paper, thing in solutions:
            if thing.value.rpartition("/")[2] not in ("unclassified", "not-reported"):
                mine = found.setdefault(paper.value, {})
                mine.setdefault(facet, set()).add(thing.value)
    return found


@pytest.fixture(scope="module")
def known(site: Site) -> dict[str, dict[str, set[str]]]:
    return facts(site)


def asked(site: Site, paper: str) -> dict[str, Any]:
    response = site.get(f"/related.json?paper={quote(paper)}", "application/json")
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.get_json()
    return content


def shared_by(known: dict[str, dict[str, set[str]]], one: str, other: str) -> dict[str, set[str]]:
    """What they share; chapters of the newest version of the survey in which the first one stands."""
    mine = dict(known[one])
    versions = {re.findall(r"/concept/(survey-[^/]+)/", chapter)[0] for chapter in mine.get("chapter", ())}
    mine["chapter"] = {each for each in mine.get("chapter", ()) if f"/{max(versions)}/" in each}
    return {facet: both for facet in mine if (both := mine[facet] & known[other].get(facet, set()))}


def test_the_papers_are_those_that_arithmetic_finds(site: Site, known: dict[str, dict[str, set[str]]]) -> None:
    papers: dict[tuple[str, str], int] = {}
    for things in known.values():
        for facet, values in things.items():
            for value in values:
                papers[facet, value] = papers.get((facet, value), 0) + 1
    total = 349  # the papers of the bundled facts
    for one in sorted(known)[::23]:
        scores = {}
        for other in known.keys() - {one}:
            score = 0.0
            for facet, both in shared_by(known, one, other).items():
                weights = sorted((log(total / papers[facet, each]) for each in both), reverse=True)
                score += weights[0] + sum(weights[1:]) / 4
            scores[other] = score
        found = asked(site, one.rpartition("/")[2])["related"]
        assert len(found) == 10
        for each in found:
            assert each["score"] == pytest.approx(scores[each["paper"]], abs=ROUNDED)
        shown = {each["paper"] for each in found}
        best_of_others = max(score for other, score in scores.items() if other not in shown)
        assert best_of_others < found[-1]["score"] + ROUNDED
        assert [(each["score"], each["id"]) for each in found] == sorted(
            ((each["score"], each["id"]) for each in found), key=lambda pair: (-pair[0], pair[1])
        )


def test_the_data_and_the_query_have_everything_that_is_shared(
    site: Site, known: dict[str, dict[str, set[str]]]
) -> None:
    for paper_id in ("2306.13649", "2408.00118", "2402.03898"):
        one = IRIS.paper(paper_id).value
        content = asked(site, paper_id)
        in_data = {
            (each["paper"], it["facet"], it["label"] if it["facet"] == "author" else it["iri"])
            for each in content["related"]
            for it in each["shared"]
        }
        expected = {
            (each["paper"], facet, thing)
            for each in content["related"]
            for facet, both in shared_by(known, one, each["paper"]).items()
            for thing in both
        }
        assert in_data == expected
        response = site.client.post(
            "/sparql",
            data=content["query"].encode(),
            headers={"Accept": "application/sparql-results+json", "Content-Type": "application/sparql-query"},
            buffered=True,
        )
        rows = json.loads(response.data)["results"]["bindings"]
        assert {tuple(row[name]["value"] for name in ("paper", "facet", "shared")) for row in rows} == expected


def test_the_page_says_why(site: Site) -> None:
    page = site.page("/paper/2402.03898")
    section = page[page.index('<h2 id="related">') :].partition("</section>")[0]
    entries = [" ".join(unescape(re.sub(r"<[^>]+>", "", each)).split()) for each in section.split("<li>")[1:]]
    assert [re.search(r'href="(/paper/[^"]+)"', each)[1] for each in section.split("<li>")[1:]] == [  # type: ignore[index]
        urlsplit(each["paper"]).path.removeprefix("/opdkg") for each in asked(site, "2402.03898")["related"]
    ]
    # DistiLLM-2 is by the same four; whether a paper has a broader loss as well goes without saying.
    assert entries[0].startswith("DistiLLM-2:")
    assert "both: Symmetric" in entries[0]
    assert "f-divergence" not in entries[0]
    assert entries[0].endswith("also by Kim, Sungnyun; Yun, Se-Young; Chen, Tianyi; Ko, Jongwoo")
    assert any("both use GPT-2 1.5B" in entry for entry in entries)
    assert 'href="/related.json?paper=2402.03898"' in section
    link = re.search(r'<a href="(/sparql#query=[^"]+)"', section)
    assert link
    query = parse_qs(urlsplit(unescape(link[1])).fragment, strict_parsing=True)["query"]
    assert query == [asked(site, "2402.03898")["query"]]


def test_any_spelling_of_the_id_will_do(site: Site) -> None:
    assert asked(site, "arXiv:2306.13649v3") == asked(site, "2306.13649")


@pytest.mark.parametrize("query", ["", "?paper=", "?paper=9999.99999", "?paper=%00", f"?paper={'x' * 3000}"])
def test_no_paper_is_a_clear_400(site: Site, query: str) -> None:
    response = site.get(f"/related.json{query}", "application/json")
    assert response.status_code == 400
    assert "paper" in response.get_json(force=True)["detail"]


def test_what_all_papers_share_is_no_reason(hostile: Site) -> None:
    """The three papers are by the same authors: that tells nothing apart, and so nothing is related."""
    assert asked(hostile, "2609.00001")["related"] == []
    assert 'id="related"' not in hostile.page("/paper/2609.00001")
