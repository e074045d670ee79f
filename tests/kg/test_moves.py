"""A chapter of another survey version is a move only where the taxonomy matches it with none of those before."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kg.build import build
from kg.changes import compare
from kg.inputs import Inputs
from kg.records import Chapter, ChapterPath, Entry, Snapshot, SourceFile, SourceKind
from kg.release import Home

if TYPE_CHECKING:
    from pathlib import Path

LIST = Snapshot("awesome-2026-05-13", SourceKind.AWESOME, "README-2026-05-13.md", "a" * 64, 1, date(2026, 5, 13))
CATALOGUE = Snapshot(
    "catalogue-2026-10-06", SourceKind.CATALOGUE, "catalog-2026-10-06.json", "b" * 64, 1, date(2026, 10, 6)
)
OBJECTIVES = (Chapter("Objectives and update rules", "4"),)
FIXED = (Chapter("Objective Functions and Optimization", "4"), Chapter("Fixed Divergence Objectives", "4.1"))
WHITE_BOX = (Chapter("Signal Source and Teacher Architecture", "5"), Chapter("White-Box Logit Supervision", "5.1"))


def source(snapshot: Snapshot, chapters: dict[str, ChapterPath]) -> SourceFile:
    entries = (
        Entry(snapshot.file, line, titles=(f"Paper {line}",), arxiv_id=arxiv_id, chapters=(path,))
        for line, (arxiv_id, path) in enumerate(chapters.items(), start=1)
    )
    return SourceFile(snapshot, tuple(entries))


def test_a_corresponding_chapter_of_another_version_is_no_move(tmp_path: Path) -> None:
    """ontology/taxonomy.yaml: May 13's 4.1 is May 23's, whose 4 is October's 4; 5.1 is nothing of October's 4."""
    before = source(LIST, {"2602.00001": FIXED, "2602.00002": WHITE_BOX})
    after = source(CATALOGUE, {"2602.00001": OBJECTIVES, "2602.00002": OBJECTIVES})
    old = build(Home(tmp_path), Inputs([before])).release
    new = build(Home(tmp_path), Inputs([before, after])).release
    moves = {
        paper.id: ([value.label for value in change.before], [value.label for value in change.after])
        for paper in compare(old, new).papers
        for change in paper.changes
        if change.kind == "moved"
    }
    assert moves == {"2602.00002": (["§5.1 White-Box Logit Supervision"], ["§4 Objectives and update rules"])}
