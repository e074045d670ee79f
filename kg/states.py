"""What upstream listed at each moment that is known: by each dated snapshot, and after each commit of a repository's past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kg.records import Commit, Snapshot, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kg.records import Entry, History, SourceFile

#: The kinds of source that are upstream's own and change with time.
KINDS = (SourceKind.CATALOGUE, SourceKind.AWESOME, SourceKind.LOSS_TAXONOMY)


@dataclass(frozen=True, slots=True)
class Moment:
    """When sources of a kind were so, and who says it: a snapshot, or a commit that ``history`` (a snapshot too) tells of.

    ``day`` is None for a snapshot without a date. ``begins`` is true of what was there before all that a history tells.
    """

    kind: SourceKind
    day: date | None
    origin: Snapshot | Commit
    history: Snapshot | None = None
    begins: bool = False

    @property
    def at(self) -> date:
        """The day, or the end of time: what has no date is taken to be the newest."""
        return self.day or date.max


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What was there at a moment, by the id of the paper."""

    moment: Moment
    papers: Mapping[str, Entry]


def states_of(sources: Iterable[SourceFile], paper_id: Callable[[Entry], str | None]) -> list[State]:
    """Return the states in the order of the sources, those of a history in the order of its commits."""
    found: list[State] = []
    for source in sources:
        if source.history:
            found += _past(source.snapshot, source.history, paper_id)
        elif source.snapshot.kind in KINDS:
            snapshot = source.snapshot
            papers = _by_paper((paper_id(entry), entry) for entry in source.entries)
            found.append(State(Moment(snapshot.kind, snapshot.day, snapshot), papers))
    return found


def _past(snapshot: Snapshot, history: History, paper_id: Callable[[Entry], str | None]) -> Iterator[State]:
    """Replay the revisions: each says only what its commit changed."""
    there: dict[SourceKind, dict[str, tuple[str | None, Entry]]] = {kind: {} for kind in KINDS}
    for revision in history.revisions:
        entries, commit = there[revision.kind], revision.commit
        for identity in revision.gone:
            entries.pop(identity, None)
        for entry in revision.entries:
            entries[entry.identity] = (paper_id(entry), entry)
        moment = Moment(revision.kind, commit.day, commit, snapshot, begins=commit.id == history.begins)
        yield State(moment, _by_paper(entries.values()))


def _by_paper(entries: Iterable[tuple[str | None, Entry]]) -> dict[str, Entry]:
    papers: dict[str, Entry] = {}
    for paper, entry in entries:
        if paper is not None:
            papers.setdefault(paper, entry)
    return papers
