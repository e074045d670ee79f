"""A graph of any size: the bundled papers over and over, each copy under an id and names of its own, through the real build.

Copies keep what makes a paper costly: its listings in three sources, authors, chapters, classifications and models.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kg.build import build
from kg.inputs import Inputs, read_bundled
from kg.records import SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.records import Entry, SourceFile
    from kg.release import Home, Release

#: A build holds every quad in memory: a paper takes about half a megabyte of it.
MOST_BUILT = 20_000

KINDS = (SourceKind.CATALOGUE, SourceKind.AWESOME, SourceKind.LOSS_TAXONOMY)

#: arXiv numbers its papers from 1 in each month; the copies begin in January 2024.
FIRST_YEAR = 24
MONTHS = 12
A_MONTH = 1000


def build_synthetic(home: Home, papers: int, base_iri: str, announce: Callable[[str], None]) -> Release:
    """Build and publish a release of so many papers; the same number always makes the same release."""
    return build(home, Inputs(synthetic(papers)), base_iri=base_iri, announce=announce).release


def synthetic(papers: int) -> list[SourceFile]:
    """Return sources that list exactly so many papers."""
    newest = {source.snapshot.kind: source for source in read_bundled().sources}  # they come in order of day
    sources = [newest[kind] for kind in KINDS]
    originals = sorted({entry.arxiv_id for source in sources for entry in source.entries if entry.arxiv_id})
    return [_repeated(source, originals, papers) for source in sources]


def _repeated(source: SourceFile, originals: list[str], papers: int) -> SourceFile:
    by_id = {entry.arxiv_id: entry for entry in source.entries}
    found = (
        _copy(entry, number, number // len(originals))
        for number in range(papers)
        if (entry := by_id.get(originals[number % len(originals)]))
    )
    return replace(source, entries=tuple(found), mentions=(), problems=())


def _copy(entry: Entry, number: int, turn: int) -> Entry:
    month, place = divmod(number, A_MONTH)
    year, month = divmod(month, MONTHS)
    return replace(
        entry,
        titles=tuple(f"{title} {turn}" for title in entry.titles),
        short_titles=(),
        arxiv_id=f"{FIRST_YEAR + year:02}{month + 1:02}.{place + 1:05}",
        upstream_id=None,
        address=None,
        authors=tuple(_names(entry.authors, turn)),
        method_names=tuple(f"{name}-{turn}" for name in entry.method_names),
        same_as=(),
    )


def _names(names: tuple[str, ...], turn: int) -> Iterator[str]:
    """One name in two is a new one in each turn: some people write many papers, most write one."""
    return (f"{name} {turn}" if place % 2 else name for place, name in enumerate(names))
