"""Citations as people and programs get them: every paper of the release read back, and the box on a paper's page."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import requests
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware

if TYPE_CHECKING:
    from tests.server.conftest import Site

#: What CSL 1.0.2's csl-data.json allows, as far as it is used here.
CSL_ITEM = {"id", "type", "title", "author", "issued", "publisher", "number", "DOI", "URL", "note"}
CSL_TYPES = {"article", "document"}


@pytest.fixture(scope="module")
def papers(address: str) -> list[dict[str, Any]]:
    """Every paper, as the list in plain JSON has it."""
    found: list[dict[str, Any]] = requests.get(f"{address}/papers?per=all&format=json", timeout=60).json()["papers"]
    assert len(found) == 349
    return found


def exported(address: str, format_: str, query: str = "") -> str:
    response = requests.get(f"{address}/papers?{query}format={format_}", timeout=60)
    assert response.status_code == 200
    response.encoding = "utf-8"
    return response.text


def test_bibtex_of_all_papers_is_read_back(address: str, papers: list[dict[str, Any]]) -> None:
    library = parse_string(exported(address, "bib"))
    assert library.failed_blocks == []
    assert len(library.blocks) == len(library.entries) == len(papers)
    for entry, paper in zip(library.entries, papers, strict=True):
        fields = {name: field.value for name, field in entry.fields_dict.items()}
        listed = [re.sub("[{}]", "", name) for name in fields.get("author", "").split(" and ") if name]
        assert listed == paper["authors"]
        assert fields.get("eprint") == paper["arxiv_id"]
        assert fields.get("archivePrefix") == (paper["arxiv_id"] and "arXiv")
        assert fields.get("doi") == paper["doi"]
        assert fields.get("year") == (str(paper["year"]) if paper["year"] else None)
        words = re.findall(r"\w*[A-Z]\w*[A-Z]\w*", paper["title"])
        assert all(f"{{{word}}}" in fields["title"] for word in words if "$" not in paper["title"]), paper["title"]


def test_a_latex_decoder_reads_every_title_as_it_is_listed(address: str, papers: list[dict[str, Any]]) -> None:
    library = parse_string(exported(address, "bib"), append_middleware=[LatexDecodingMiddleware()])
    plain = [(entry["title"], paper["title"]) for entry, paper in zip(library.entries, papers, strict=True)]
    assert [one for one in plain if one[0] != one[1] and "$" not in one[1]] == []


def test_ris_of_all_papers_is_read_back(address: str, papers: list[dict[str, Any]]) -> None:
    records = rispy.loads(exported(address, "ris"))
    for record, paper in zip(records, papers, strict=True):
        assert record["title"] == paper["title"]
        assert record.get("authors", []) == paper["authors"]
        assert record.get("doi") == paper["doi"]
        assert record.get("year") == (str(paper["year"]) if paper["year"] else None)


def test_csl_json_of_all_papers_is_read_back(address: str, papers: list[dict[str, Any]]) -> None:
    items = json.loads(exported(address, "csl"))
    for item, paper in zip(items, papers, strict=True):
        assert item.keys() <= CSL_ITEM
        assert item["type"] in CSL_TYPES
        names = [name.get("literal") or f"{name['family']}, {name['given']}" for name in item.get("author", [])]
        assert names == paper["authors"]
        assert (item["title"], item.get("DOI")) == (paper["title"], paper["doi"])
        parts = item.get("issued", {}).get("date-parts", [[]])[0]
        assert parts == [int(part) for part in (paper["issued"] or str(paper["year"] or "")).split("-") if part]


def test_a_paper_has_one_key_in_every_format_and_selection(address: str) -> None:
    whole = {entry.key for entry in parse_string(exported(address, "bib")).entries}
    some = [entry.key for entry in parse_string(exported(address, "bib", "loss=reverse-kl&")).entries]
    assert 0 < len(some) < len(whole) == 349
    assert set(some) < whole
    assert [record["id"] for record in rispy.loads(exported(address, "ris", "loss=reverse-kl&"))] == some
    assert [item["id"] for item in json.loads(exported(address, "csl", "loss=reverse-kl&"))] == some
    alone = requests.get(f"{address}/paper/2306.08543.bib", timeout=20).text
    assert [entry.key for entry in parse_string(alone).entries] == ["gu2023minillm"]


# ---------------------------------------------------------------- the page


def text_of(page: str, identifier: str) -> str:
    (found,) = re.findall(rf'id="{identifier}"[^>]*>(.*?)</(?:p|pre)>', page, re.DOTALL)
    return unescape(found)


def test_the_page_of_a_paper_shows_a_reference_and_every_format(site: Site) -> None:
    page = site.page("/paper/2306.08543")
    assert text_of(page, "cite-reference") == (
        "Yuxian Gu, Li Dong, Furu Wei, and Minlie Huang. 2023. "
        "MiniLLM: On-Policy Distillation of Large Language Models. "
        "ICLR 2024. arXiv:2306.08543. https://doi.org/10.48550/arXiv.2306.08543"
    )
    assert "<code>gu2023minillm</code>" in page
    for suffix in ("bib", "ris", "csl"):
        written = site.get(f"/paper/2306.08543.{suffix}", accept="*/*").text
        assert text_of(page, f"cite-{suffix}").split() == written.split()
        assert f'href="/paper/2306.08543.{suffix}"' in page
        assert f'download="gu2023minillm.{suffix}"' in page


def test_no_title_or_name_breaks_out_of_the_box(hostile: Site) -> None:
    for number in (1, 2, 3):
        page = hostile.page(f"/paper/2609.0000{number}")
        box = page[page.index('<section class="cite"') : page.index("</section>")]
        assert not re.search(r"<(?!/?(?:section|h2|p|button|span|code|details|summary|pre|a)\b)", box)
        assert "A/B Testing Group" in text_of(page, "cite-reference")
