"""``/suggest``: from an arXiv id or DOI to the paper, to upstream's form, or to a curator's file that can be read."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest

from kg.sources import read_source

if TYPE_CHECKING:
    from tests.server.conftest import Site

TITLE = 'New: "quoted" \\ $x_1$ <b> # & 名前'


def issue_form(page: str) -> dict[str, list[str]]:
    (href,) = re.findall(r'<a class="button" href="([^"]*)"', page)
    parts = urlsplit(unescape(href))
    assert parts.hostname == "github.com"
    assert parts.path == "/nick7nlp/Awesome-LLM-On-Policy-Distillation/issues/new"
    return parse_qs(parts.query)


@pytest.mark.parametrize(
    "spelling",
    ["2306.13649", "arXiv:2306.13649v2", "https://arxiv.org/pdf/2306.13649", "10.48550/arXiv.2306.13649",
     "https://doi.org/10.48550/ARXIV.2306.13649"],
)  # fmt: skip
def test_a_paper_that_is_there_is_shown_under_any_spelling(site: Site, spelling: str) -> None:
    page = site.page(f"/suggest?id={quote_plus(spelling)}")
    assert "The graph has it" in page
    assert '<a href="/paper/2306.13649">' in page
    assert "issues/new" not in page


def test_a_paper_that_is_missing_goes_to_upstreams_form(site: Site) -> None:
    page = site.page(f"/suggest?id=2611.00001v3&title={quote_plus(TITLE)}")
    assert "The graph lacks arXiv:2611.00001" in page
    assert issue_form(page) == {
        "template": ["add-paper.yml"],
        "title": [f"Add paper: {TITLE} arXiv:2611.00001 https://arxiv.org/abs/2611.00001"],
    }
    page = site.page("/suggest?id=https%3A%2F%2Fdoi.org%2F10.1000%2FXYZ.1")
    assert issue_form(site.page("/suggest?id=https://example.org/post"))["title"] == [
        "Add paper: https://example.org/post"
    ]
    assert issue_form(page)["title"] == ["Add paper: doi:10.1000/xyz.1 https://doi.org/10.1000/xyz.1"]


@pytest.mark.parametrize("paper", ["2611.00001", "10.1000/xyz(1)"])
def test_the_curators_file_is_read_as_it_stands(site: Site, paper: str) -> None:
    chosen = "loss=reverse-kl&chapter=survey-2026-10-06/4"
    page = site.page(f"/suggest?id={quote_plus(paper)}&title={quote_plus(TITLE)}&{chosen}")
    (overlay,) = re.findall(r"<code>(curator:.*?)</code>", page, re.DOTALL)
    source = read_source(unescape(overlay).encode(), "mine.yaml")
    assert (source.problems, source.curator) == ((), "Your Name")
    (entry,) = source.entries
    assert entry.titles == (TITLE,)
    assert {(said.dimension, said.code) for said in entry.statements} == {
        ("chapter", "survey-2026-10-06/4"),
        ("loss", "reverse-kl"),
    }
    if paper == "2611.00001":
        assert entry.arxiv_id == paper
    else:
        assert entry.address == "https://doi.org/10.1000/xyz(1)"


def test_what_is_no_identifier_is_said_and_the_form_is_there_again(site: Site) -> None:
    for text in ("<script>alert(1)</script>", "2313.99999", "ftp://example.org/paper", "1" * 5000):
        answer = site.get(f"/suggest?id={quote_plus(text)}")
        assert answer.status_code == 400
        assert "is neither an arXiv id nor a DOI nor an address" in answer.text
        assert "<form" in answer.text
        assert "<script>alert" not in answer.text
    assert site.get("/suggest?id=2611.00001&loss=nonsense").status_code == 400
    assert site.get(f"/suggest?id=2611.00001&title={'x' * 501}").status_code == 400


def test_the_page_by_itself_explains_the_way(site: Site) -> None:
    page = site.page("/suggest")
    assert '<form action="/suggest" method="get">' in page
    assert "/suggest" in site.page("/papers?q=nothingcalledso")
