"""The papers view: filters, counts, pages and formats, and everything that people get wrong in an address."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from werkzeug.datastructures import MultiDict

from kg.facets import FACETS, FacetFilter
from kg.indexing import Sort
from kg.vocab import DIMENSIONS, RDF, Iris
from server.filters import MAX_TEXT_CHARS, PAGE_SIZES, Selection, read_selection
from server.formats import LIST_FORMATS
from server.formats import RDF as RDF_LISTS
from tests.server.conftest import HOSTILE_AUTHORS, HOSTILE_TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyoxigraph import Store

    from kg.media import Format
    from tests.server.conftest import Site

IRIS = Iris()


def papers(site: Site, query: str = "") -> dict[str, Any]:
    response = site.get(f"/papers?{query}", accept="application/json")
    assert response.status_code == 200, response.text
    content: dict[str, Any] = json.loads(response.data)
    return content


def ids(content: Mapping[str, Any]) -> list[str]:
    return [paper["id"] for paper in content["papers"]]


# ---------------------------------------------------------------- counts, against SPARQL


#: What each facet's values are, asked of the graph itself: ?value of each ?paper.
BY_SPARQL = {
    **{
        dimension: f"?paper opd:{name}/skos:broader* ?concept . BIND(STRAFTER(STR(?concept), '/concept/') AS ?value)"
        for dimension, name in DIMENSIONS.items()
    },
    "year": "?paper opd:year ?number . BIND(STR(?number) AS ?value)",
    "month": "?paper dcterms:issued ?day . BIND(SUBSTR(STR(?day), 1, 7) AS ?value)",
    "author": "?paper dc:creator ?value",
    "teacher": "?paper opd:reportsSetup/opd:teacher ?model . BIND(STRAFTER(STR(?model), '/model/') AS ?value)",
    "student": "?paper opd:reportsSetup/opd:student ?model . BIND(STRAFTER(STR(?model), '/model/') AS ?value)",
    "model": "?paper opd:reportsSetup/opd:model ?model . BIND(STRAFTER(STR(?model), '/model/') AS ?value)",
    "source": "?paper opd:listing/prov:wasDerivedFrom ?source . BIND(STRAFTER(STR(?source), '/source/') AS ?value)",
    "status": "?paper opd:listingStatus ?concept . BIND(STRAFTER(STR(?concept), '/listing/') AS ?value)",
}


@pytest.fixture(scope="module")
def values(site: Site) -> dict[str, dict[str, set[str]]]:
    """The papers of every value of every facet, from SPARQL over the same release."""
    found: dict[str, dict[str, set[str]]] = {}
    for facet, pattern in BY_SPARQL.items():
        found[facet] = {}
        for paper, value in rows(site.store, f"SELECT DISTINCT ?paper ?value {{ ?paper a opd:Paper . {pattern} }}"):
            name = value if facet in ("chapter", "author") or facet not in DIMENSIONS else value.partition("/")[2]
            found[facet].setdefault(name, set()).add(paper)
    everything = {paper for paper, _ in rows(site.store, "SELECT ?paper ('' AS ?x) { ?paper a opd:Paper }")}
    coded = {paper for paper, _ in rows(site.store, "SELECT DISTINCT ?paper ('' AS ?x) { ?paper opd:repository ?r }")}
    found["code"] = {"yes": coded, "no": everything - coded}
    found[""] = {"": everything}
    return found


def rows(store: Store, query: str) -> Iterator[tuple[str, str]]:
    solutions: Any = store.query(query, prefixes=IRIS.prefixes(), use_default_graph_as_union=True)
    return ((solution[0].value, solution[1].value) for solution in solutions)


def passing(chosen: FacetFilter, facet: Mapping[str, set[str]], everything: set[str]) -> set[str]:
    wanted = set().union(*(facet[value] for value in chosen.any_of)) if chosen.any_of else everything
    return wanted - set().union(*(facet[value] for value in chosen.none_of))


@pytest.mark.parametrize("seed", range(40))
def test_counts_are_what_sparql_counts_under_the_other_filters(
    site: Site, values: dict[str, dict[str, set[str]]], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 (chance is what is wanted, not secrecy)
    everything = values[""][""]
    filters: dict[str, FacetFilter] = {}
    for facet in chance.sample(FACETS, chance.randint(1, 3)):
        chosen = chance.sample(sorted(values[facet]), min(len(values[facet]), 3))
        filters[facet] = FacetFilter(tuple(chosen[:2]), tuple(chosen[2:]) if chance.random() < 0.5 else ())
    content = papers(site, urlsplit(Selection(filters=filters, per="all").address()).query)

    under = {facet: passing(filters.get(facet, FacetFilter()), values[facet], everything) for facet in FACETS}
    assert {paper["iri"] for paper in content["papers"]} == everything.intersection(*under.values())
    for facet in FACETS:
        exclusions = FacetFilter(none_of=filters.get(facet, FacetFilter()).none_of)
        others = everything.intersection(*(under[other] for other in FACETS if other != facet))
        scope = others & passing(exclusions, values[facet], everything)
        expected = {value: len(found & scope) for value, found in values[facet].items() if found & scope}
        shown = {each["value"]: each["count"] for each in content["facets"][facet] if each["count"]}
        if len(shown) < 500:
            assert shown == expected, facet
        else:
            assert shown.items() <= expected.items(), facet


def test_every_option_on_the_page_leads_to_as_many_papers_as_it_says(site: Site) -> None:
    page = site.page("/papers?loss=reverse-kl&status=-dropped")
    options = re.findall(
        r'<a href="([^"]+)" rel="nofollow" data-live data-key="(\w+)=([^"]*)"[^>]*><span class="value-name">.*?'
        r'<span class="count">(\d+)<',
        page,
        re.DOTALL,
    )
    assert len(options) > 50
    for address, facet, _, count in options[:: len(options) // 25]:
        if facet not in ("loss", "status"):  # choosing a second value of one facet widens it
            assert papers(site, urlsplit(unescape(address)).query)["total"] == int(count), address


# ---------------------------------------------------------------- the page


def test_an_address_without_filters_shows_every_paper_the_newest_first(site: Site) -> None:
    content = papers(site)
    assert content["total"] == len(list(site.store.quads_for_pattern(None, RDF.type, IRIS.opd.Paper)))
    days = [paper["issued"] for paper in content["papers"]]
    assert days == sorted(days, reverse=True)
    assert f"{content['total']} papers" in site.page("/")
    assert site.page("/").count('<article class="card">') == site.page("/papers").count('<article class="card">') == 25


def test_dropped_papers_are_there_and_say_so(site: Site) -> None:
    content = papers(site, "status=dropped&per=all")
    assert content["total"] == 349 - 273
    assert all(paper["status"] == "dropped" for paper in content["papers"])
    assert 'class="dropped">dropped since 20' in site.page("/papers?status=dropped")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2306.13649", "2306.13649"),
        ("arXiv:2306.08543v2", "2306.08543"),
        ("minillm", "2306.08543"),
        ("minilm gu", None),
    ],
)
def test_text_finds_papers_by_id_and_name(site: Site, text: str, found: str | None) -> None:
    content = papers(site, f"q={quote(text)}")
    assert ids(content)[:1] == [found] if found else content["total"] >= 0


def test_each_chip_takes_one_thing_away(site: Site) -> None:
    address = "/papers?q=distillation&loss=reverse-kl&loss=-kl-rl&year=2026"
    chips = re.findall(
        r'<a class="chip" href="([^"]+)"[^>]*><span class="hidden">[^<]*</span>([^<]*)</a>', site.page(address)
    )
    assert [unescape(text) for _, text in chips] == [
        "“distillation”",
        "Loss: Reverse KL",
        "Loss: not KL + RL",
        "Year: 2026",
    ]
    all_of_it = set(parse_qsl(urlsplit(address).query))
    for chip, _ in chips:
        left = set(parse_qsl(urlsplit(unescape(chip)).query))
        assert len(all_of_it - left) == 1
        assert left < all_of_it


def test_the_search_form_keeps_the_filters_and_begins_at_the_first_page(site: Site) -> None:
    page = site.page("/papers?loss=reverse-kl&signal=-logits&sort=title&page=1&per=25")
    form = page[page.index('role="search"') :].partition("</form>")[0]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    assert fields == [("loss", "reverse-kl"), ("signal", "-logits"), ("sort", "title")]


def test_an_empty_result_says_what_to_take_away(site: Site) -> None:
    page = site.page("/papers?loss=reverse-kl&author=Nobody,+At+All")
    assert "0 papers" in page
    assert "without Author: Nobody, At All" in page


def test_similar_words_are_announced(site: Site) -> None:
    assert "similar ones" in site.page("/papers?q=speculatve")
    assert papers(site, "q=speculatve")["similar_words"] is True


def test_the_tree_shows_the_newest_chapters_first_and_older_ones_folded_up(site: Site) -> None:
    page = site.page("/")
    sections = re.findall(r">Chapters of the (?:list|catalogue), (\d+ \w+ 2026)<", page)
    assert sections == [
        "6 October 2026",
        "23 May 2026",
        "13 May 2026",
        "26 April 2026",
        "12 April 2026",
        "5 April 2026",
    ]
    assert re.search(r'<details class="facet" data-facet="chapter Chapters of the list, 23 May 2026">', page)
    chosen = site.page("/papers?chapter=survey-2026-05-23/4.1")
    assert re.search(r'<details class="facet" data-facet="chapter Chapters of the list, 23 May 2026" open>', chosen)


def test_pages_hold_every_paper_once_and_link_to_each_other(site: Site) -> None:
    seen: list[str] = []
    address = "/papers?loss=reverse-kl"
    while address:
        response = site.get(address, accept="application/json")
        seen += ids(json.loads(response.data))
        following = re.search(r'<http://localhost([^>]*)>; rel="next"', response.headers["Link"])
        address = following[1] if following else ""
    everything = papers(site, "loss=reverse-kl&per=all")
    assert len(seen) == everything["total"] > 25
    assert seen == ids(everything)


def test_more_of_a_facet_is_an_address_too(site: Site) -> None:
    page = site.page("/papers")
    more = re.search(r'<a href="(/papers\?more=author)"', page)
    assert more
    assert site.page(more[1]).count('data-key="author=') > page.count('data-key="author=') == 2 * 10


# ---------------------------------------------------------------- formats


@pytest.mark.parametrize("offer", LIST_FORMATS, ids=lambda offer: offer.name)
def test_every_format_is_had_by_accept_and_by_name(site: Site, offer: Format) -> None:
    by_type = site.get("/papers?loss=contrastive", accept=offer.media_type)
    by_name = site.get(f"/papers?loss=contrastive&format={offer.name}", accept="*/*")
    assert by_type.status_code == by_name.status_code == 200
    assert by_type.mimetype == by_name.mimetype == offer.media_type
    assert by_type.data == by_name.data if offer.name != "json" else by_type.data
    assert "Accept" in by_type.headers["Vary"]


def test_csv_json_and_rdf_hold_the_same_papers(site: Site) -> None:
    query = "loss=contrastive&loss=preference&per=all"
    content = papers(site, query)
    lines = list(csv.DictReader(io.StringIO(site.get(f"/papers?{query}&format=csv").text, newline="")))
    assert [(line["id"], line["title"], line["authors"]) for line in lines] == [
        (paper["id"], paper["title"], "; ".join(paper["authors"])) for paper in content["papers"]
    ]
    for offer in RDF_LISTS:
        body = site.get(f"/papers?{query}&format={offer.name}").data
        triples = parse(body, format=RdfFormat.from_media_type(offer.media_type))
        found = {t.subject.value for t in triples if t.predicate == RDF.type and t.object == IRIS.opd.Paper}  # type: ignore[union-attr]
        assert found == {paper["iri"] for paper in content["papers"]}, offer.name


def test_formats_that_have_no_place_for_a_page_number_hold_all_papers_unless_asked_otherwise(site: Site) -> None:
    everything = papers(site, "loss=reverse-kl")["total"]
    assert everything > 25
    assert len(site.get("/papers?loss=reverse-kl&format=csv").text.splitlines()) == 1 + everything
    assert len(site.get("/papers?loss=reverse-kl&format=csv&page=1").text.splitlines()) == 1 + 25
    assert site.get("/papers?loss=reverse-kl&format=bib").text.count("@misc{") == everything


def test_a_papers_key_is_the_same_alone_and_in_company(site: Site) -> None:
    alone = site.get("/paper/2306.08543.bib").text
    assert alone.startswith("@misc{gu2023minillm,")
    assert alone in site.get("/papers?format=bib&per=all").text


# ---------------------------------------------------------------- what is wrong with an address


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("lossx=1", 400, "Did you mean “loss”?"),
        ("loss=reverse", 400, "Did you mean “reverse-kl”"),
        ("loss=-nothing", 400, "no value of “loss”"),
        ("chapter=4.1", 400, "no value of “chapter”"),
        ("code=maybe", 400, "no value of “code”"),
        ("year=MMXXVI", 400, "no value of “year”"),
        ("month=2026", 400, "no value of “month”"),
        ("sort=random", 400, "newest"),
        ("per=7", 400, "25, 100, all"),
        ("more=everything", 400, "no value of “more”"),
        ("page=abc", 400, "is not a page"),
        ("page=0", 400, "is not a page"),
        ("page=-1", 400, "is not a page"),
        ("page=1000000000", 400, "is not a page"),
        (f"page={'9' * 5000}", 400, "is not a page"),
        ("page=%D9%A3", 400, "is not a page"),
        ("page=999", 404, "end on page 14"),
        ("page=2&author=Nobody", 404, "end on page 1"),
        (f"q={'x' * 10_000}", 400, f"at most {MAX_TEXT_CHARS}"),
        (f"author={'x' * 10_000}", 400, "too long"),
        ("&".join(f"author=n{n}" for n in range(101)), 400, "Choose fewer"),
        ("format=docx", 406, "there is"),
        ("loss=<script>", 400, "&lt;script&gt;"),
    ],
)
def test_a_wrong_address_gets_a_page_that_helps(site: Site, query: str, status: int, told: str) -> None:
    response = site.get(f"/papers?{query}")
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert told in response.text
    assert "Traceback" not in response.text
    assert "<script>alert" not in response.text
    assert len(response.data) < 20_000
    problem = site.get(f"/papers?{query}", accept="application/json, application/problem+json")
    assert problem.mimetype == "application/problem+json"
    assert json.loads(problem.data)["status"] == status


@pytest.mark.parametrize(
    "query",
    [
        "q=%zz&loss=%",
        "q=%ff%fe",
        "q=%00",
        "q=%F0%9F%92%A9+%E2%80%AE+%EF%BF%BF",
        "q=%22AND+OR+NOT+(%5B%7B*%3F~%5E:%5C/",
        "q=" + "%28" * 400,
        "author=%00&author=%ff",
        "&&&=&=x&q",
    ],
)
def test_odd_text_is_only_text(site: Site, query: str) -> None:
    assert site.get(f"/papers?{query}").status_code in (200, 400)
    assert site.get(f"/papers?{query}", accept="application/json").status_code in (200, 400)


def test_empty_parameters_say_nothing_and_the_last_of_a_single_one_counts(site: Site) -> None:
    everything = papers(site)["total"]
    assert papers(site, "q=&loss=&loss=-&year=&page=&sort=&per=")["total"] == everything
    assert papers(site, "page=1&page=2")["page"] == 2
    assert papers(site, "loss=reverse-kl&loss=reverse-kl")["total"] == papers(site, "loss=reverse-kl")["total"]


@pytest.mark.parametrize("sign", ["-", "+"])
def test_a_sign_alone_is_a_text_and_no_value(sign: str) -> None:
    selection = read_selection(MultiDict([("q", sign), ("loss", sign)]))
    assert (selection.text, selection.filters) == (sign, {})


def test_only_reading_is_possible(site: Site) -> None:
    for method in ("post", "put", "delete", "patch"):
        response = getattr(site.client, method)("/papers")
        assert response.status_code == 405
        assert "GET" in response.headers["Allow"]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=20)
FILTERS = st.dictionaries(
    st.sampled_from(FACETS),
    st.builds(
        lambda chosen, excluded: FacetFilter(tuple(dict.fromkeys(chosen)), tuple(dict.fromkeys(excluded))),
        st.lists(TEXT, min_size=1, max_size=3),
        st.lists(TEXT, max_size=3),
    ),
    max_size=4,
)


@given(
    st.builds(
        Selection,
        text=st.lists(TEXT, max_size=4).map(" ".join),
        filters=FILTERS,
        sort=st.sampled_from((None, *Sort)),
        page=st.integers(1, 999_999),
        per=st.sampled_from(tuple(PAGE_SIZES)),
        more=st.lists(st.sampled_from(FACETS), unique=True, max_size=2).map(tuple),
    )
)
def test_an_address_reads_back_as_what_it_was_made_of(selection: Selection) -> None:
    pairs = parse_qsl(urlsplit(selection.address()).query, keep_blank_values=True)
    assert read_selection(MultiDict(pairs)) == selection


# ---------------------------------------------------------------- hostile data


def test_titles_and_names_are_shown_as_text(hostile: Site) -> None:
    page = hostile.page("/papers")
    text = unescape(re.sub(r"<[^>]*>", "", page))
    for title in HOSTILE_TITLES:
        assert " ".join(title.split()) in text
    assert "alert(1)</script>" not in page
    assert "javascript:" not in page
    assert "49" not in re.sub(r"[^ ]*(?:/static/|release)[^ ]*", "", page)  # {{ 7*7 }} stays what it is


@pytest.mark.parametrize("author", HOSTILE_AUTHORS)
def test_any_name_can_be_filtered_by(hostile: Site, author: str) -> None:
    address = Selection(filters={"author": FacetFilter((author,))}).address()
    assert papers(hostile, urlsplit(address).query)["total"] == 3
    without = Selection(filters={"author": FacetFilter((), (author,))}).address()
    assert papers(hostile, urlsplit(without).query)["total"] == 0


def test_a_cell_is_no_formula(hostile: Site) -> None:
    lines = list(csv.DictReader(io.StringIO(hostile.get("/papers?format=csv").text, newline="")))
    assert {line["title"] for line in lines} == {*HOSTILE_TITLES[:2], f"'{HOSTILE_TITLES[2]}"}


# ---------------------------------------------------------------- ways in


def test_every_preset_leads_to_as_many_papers_as_it_says(site: Site) -> None:
    links = re.findall(r'<ul class="presets">(.*?)</ul>', site.page("/"), re.DOTALL)[0]
    presets = re.findall(r'<a href="([^"]+)">([^<]+)</a> <span class="quiet">(\d+)<', links)
    assert {"Self-distillation", "Black-box teachers", "Token by token, white-box"} < {title for _, title, _ in presets}
    for address, title, count in presets:
        found = papers(site, urlsplit(unescape(address)).query + "&per=all")
        assert found["total"] == int(count) > 0, title
    address, _, _ = next(each for each in presets if each[1] == "Reverse KL since 2026, with code")
    for paper in papers(site, urlsplit(unescape(address)).query + "&per=all")["papers"]:
        assert paper["year"] >= 2026
        assert paper["code"]
        assert "Reverse KL" in {concept["label"] for concept in paper["concepts"]}


def test_presets_that_would_lead_to_nothing_are_not_shown(hostile: Site) -> None:
    assert "Black-box teachers" not in hostile.page("/")


def test_each_chapter_of_each_version_leads_to_its_papers(site: Site) -> None:
    page = site.page("/taxonomy")
    links = re.findall(r'<a class="quiet" href="(/papers\?chapter=([^%"]+)%2F[^"]+)">(\d+)<', page)
    versions = {version for _, version, _ in links}
    assert versions == {scheme.slug for scheme in site.app.extensions["opdkg-reading"].thesaurus.survey_versions()}
    for address, _, count in links[:: len(links) // 30]:
        assert papers(site, urlsplit(unescape(address)).query)["total"] == int(count) > 0, address


def test_words_that_were_found_are_marked_and_stay_text(site: Site, hostile: Site) -> None:
    assert "<mark>Speculative</mark>" in site.page("/papers?q=speculatve")
    assert "&lt;<mark>script</mark>&gt;alert(1)" in hostile.page("/papers?q=script")
    assert "<mark>" not in site.page("/papers?loss=reverse-kl")
