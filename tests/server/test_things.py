"""Pages of names, models, repositories, sources and the release: their facts, numbers and papers are those of the graph."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from server.wording import counted, in_words
from tests.server.conftest import HOSTILE_AUTHORS, IRIS

if TYPE_CHECKING:
    from tests.server.conftest import Site


def rows(site: Site, query: str) -> list[tuple[str, ...]]:
    solutions: Any = site.store.query(query, prefixes=IRIS.prefixes(), use_default_graph_as_union=True)
    return [tuple(term.value for term in solution) for solution in solutions]


def facts(page: str) -> dict[str, list[str]]:
    """The values of the page's facts by name."""
    found: dict[str, list[str]] = {}
    inside = page[page.index('<dl class="facts-list">') :].partition("</dl>")[0]
    for tag, html in re.findall(r"<(dt|dd)\b[^>]*>(.*?)</\1>", inside, re.DOTALL):
        text = " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())
        if tag == "dt":
            name = text
            found[name] = []
        else:
            found[name].append(text)
    return found


def numbers(site: Site, of: str, by: str) -> dict[str, Any]:
    response = site.get(f"/pictures.json?of={quote(of)}&by={by}", "application/json")
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.get_json()
    return content


def by_query(site: Site, content: dict[str, Any]) -> Counter[tuple[str, str]]:
    """What the picture's own query counts, by part and by the end of what the value is called."""
    headers = {"Accept": "application/sparql-results+json", "Content-Type": "application/sparql-query"}
    response = site.client.post("/sparql", data=content["query"].encode(), headers=headers, buffered=True)
    assert response.status_code == 200, response.text
    return Counter(
        {
            (row.get("part", {}).get("value", ""), row["value"]["value"].rpartition("/")[2]): int(
                row["papers"]["value"]
            )
            for row in json.loads(response.data)["results"]["bindings"]
        }
    )


def test_a_model_says_in_words_what_it_is(site: Site) -> None:
    found = facts(site.page("/model/qwen3-8b"))
    assert found["Family"] == ["Qwen3"]
    assert found["Parameters"] == ["8 billion"]
    for side in ("teacher", "student"):
        query = f"SELECT DISTINCT ?p {{ ?p opd:reportsSetup/opd:{side} model:qwen3-8b }}"
        assert found[f"As {side} in"] == [f"{len(rows(site, query))} papers"]
    assert len(found["Students beside it"]) == 1
    assert "xsd:" not in site.page("/model/qwen3-8b")


def test_a_model_s_counterparts_are_those_of_the_setups(site: Site) -> None:
    content = numbers(site, "model/qwen3-8b", "counterparts")
    expected = Counter[tuple[str, str]]()
    for mine, other in (("teacher", "student"), ("student", "teacher")):
        pattern = f"?p opd:reportsSetup/opd:{mine} model:qwen3-8b ; opd:reportsSetup/opd:{other} ?m"
        for _, model in rows(site, f"SELECT DISTINCT ?p ?m {{ {pattern} }}"):
            expected[f"as its {other}", model.rpartition("/")[2]] += 1
    assert by_query(site, content) == expected
    labels = dict(rows(site, "SELECT ?m ?l { ?m a opd:LanguageModel ; rdfs:label ?l }"))
    names = {model.rpartition("/")[2]: label for model, label in labels.items()}
    shown = {(each["part"], each["model"]): each["papers"] for each in content["values"]}
    assert shown == {(part, names[slug]): count for (part, slug), count in expected.items()}
    for each in content["values"][:6]:
        path = each["address"].removeprefix("http://localhost")
        assert site.get(path, "application/json").get_json()["total"] == each["papers"]


@pytest.mark.parametrize(
    ("of", "by", "pattern"),
    [
        ("model/qwen3-8b", "month", "?p opd:reportsSetup/opd:model model:qwen3-8b"),
        ("source/awesome-2026-04-05", "month", "?p opd:listing/prov:wasDerivedFrom <{base}source/awesome-2026-04-05>"),
        ("name/Song,_Mingyang", "year", '?p dc:creator "Song, Mingyang"'),
    ],
)
def test_papers_by_time_are_those_of_the_graph(site: Site, of: str, by: str, pattern: str) -> None:
    content = numbers(site, of, f"by-{by}")
    when = "SUBSTR(STR(?day), 1, 7)" if by == "month" else "STR(?day)"
    dated = "dcterms:issued" if by == "month" else "opd:year"
    query = f"SELECT DISTINCT ?p ({when} AS ?when) {{ {pattern.format(base=IRIS.base)} . ?p {dated} ?day }}"
    expected = Counter(when for _, when in rows(site, query))
    assert {each[by]: each["papers"] for each in content["values"]} == expected
    assert by_query(site, content) == {("", when): count for when, count in expected.items()}
    page = unescape(site.page(f"/{of}"))
    assert f'data-source="/pictures.json?of={quote(of)}&by=by-{by}"' in page


def test_a_name_says_that_it_is_no_person_and_who_stands_beside_it(site: Site) -> None:
    page = site.page("/name/Dong,_Li")
    assert "a spelling, not a person" in page
    query = 'SELECT ?other (COUNT(DISTINCT ?p) AS ?n) { ?p dc:creator "Dong, Li" , ?other } GROUP BY ?other'
    counts = sorted((-int(count), name) for name, count in rows(site, query) if name != "Dong, Li")
    expected = [f"{name} ({-count} paper{'s' * (count != -1)})" for count, name in counts]
    assert facts(page)["On papers with"] == [" · ".join(expected)]
    assert facts(page)["Years"] == ["2023 to 2026"]


def test_what_is_left_out_is_said(site: Site) -> None:
    """The Gemma 2 report has some two hundred authors."""
    beside = facts(site.page("/name/Ramos,_Sabela"))["On papers with"][0]
    query = 'SELECT DISTINCT ?other { ?p dc:creator "Ramos, Sabela" , ?other }'
    assert beside.endswith(f"· and {len(rows(site, query)) - 1 - 20} more names")
    page = site.page("/source/catalogue-2026-10-06")
    assert page.count('<article class="card">') == 25
    assert 'href="/papers?source=catalogue-2026-10-06&amp;page=2"' in page


def test_a_source_says_what_was_read_of_it(site: Site) -> None:
    found = facts(site.page("/source/awesome-2026-04-05"))
    assert found["Date"] == ["2026-04-05"]
    assert found["Size"] == ["16,557 bytes"]
    assert found["SHA-256"] == ["b53fe7a05b53a6c7c864b434368e352fc887766edfed409524e225b8cf78f68a"]
    source = f"<{IRIS.base}source/awesome-2026-04-05>"
    claims = rows(site, f"SELECT DISTINCT ?c {{ ?c a opd:Classification ; prov:wasDerivedFrom {source} }}")
    papers = rows(site, f"SELECT DISTINCT ?p {{ ?p opd:listing/prov:wasDerivedFrom {source} }}")
    assert found["Stands behind"] == [f"{len(claims)} claims"]
    assert found["Lists"] == [f"{len(papers)} papers"]
    assert found["Quarantined"] == ["Line 40: '#' is no http(s) address: the row is left out"]
    assert facts(site.page("/source/catalogue-2026-10-06"))["Quarantined"] == ["nothing"]


def test_a_repository_shows_the_papers_that_name_it(site: Site) -> None:
    page = site.page("/repository/github.com/nvlabs/minitron")
    assert facts(page)["Host"] == ["github.com"]
    titles = rows(
        site,
        f"SELECT ?t {{ ?p opd:repository <{IRIS.base}repository/github.com/nvlabs/minitron> ; dcterms:title ?t }}",
    )
    assert titles
    for (title,) in titles:
        assert title in unescape(page)


def test_the_release_counts_its_sources_and_papers(site: Site) -> None:
    release = site.app.extensions["opdkg-reading"].release.id
    found = facts(site.page(f"/release/{release}"))
    assert found["Papers"] == ["349 papers", "273 (listed today)"]
    assert "awesome-README-2026-04-05.md (54 papers)" in found["Sources"][0]
    assert found["Before it"] == ["no release is kept"]
    content = numbers(site, f"release/{release}", "by-source")
    assert by_query(site, content)["", "catalogue-2026-10-06"] == 273


def test_names_of_any_kind_stay_text(hostile: Site) -> None:
    for name in HOSTILE_AUTHORS:
        path = IRIS.name(name).value.removeprefix(IRIS.base)
        page = hostile.page(f"/{path}")
        assert "<b>" not in page
        content = numbers(hostile, path, "by-year")
        assert [each["papers"] for each in content["values"]] == [3]
        assert by_query(hostile, content) == {("", "2026"): 3}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404),
        ("of=model/nothing", 404),
        ("of=paper/2306.13649", 404),
        ("of=%00&by=x", 404),
        (f"of={'x' * 3000}", 404),
        ("of=model/qwen3-8b&by=nothing", 400),
    ],
)
def test_no_picture_is_a_clear_error(site: Site, query: str, status: int) -> None:
    response = site.get(f"/pictures.json?{query}", "application/json")
    assert response.status_code == status
    assert re.search(r"of=model/qwen3-8b|There are: counterparts, by-month", response.get_json(force=True)["detail"])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (8_000_000_000, "8 billion"),
        (1_500_000_000, "1.5 billion"),
        (1_600_000_000_000, "1.6 trillion"),
        (137_000_000, "137 million"),
        (1_234_567, "1,234,567"),
        (16_557, "16,557"),
        (2026, "2026"),
        (0, "0"),
    ],
)
def test_numbers_are_words_only_where_they_are_exact(number: int, words: str) -> None:
    assert in_words(number) == words
    assert counted(number, "entry", "entries") == f"{words} entries"
