"""The catalogue: everything is taken as it stands, what cannot be read is named, and the other papers go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kg.records import Chapter, Entry, Resource, Severity, SourceFile, Statement
from kg.sources import read_path, read_source

FIXTURE = Path(__file__).parents[2] / "fixtures" / "sources" / "catalogue-2026-06-01.json"

PAPER: dict[str, Any] = {
    "paper_id": "2605.00002",
    "arxiv_id": "2605.00002",
    "title": "Half a Step",
    "authors": ["Doe, Jane"],
    "year": 2026,
    "submitted": "2026-05-02",
    "paper_url": "https://arxiv.org/abs/2605.00002",
    "mechanism": "direct_opd",
    "home": "4",
    "code_urls": [],
    "code_status": "No repository listed",
}


def catalogue(*papers: object, **top: object) -> SourceFile:
    value = {"updated_on": "2026-06-01", "total": len(papers), "papers": list(papers)} | top
    return read_source(json.dumps(value).encode(), "catalogue.json")


def only_problem(source: SourceFile) -> tuple[str, Severity]:
    (problem,) = source.problems
    assert problem.file == "catalogue.json"
    assert problem.line is None
    return f"{problem.field}: {problem.reason}", problem.severity


def test_the_fixture_is_read_whole() -> None:
    source = read_path(FIXTURE)
    assert source.problems == ()
    assert source.mentions == ()
    assert source.chapters == (
        (Chapter("Objectives and update rules", "4"),),
        (Chapter("Applications and systems", "9"),),
        (Chapter("Foundations and related background"),),
    )
    step, report, engine = source.entries
    assert step == Entry(
        file=FIXTURE.name,
        line=None,
        titles=("Half a Step with $D_{KL}$",),
        arxiv_id="2605.00002",
        upstream_id="2605.00002",
        address="https://arxiv.org/abs/2605.00002",
        authors=("Doe, Jane", "Doe, Jane", "The Team"),
        issued="2026-05-02",
        years=(2026,),
        chapters=((Chapter("Objectives and update rules", "4"),),),
        resources=(Resource("Code", "https://github.com/example/half/tree/main/half"),),
        statements=(Statement("role", "direct_opd"),),
    )
    assert (report.arxiv_id, report.upstream_id, report.issued) == ("2606.00004", "report4", "2026-04-26")
    assert (engine.arxiv_id, engine.upstream_id, engine.issued) == (None, "lab2024engine", "2024")
    assert engine.resources == (Resource("Official infrastructure repository", "https://github.com/example/engine"),)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("authors", "Doe, Jane", "authors: is not a list: left out"),
        ("authors", ["Doe, Jane", None], "authors: not every author is a name"),
        ("authors", ["Doe, Jane", " "], "authors: not every author is a name"),
        ("year", "2026", "year: is not a number: left out"),
        ("year", True, "year: is not a number: left out"),
        ("year", 20266, "year: 20266 is no year"),
        ("submitted", "May 2026", "submitted: is not YYYY, YYYY-MM or YYYY-MM-DD"),
        ("submitted", "2026-02-30", "submitted: is not YYYY"),
        ("submitted", 2026, "submitted: is not text"),
        ("paper_url", "javascript:alert(1)", "paper_url: is not an http(s) address"),
        ("arxiv_id", "2613.00001", "arxiv_id: is not an arXiv id"),
        ("mechanism", 7, "mechanism: is not text"),
        ("home", 4, "home: is not text"),
        ("home", "11", "home: '11' is no known chapter"),
        ("code_urls", "https://github.com/a/b", "code_urls: is not a list"),
        ("code_urls", ["data:text/html,x"], "code_urls: holds something that is no http(s) address"),
        ("code_urls", [["x"]], "code_urls: holds something that is no http(s) address"),
        ("code_status", "soon", "code_status: 'soon' is no known state"),
        ("stars", 5, "stars: is no known field, but stands 1 times"),
    ],
)
def test_a_field_of_wrong_form_is_dropped_and_named_and_the_paper_stays(
    field: str, value: object, problem: str
) -> None:
    source = catalogue(PAPER | {field: value})
    said, severity = only_problem(source)
    assert said.removeprefix("papers[0].").startswith(problem)
    assert severity is Severity.WARNING
    (entry,) = source.entries
    assert entry.arxiv_id == "2605.00002"
    assert entry.titles == ("Half a Step",)


def test_an_unknown_chapter_is_its_own_title() -> None:
    assert catalogue(PAPER | {"home": "11"}).chapters == ((Chapter("11", "11"),),)
    assert catalogue(PAPER | {"home": "appendix"}).chapters == ((Chapter("appendix"),),)


@pytest.mark.parametrize(
    ("paper", "problem"),
    [
        ("just text", "papers[1]: is no object"),
        (None, "papers[1]: is no object"),
        ({key: value for key, value in PAPER.items() if key != "title"}, "papers[1].title: no title"),
        (PAPER | {"title": " \u200b"}, "papers[1].title: no title"),
        ({"title": "Nameless"}, "papers[1].paper_id: no arXiv id, no id and no address"),
    ],
)
def test_a_paper_without_title_or_identity_is_quarantined_and_the_others_go_on(paper: object, problem: str) -> None:
    other = PAPER | {
        "arxiv_id": "2605.00009",
        "paper_id": "2605.00009",
        "paper_url": "https://arxiv.org/abs/2605.00009",
    }
    source = catalogue(PAPER, paper, other)
    said, severity = only_problem(source)
    assert said.startswith(problem)
    assert severity is Severity.QUARANTINED
    assert [entry.arxiv_id for entry in source.entries] == ["2605.00002", "2605.00009"]


def test_the_address_tells_the_arxiv_id_where_the_field_is_missing() -> None:
    (entry,) = catalogue({"title": "T", "paper_url": "http://arxiv.org/abs/2605.00002v2"}).entries
    assert entry.arxiv_id == "2605.00002"


def test_an_entry_that_repeats_another_is_joined_with_it() -> None:
    again = PAPER | {"authors": None, "code_urls": ["https://github.com/a/b"], "code_status": "linked"}
    source = catalogue(PAPER, again)
    said, severity = only_problem(source)
    assert said == "papers[1]: repeats an entry before: the two are joined"
    assert severity is Severity.WARNING
    (entry,) = source.entries
    assert entry.authors == ("Doe, Jane",)
    assert entry.resources == (Resource("Code", "https://github.com/a/b"),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"title": "A Whole Step"}, "differs in titles"),
        ({"home": "5", "year": 2025}, "differs in years, chapters"),
        ({"arxiv_id": "2605.00003", "paper_url": None}, "but the arXiv id 2605.00003 instead of 2605.00002"),
    ],
)
def test_an_entry_that_contradicts_another_of_its_paper_is_quarantined(change: dict[str, object], problem: str) -> None:
    source = catalogue(PAPER, PAPER | change)
    said, severity = only_problem(source)
    assert problem in said
    assert severity is Severity.QUARANTINED
    assert source.entries == catalogue(PAPER).entries


def test_the_frame_is_checked_too() -> None:
    assert only_problem(catalogue(PAPER, total=3))[0] == "total: is 3, but the list holds 1 papers"
    assert only_problem(catalogue(PAPER, updated_on="June"))[0] == (
        "updated_on: is no date written as YYYY-MM-DD: not read"
    )
    assert only_problem(catalogue(PAPER, generator="x"))[0].startswith("generator: is no known field")
    twice = b'{"updated_on": "2026-06-01", "total": 0, "total": 0, "papers": []}'
    assert only_problem(read_source(twice, "catalogue.json"))[0].startswith("total: stands twice or more in 1 objects")


def test_hostile_text_comes_out_harmless() -> None:
    nasty = '<img src=x onerror="alert(1)"> \u202eSTEP\u0007\ud800\n "quoted" \\'
    (entry,) = catalogue(PAPER | {"title": nasty, "authors": ["\u0000Doe,\u200b Jane"]}).entries
    assert entry.titles == ('<img src=x onerror="alert(1)"> STEP "quoted" \\',)
    assert entry.authors == ("Doe, Jane",)


def test_a_title_of_ten_thousand_characters_is_none() -> None:
    source = catalogue(PAPER | {"title": "step " * 2000})
    assert source.entries == ()
    assert [problem.severity for problem in source.problems] == [Severity.WARNING, Severity.QUARANTINED]
    assert all(len(problem.excerpt) <= 200 for problem in source.problems)
