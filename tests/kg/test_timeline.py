"""What happened between states of upstream, worked out by hand from small lists."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from kg.merge import merge
from kg.records import (
    Chapter,
    Commit,
    Entry,
    History,
    Resource,
    Revision,
    Snapshot,
    SourceFile,
    SourceKind,
    Statement,
)
from kg.timeline import Event, changes_of, spelt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.records import ChapterPath

A, B, C = ((Chapter(name),) for name in ("Alpha", "Beta", "Gamma"))


def entry(number: int, *chapters: ChapterPath, **more: object) -> Entry:
    given = {"arxiv_id": f"2601.0000{number}", "titles": (f"Paper {number}",), "chapters": chapters} | more
    return Entry("list.md", None, **given)  # type: ignore[arg-type]


def snapshot(day: str | None, *entries: Entry, kind: SourceKind = SourceKind.AWESOME) -> SourceFile:
    slug = f"{kind}-{day}"
    made = Snapshot(
        slug, kind, f"{slug}.md", slug.encode().hex().ljust(64, "0")[:64], 1, day and date.fromisoformat(day)
    )
    return SourceFile(made, entries)


def commit(number: int, day: str) -> Commit:
    return Commit(f"{number:040x}", f"{day}T00:00:00Z", f"{day}T00:00:00Z")


def past(*revisions: Revision, begins: str | None = None, slug: str = "history-1") -> SourceFile:
    last = revisions[-1].commit.day
    made = Snapshot(slug, SourceKind.HISTORY, f"{slug}.json", "f" * 64, 1, last)
    return SourceFile(made, history=History("1" * 40, begins, None, revisions))


def revision(
    number: int, day: str, *entries: Entry, gone: Sequence[int] = (), kind: SourceKind = SourceKind.AWESOME
) -> Revision:
    return Revision(
        commit(number, day), kind, tuple(each.light() for each in entries), tuple(f"2601.0000{one}" for one in gone)
    )


def told(*sources: SourceFile) -> list[tuple[str, str, str, list[str], list[str]]]:
    """Day (~ where it happened some time before), paper, event, before, after."""
    return [
        (
            f"{'~' if change.since else ''}{change.day}",
            change.paper[-1],
            change.event.value,
            [spelt(value) for value in change.before],
            [spelt(value) for value in change.after],
        )
        for change in changes_of(merge(sources).states)
    ]


def test_of_the_first_snapshot_nothing_is_told_and_of_one_without_a_day_never() -> None:
    assert told(snapshot("2026-04-01", entry(1, A))) == []
    assert told(snapshot("2026-04-01", entry(1, A)), snapshot(None, entry(2, A))) == []


def test_snapshots_differ_by_the_later_day() -> None:
    before = snapshot("2026-04-01", entry(1, A), entry(2, A), entry(3, A))
    code = Resource("Code", "https://github.com/example/two")
    after = snapshot("2026-05-01", entry(1, B, titles=("One",)), entry(2, A, resources=(code,)), entry(4, A))
    assert told(after, before) == [
        ("~2026-05-01", "1", "retitled", ["Paper 1"], ["One"]),
        ("~2026-05-01", "1", "moved", ["Alpha"], ["Beta"]),
        ("~2026-05-01", "2", "code", [], ["https://github.com/example/two"]),
        ("~2026-05-01", "3", "dropped", ["Alpha"], []),
        ("~2026-05-01", "4", "listed", [], ["Alpha"]),
    ]


@pytest.mark.parametrize(
    ("was", "now", "moved"),
    [
        ({1: A, 2: A, 3: B}, {1: C, 2: C, 3: B}, []),  # Alpha is called Gamma now
        ({1: A, 2: A, 3: B}, {1: C, 2: B, 3: B}, ["1", "2"]),  # and here half of it went elsewhere
        ({1: A, 2: B, 3: B, 4: B}, {1: C, 2: C, 3: C, 4: C}, ["1"]),  # Beta is called Gamma, and takes in Alpha
        ({1: A, 2: B}, {1: B, 2: A}, ["1", "2"]),
        ({1: (Chapter("Alpha", "1"),)}, {1: (Chapter("ALPHA:", "7.2"),)}, []),
    ],
)
def test_a_chapter_that_is_renamed_or_renumbered_moves_nothing(
    was: dict[int, ChapterPath], now: dict[int, ChapterPath], moved: list[str]
) -> None:
    days = (("2026-04-01", was), ("2026-05-01", now))
    sources = [snapshot(day, *(entry(number, path) for number, path in places.items())) for day, places in days]
    assert [paper for _, paper, event, _, _ in told(*sources) if event == "moved"] == moved


def test_a_paper_may_join_another_chapter_and_leave_one() -> None:
    days = {"2026-04-01": (A,), "2026-05-01": (A, B), "2026-06-01": (B,)}
    others = entry(2, A), entry(3, B)
    assert [
        each[3:] for each in told(*(snapshot(day, entry(1, *places), *others) for day, places in days.items()))
    ] == [
        ([], ["Beta"]),
        (["Alpha"], []),
    ]


def test_a_title_that_stood_second_is_no_new_one() -> None:
    before = snapshot("2026-04-01", entry(1, A, titles=("One", "Uno")))
    assert told(before, snapshot("2026-05-01", entry(1, A, titles=("Uno",)))) == []


def test_a_past_from_the_beginning_tells_of_the_first_listings_and_one_from_the_middle_does_not() -> None:
    first, second = revision(1, "2026-04-01", entry(1, A)), revision(2, "2026-04-02", entry(2, A))
    assert [(each[0], each[1]) for each in told(past(first, second))] == [("2026-04-01", "1"), ("2026-04-02", "2")]
    assert [(each[0], each[1]) for each in told(past(first, second, begins=first.commit.id))] == [("2026-04-02", "2")]


def test_a_paper_that_comes_back_is_listed_again() -> None:
    first = revision(1, "2026-04-01", entry(1, A), entry(2, A))
    found = told(past(first, revision(2, "2026-04-02", gone=(1,)), revision(3, "2026-04-03", entry(1, A))))
    assert [each[2] for each in found if each[1] == "1"] == ["listed", "dropped", "relisted"]


def test_snapshots_join_a_past_before_and_after_it_and_count_nothing_within() -> None:
    commits = past(
        revision(1, "2026-04-10", entry(1, A), entry(2, A)), revision(2, "2026-04-20", entry(3, A)), begins=f"{1:040x}"
    )
    before = snapshot("2026-04-01", entry(1, A))
    within = snapshot("2026-04-15", entry(1, A), entry(7, A))
    after = snapshot("2026-05-01", entry(2, A), entry(3, A))
    assert told(before, commits, within, after) == [
        ("~2026-04-10", "2", "listed", [], ["Alpha"]),
        ("2026-04-20", "3", "listed", [], ["Alpha"]),
        ("~2026-05-01", "1", "dropped", ["Alpha"], []),
    ]


def test_of_two_pasts_snapshots_join_that_which_ends_last() -> None:
    older = past(revision(1, "2026-01-01", entry(1, A)), slug="history-old")
    newer = past(revision(2, "2026-02-01", entry(2, A)), slug="history-new")
    found = told(newer, older, snapshot("2026-03-01", entry(2, A), entry(3, A)))
    assert [each[:3] for each in found] == [
        ("2026-01-01", "1", "listed"),
        ("2026-02-01", "2", "listed"),
        ("~2026-03-01", "3", "listed"),
    ]


def test_classes_are_told_of_as_they_come_change_and_go() -> None:
    kind = SourceKind.LOSS_TAXONOMY
    classes = [(Statement("loss", "FKL", "high"),), (Statement("loss", "FKL", "low"),), (Statement("loss", "RKL"),)]
    revisions = [
        revision(number, f"2026-04-0{number}", entry(1, statements=each), kind=kind)
        for number, each in enumerate(classes, start=1)
    ]
    assert told(past(*revisions, revision(4, "2026-04-04", gone=(1,), kind=kind))) == [
        ("2026-04-01", "1", "classified", [], ["loss: FKL"]),
        ("2026-04-03", "1", "classified", ["loss: FKL"], ["loss: RKL"]),
        ("2026-04-04", "1", "classified", ["loss: RKL"], []),
    ]


def test_what_has_another_id_now_keeps_its_past() -> None:
    blog = Entry("list.md", None, upstream_id="deepseekv4", titles=("Report",), chapters=(A,))
    there = Revision(commit(1, "2026-04-01"), SourceKind.AWESOME, (blog.light(),))
    known = entry(1, titles=("Report",), upstream_id="deepseekv4")
    merged = merge([past(there), snapshot("2026-05-01", known, kind=SourceKind.CATALOGUE)])
    assert [(change.paper, change.event) for change in changes_of(merged.states)] == [("2601.00001", Event.LISTED)]
    (paper,) = merged.papers
    assert (paper.first_listed, paper.last_listed) == (date(2026, 4, 1), date(2026, 5, 1))


def test_a_paper_that_only_the_past_knows_is_dropped_since_the_day_of_the_commit() -> None:
    named = Entry("history.json", None, arxiv_id="2601.00001", titles=("Paper 1",))
    source = past(
        revision(1, "2026-04-01", entry(1, A), entry(2, A)),
        revision(2, "2026-04-02", gone=(1,)),
        revision(3, "2026-04-09", entry(2, B)),
    )
    merged = merge([SourceFile(source.snapshot, (named,), history=source.history)])
    (paper,) = merged.papers
    assert (paper.id, paper.listed, paper.title) == ("2601.00001", False, "Paper 1")
    assert (paper.first_listed, paper.last_listed, paper.dropped_since) == (
        date(2026, 4, 1),
        date(2026, 4, 1),
        date(2026, 4, 2),
    )


def test_the_same_change_has_the_same_name_wherever_it_is_told() -> None:
    first, second = revision(1, "2026-04-01", entry(1, A)), revision(2, "2026-04-02", entry(2, A))
    short = changes_of(merge([past(first)]).states)
    long = changes_of(merge([past(first, second), snapshot("2026-05-01", entry(2, A))]).states)
    assert [change.digest for change in short] == [change.digest for change in long][:1]
    assert len({change.digest for change in long}) == len(long)
