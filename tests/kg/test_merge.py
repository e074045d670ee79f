"""Merging: which entries are one paper, whose value counts, what is listed today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from kg.merge import Merged, Paper, merge
from kg.records import Entry, Severity, Snapshot, SourceFile, SourceKind


def source(kind: SourceKind, day: date | None, *entries: Entry) -> SourceFile:
    slug = f"{kind.value}-{day or 'undated'}"
    curator = "A. Curator" if kind is SourceKind.CURATION else None
    return SourceFile(Snapshot(slug, kind, f"{slug}.txt", "0" * 64, 1, day), entries, curator=curator)


def entry(title: str, arxiv_id: str | None = None, **values: object) -> Entry:
    return replace(Entry("file", 1, (title,), arxiv_id=arxiv_id), **values)


def only(merged: Merged) -> Paper:
    (paper,) = merged.papers
    return paper


APRIL, MAY, OCTOBER, NOVEMBER = date(2026, 4, 5), date(2026, 5, 13), date(2026, 10, 6), date(2026, 11, 1)


def test_one_arxiv_id_is_one_paper_with_the_title_of_the_better_source() -> None:
    paper = only(
        merge(
            [
                source(SourceKind.AWESOME, MAY, entry("Short name", "2306.08543")),
                source(SourceKind.CATALOGUE, OCTOBER, entry("The full title", "2306.08543")),
            ]
        )
    )
    assert (paper.id, paper.title, paper.alternatives) == ("2306.08543", "The full title", ("Short name",))
    assert [listing.snapshot.kind for listing in paper.listings] == [SourceKind.CATALOGUE, SourceKind.AWESOME]


def test_the_order_in_which_sources_are_given_does_not_matter() -> None:
    sources = [
        source(SourceKind.AWESOME, APRIL, entry("First", "2306.08543")),
        source(SourceKind.AWESOME, MAY, entry("Second", "2306.08543"), entry("Other", "2306.13649")),
        source(SourceKind.CATALOGUE, OCTOBER, entry("Third", "2306.08543", upstream_id="minillm")),
    ]
    results = {merge(list(order)).papers for order in permutations(sources)}
    assert len(results) == 1


def test_without_an_arxiv_id_the_upstream_id_joins() -> None:
    paper = only(
        merge(
            [
                source(SourceKind.CATALOGUE, OCTOBER, entry("Now", None, upstream_id="lu2025onpolicy")),
                source(SourceKind.CATALOGUE, MAY, entry("Then", None, upstream_id="lu2025onpolicy")),
            ]
        )
    )
    assert (paper.id, paper.title) == ("lu2025onpolicy", "Now")


def test_an_entry_that_gets_an_arxiv_id_later_is_the_same_paper() -> None:
    paper = only(
        merge(
            [
                source(SourceKind.CATALOGUE, OCTOBER, entry("Report", "2606.19348", upstream_id="deepseekv4")),
                source(SourceKind.CATALOGUE, MAY, entry("Report", None, upstream_id="deepseekv4")),
            ]
        )
    )
    assert paper.id == "2606.19348"
    assert paper.upstream_ids == ("deepseekv4",)


def test_the_page_names_a_paper_that_has_no_id() -> None:
    page = "https://example.org/report.pdf"
    paper = only(
        merge(
            [
                source(SourceKind.CATALOGUE, OCTOBER, entry("Report", None, upstream_id="report", address=page)),
                source(SourceKind.AWESOME, MAY, entry("Report", None, address=page)),
            ]
        )
    )
    assert paper.id == "report"


def test_two_arxiv_papers_with_one_project_page_stay_two() -> None:
    page = "https://example.org/project"
    merged = merge(
        [
            source(
                SourceKind.CATALOGUE,
                OCTOBER,
                entry("One", "2601.00001", address=page),
                entry("Two", "2601.00002", address=page),
            )
        ]
    )
    assert [paper.id for paper in merged.papers] == ["2601.00001", "2601.00002"]


def test_equal_titles_do_not_make_one_paper() -> None:
    merged = merge([source(SourceKind.CATALOGUE, OCTOBER, entry("Same", "2601.00001"), entry("Same", "2601.00002"))])
    assert len(merged.papers) == 2


def test_a_curator_joins_what_no_identifier_joins() -> None:
    page = "https://huggingface.co/org/model/blob/main/report.pdf"
    paper = only(
        merge(
            [
                source(SourceKind.AWESOME, MAY, entry("Technical report", None, address=page)),
                source(SourceKind.CATALOGUE, OCTOBER, entry("Report", "2606.19348")),
                source(SourceKind.CURATION, None, replace(Entry("c.yaml", 4), arxiv_id="2606.19348", same_as=(page,))),
            ]
        )
    )
    assert (paper.id, paper.title, paper.alternatives) == ("2606.19348", "Report", ("Technical report",))


def test_the_curator_wins_over_all_others() -> None:
    merged = merge(
        [
            source(SourceKind.CATALOGUE, OCTOBER, entry("Tilte", "2601.00001", issued="2026-01-01")),
            source(SourceKind.CURATION, None, entry("Title", "2601.00001")),
        ]
    )
    paper = only(merged)
    assert (paper.title, paper.alternatives, paper.issued) == ("Title", ("Tilte",), date(2026, 1, 1))


def test_a_paper_that_the_newest_catalogue_lacks_is_dropped_since_the_first_list_without_it() -> None:
    merged = merge(
        [
            source(SourceKind.AWESOME, APRIL, entry("Kept", "2601.00001"), entry("Gone", "2601.00002")),
            source(SourceKind.AWESOME, MAY, entry("Kept", "2601.00001")),
            source(SourceKind.CATALOGUE, OCTOBER, entry("Kept", "2601.00001")),
        ]
    )
    kept, gone = merged.papers
    assert (kept.listed, kept.first_listed, kept.last_listed, kept.dropped_since) == (True, APRIL, OCTOBER, None)
    assert (gone.listed, gone.first_listed, gone.last_listed, gone.dropped_since) == (False, APRIL, APRIL, MAY)


def test_a_readme_newer_than_the_catalogue_lists_too() -> None:
    merged = merge(
        [
            source(SourceKind.CATALOGUE, OCTOBER, entry("In the catalogue", "2601.00001")),
            source(SourceKind.AWESOME, NOVEMBER, entry("New in the list", "2611.00002")),
            source(SourceKind.AWESOME, MAY, entry("Only in May", "2601.00003")),
        ]
    )
    assert [paper.listed for paper in merged.papers] == [True, False, True]


def test_the_loss_taxonomy_alone_lists_nothing() -> None:
    merged = merge(
        [
            source(SourceKind.CATALOGUE, OCTOBER, entry("Listed", "2601.00001")),
            source(SourceKind.LOSS_TAXONOMY, MAY, entry("Only audited", "2606.01080")),
        ]
    )
    assert [paper.listed for paper in merged.papers] == [True, False]


def test_what_a_curator_adds_is_listed_unless_the_curator_says_otherwise() -> None:
    merged = merge(
        [
            source(SourceKind.CATALOGUE, OCTOBER, entry("Listed", "2601.00001"), entry("Withdrawn", "2601.00003")),
            source(
                SourceKind.CURATION,
                None,
                entry("Added", "2601.00002"),
                replace(Entry("c.yaml", 9), arxiv_id="2601.00003", listed=False),
            ),
        ]
    )
    assert [paper.listed for paper in merged.papers] == [True, True, False]


def test_an_undated_source_is_the_newest_and_says_so() -> None:
    merged = merge(
        [
            source(SourceKind.AWESOME, None, entry("Today", "2601.00001")),
            source(SourceKind.AWESOME, MAY, entry("Yesterday", "2601.00001"), entry("Gone", "2601.00002")),
        ]
    )
    today, gone = merged.papers
    assert (today.title, gone.listed, gone.dropped_since) == ("Today", False, None)
    assert [problem.field for problem in merged.problems] == ["date"]


def test_one_upstream_id_for_two_arxiv_papers_is_reported() -> None:
    merged = merge(
        [
            source(SourceKind.CATALOGUE, OCTOBER, entry("New", "2601.00001", upstream_id="same")),
            source(SourceKind.CATALOGUE, MAY, entry("Old", "2601.00002", upstream_id="same")),
        ]
    )
    assert len(merged.papers) == 2
    (problem,) = merged.problems
    assert problem.severity is Severity.WARNING
    assert "same" in problem.reason


@pytest.mark.parametrize("name", ["..", ".", "///", "???"])
def test_an_id_that_cannot_name_a_paper_is_quarantined(name: str) -> None:
    merged = merge([source(SourceKind.CATALOGUE, OCTOBER, entry("Bad", None, upstream_id=name))])
    assert not merged.papers
    (problem,) = merged.problems
    assert problem.severity is Severity.QUARANTINED


def test_a_year_is_taken_from_the_date_before_the_table() -> None:
    merged = merge(
        [
            source(SourceKind.CATALOGUE, OCTOBER, entry("A", "2306.08543", issued="2023-06-14")),
            source(
                SourceKind.AWESOME,
                MAY,
                entry("A", "2306.08543", years=(2024,)),
                entry("B", "2306.13649", years=(2024, 2023)),
            ),
        ]
    )
    assert [(paper.year, paper.issued) for paper in merged.papers] == [(2023, date(2023, 6, 14)), (2024, None)]


def test_only_a_shortened_title_is_better_than_none() -> None:
    merged = merge(
        [
            source(
                SourceKind.LOSS_TAXONOMY,
                MAY,
                replace(Entry("l.md", 3), arxiv_id="2606.01080", short_titles=("A long …",)),
            )
        ]
    )
    assert only(merged).title == "A long …"
