"""What a paper's page tells of its past, and the commits that it names."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse

from kg.build import build
from kg.release import Home
from kg.vocab import DCTERMS
from tests.kg.sample import past, sources
from tests.server.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Site

COMMIT = f"/commit/{'2' * 40}"


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application over the sample graph, in which two commits changed what the list says of MiniLLM."""
    home = Home(tmp_path_factory.mktemp("replayed"))
    inputs = sources()
    inputs.sources.append(past())
    build(home, inputs)
    yield from opened(home.path)


def table(page: str) -> list[list[str]]:
    """The cells of the page's history, without markup."""
    found = re.search(r'<h2 id="history">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", found[1], re.DOTALL) if found else []
    cells = (re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows)
    return [[" ".join(unescape(re.sub(r"<[^>]+>", "", cell)).split()) for cell in row] for row in cells]


def test_the_page_tells_what_happened_in_words_the_oldest_first(replayed: Site) -> None:
    assert table(replayed.page("/paper/2306.08543")) == [
        ["2026-01-02", "Listed under “Losses”", "the list", "1111111111"],
        ["2026-02-02", "Retitled from “MiniLM” to “MiniLLM”", "the list", "2222222222"],
        ["2026-02-02", "Moved from “Losses” to §4.2 Adaptive Divergence Objectives", "the list", "2222222222"],
        ["2026-02-02", "With code at github.com/microsoft/lmops", "the list", "2222222222"],
        [
            "by 2026-05-23",
            "No longer with code at github.com/microsoft/lmops",
            "the list",
            "2222222222, README-2026-05-23.md",
        ],
    ]


def test_the_page_links_to_commits_chapters_and_code(replayed: Site) -> None:
    page = replayed.page("/paper/2306.08543")
    history = page[page.index('id="history"') : page.index("As listed")]
    for address in (COMMIT, "/concept/survey-2026-05-23/4.2", "/repository/github.com/microsoft/lmops"):
        assert f'href="{address}"' in history


def test_what_happened_between_two_snapshots_is_told_by_the_later_day(site: Site) -> None:
    titles = [
        f"“MiniLLM: {words} of Large Language Models”" for words in ("Knowledge Distillation", "On-Policy Distillation")
    ]
    assert [
        "by 2026-04-12",
        f"Retitled from {titles[0]} to {titles[1]}",
        "the list",
        "awesome-README-2026-04-05.md, awesome-README-2026-04-12.md",
    ] in table(site.page("/paper/2306.08543"))


def test_a_paper_that_nothing_happened_to_has_no_history(hostile: Site) -> None:
    assert 'id="history"' not in hostile.page("/paper/2609.00001")


def test_a_commit_answers_with_when_it_came_in_where_it_is_and_what_it_changed(replayed: Site) -> None:
    page = replayed.page(COMMIT)
    assert f'href="https://github.com/example/list/commit/{"2" * 40}"' in page
    assert "2026-02-02T08:00:00Z" in page
    assert "Retitled: MiniLLM" in page
    triples = parse(replayed.get(f"{COMMIT}.nt").data, format=RdfFormat.N_TRIPLES)
    assert str(next(each.object for each in triples if each.predicate == DCTERMS.identifier)) == f'"{"2" * 40}"'


def test_a_tree_has_the_changes_of_its_paper_inside(replayed: Site) -> None:
    tree = replayed.get("/paper/2306.08543.jsonld").json
    assert tree
    assert sorted(change["event"]["id"].rpartition("/")[2] for change in tree["changes"]) == [
        "code",
        "code",
        "listed",
        "moved",
        "retitled",
    ]
    assert {change["issued"] for change in tree["changes"]} == {"2026-01-02", "2026-02-02", "2026-05-23"}
