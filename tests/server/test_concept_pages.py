"""Concepts and schemes as pages: the way to each, what it is called and where, the index of a scheme, and the search."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.server.conftest import Site


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def part(page: str, start: str, end: str) -> str:
    return page[page.index(start) : page.index(end, page.index(start))]


def hits(page: str) -> list[str]:
    found = re.findall(r'<li><a href="(/concept/[^"]+)">', part(page, '<ul class="plain hits">', "</ul>"))
    return [path.removeprefix("/concept/") for path in found]


def test_a_concept_says_how_each_source_spells_it(site: Site) -> None:
    page = site.page("/concept/objective/reverse-kl")
    row = part(page, "<dt>Written in sources as</dt>", "<dt>Broader</dt>")
    assert text(row) == "Written in sources as RKL in resources-loss-taxonomy-2026-06-03.md"
    assert 'href="/source/loss-taxonomy-2026-06-03"' in row
    role = text(part(site.page("/concept/role/direct-opd"), "<dt>Written", "</dl>"))
    assert role.startswith("Written in sources as direct_opd in catalog-2026-10-06.json")
    heading = text(part(site.page("/concept/survey-2026-05-23/5.1"), "<dt>Written", "<dt>Broader"))
    assert "White-Box Logit Supervision in awesome-README-2026-05-23.md , awesome-README-2026-06-03.md" in heading


def test_a_spelling_that_no_source_of_the_release_has_is_not_given_one(site: Site) -> None:
    page = site.page("/concept/signal/logits")
    assert text(part(page, "<dt>Also found as</dt>", "</dd>")) == "Also found as Logit-Based"
    assert "Written in sources as" not in page


def test_the_crumbs_and_the_tree_lead_up_and_down(site: Site) -> None:
    page = site.page("/concept/objective/reverse-kl")
    crumbs = part(page, '<p class="crumbs">', "</p>")
    assert text(crumbs) == "Taxonomy › Objective › f-divergence"
    tree = part(page, '<div class="tree">', "</div>")
    assert 'href="/concept/objective/reverse-kl" aria-current="page"' in tree
    assert 'href="/concept/objective/forward-kl"' in tree  # a sibling


def test_papers_of_narrower_concepts_are_there(site: Site) -> None:
    def count(path: str) -> int:
        (found,) = re.findall(r'<h2 id="papers">[^<]*<span class="quiet">\((\d+)\)', site.page(path))
        return int(found)

    narrower = [count(f"/concept/objective/{slug}") for slug in ("forward-kl", "reverse-kl", "symmetric-kl")]
    assert max(narrower) < count("/concept/objective/kl-based") <= sum(narrower)


def test_a_spelling_has_an_address_and_is_a_part_of_its_concept(site: Site) -> None:
    turtle = site.get("/concept/objective/reverse-kl", accept="text/turtle").text
    assert 'skosxl:literalForm "RKL"@en' in turtle
    assert site.get("/concept/objective/reverse-kl/label/RKL").status_code == 200
    assert site.get("/concept/objective/kl-rl/label/KL+RL.ttl").status_code == 200


def test_the_index_of_a_scheme_has_every_label_once_in_order(site: Site) -> None:
    index = part(site.page("/scheme/objective"), '<h2 id="index">', "</main>")
    entries = [text(entry) for entry in re.findall(r"<li>(.*?)</li>", index)]
    assert "Rényi divergence see Other f-divergence" in entries
    assert "Reverse KL" in entries
    assert entries.index("Preference") < entries.index("Rényi divergence see Other f-divergence")
    assert len(entries) == len(set(entries))
    letters = re.findall(r"<h3>(.*?)</h3>", index)
    assert letters == sorted(letters)


def test_concepts_are_found_by_any_label_and_within_a_scheme(site: Site) -> None:
    assert hits(site.page("/taxonomy?q=mode-seeking")) == ["objective/reverse-kl"]
    assert hits(site.page("/taxonomy?q=direct_opd")) == ["role/direct-opd"]
    everywhere = hits(site.page("/taxonomy?q=unclassified"))
    assert {"objective/unclassified", "signal/unclassified"} < set(everywhere)
    assert hits(site.page("/taxonomy?q=unclassified&scheme=signal")) == ["signal/unclassified"]
    assert "0 concepts called" in site.page("/taxonomy?q=nothing-is-called-so")
    assert "<h2>Classifications</h2>" in site.page("/taxonomy?q=+")


def test_the_form_of_a_scheme_searches_that_scheme(site: Site) -> None:
    form = part(site.page("/scheme/objective"), '<form class="search"', "</form>")
    assert 'action="/taxonomy"' in form
    assert '<input type="hidden" name="scheme" value="objective">' in form


@pytest.mark.parametrize("query", ["q=x&scheme=nothing", f"q={'x' * 501}", f"scheme={quote('<b>')}"])
def test_a_wrong_search_is_a_clear_400(site: Site, query: str) -> None:
    response = site.get(f"/taxonomy?{query}")
    assert response.status_code == 400
    assert "<b>" not in response.text


def test_no_question_breaks_out(site: Site) -> None:
    question = quote('"><script>alert(1)</script>')
    assert "<script>alert" not in site.page(f"/taxonomy?q={question}")
