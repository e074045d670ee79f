"""States of upstream in order → what happened to each paper from one to the next, and between which moments.

The list, the catalogue and the loss taxonomy have a timeline each: what one leaves out says nothing of the others.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from kg.records import Chapter, Commit, Resource, SourceKind, Statement
from kg.states import KINDS
from kg.survey_versions import chapter_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from kg.records import ChapterPath, Entry
    from kg.states import Moment, State

#: A title, a chapter, a classification or a place of code, as a source has it.
Value = str | tuple[Chapter, ...] | Statement | Resource

#: A chapter's title and that of the one around it, whatever their numbers, capitals and punctuation.
Place = tuple[str, str]


class Event(StrEnum):
    """What happened to a paper; a concept of the scheme ``change``."""

    LISTED = "listed"
    RELISTED = "relisted"
    RETITLED = "retitled"
    MOVED = "moved"
    CLASSIFIED = "classified"
    CODE = "code"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to a paper, no earlier than ``earlier`` (None: nothing was before) and no later than ``later``.

    ``before`` and ``after`` are only what differs.
    """

    paper: str
    event: Event
    earlier: Moment | None
    later: Moment
    before: tuple[Value, ...] = ()
    after: tuple[Value, ...] = ()

    @property
    def day(self) -> date:
        """The day by which it had happened."""
        return self.later.at

    @property
    def since(self) -> Moment | None:
        """The moment after which it happened, None if ``later`` is a commit that did it."""
        by_this_commit = isinstance(self.later.origin, Commit) and (
            self.earlier is None or self.earlier.history == self.later.history
        )
        return None if by_this_commit else self.earlier

    @property
    def digest(self) -> str:
        """16 hex digits of the SHA-256 of what is said: the same in every release."""
        origins = (moment.origin for moment in (self.since, self.later) if moment)
        names = (origin.id if isinstance(origin, Commit) else origin.sha256 for origin in origins)
        values = (*(f"- {spelt(value)}" for value in self.before), *(f"+ {spelt(value)}" for value in self.after))
        said = (self.paper, self.event, self.later.kind, str(self.day), *names, *values)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def spelt(value: Value) -> str:
    """Return the value in one line of text."""
    if isinstance(value, Statement):
        return f"{value.dimension}: {value.code}"
    if isinstance(value, Resource):
        return value.address
    if isinstance(value, str):
        return value
    return " > ".join(
        f"§{chapter.notation} {chapter.title}" if chapter.notation else chapter.title for chapter in value
    )


def changes_of(states: Iterable[State]) -> list[Change]:
    """Return all changes, timeline by timeline, each in its order."""
    return [change for line in _timelines(states) for change in _along(line)]


def _timelines(states: Iterable[State]) -> Iterator[list[State]]:
    """Put the states of each kind in order; those without a day have no place in it.

    A history knows better than snapshots of the days that it spans. Where there are several, snapshots go with the one that
    ends last.
    """
    snapshots: dict[SourceKind, list[State]] = defaultdict(list)
    histories: dict[tuple[SourceKind, str], list[State]] = defaultdict(list)
    for state in states:
        moment = state.moment
        if moment.history:
            histories[moment.kind, moment.history.slug].append(state)
        elif moment.day:
            snapshots[moment.kind].append(state)
    for kind in KINDS:
        dated = sorted(snapshots[kind], key=lambda state: (state.moment.at, _name(state)))
        pasts = sorted(
            (past for (one, _), past in histories.items() if one is kind), key=lambda past: past[-1].moment.at
        )
        newest = pasts.pop() if pasts else []
        yield from pasts
        days = [state.moment.at for state in newest]
        before = [state for state in dated if not days or state.moment.at < min(days)]
        after = [state for state in dated if days and state.moment.at > max(days)]
        yield [*before, *newest, *after]


def _name(state: State) -> str:
    origin = state.moment.origin
    return origin.id if isinstance(origin, Commit) else origin.slug


def _along(line: list[State]) -> Iterator[Change]:
    """Compare each state with the one before. Of the first, only a repository's past says that there was nothing before."""
    if not line:
        return
    seen: set[str] = set()
    first = line[0]
    if first.moment.history and not first.moment.begins:
        yield from _between(None, first, seen)
    seen |= first.papers.keys()
    for earlier, later in pairwise(line):
        yield from _between(earlier, later, seen)
        seen |= later.papers.keys()


def _between(earlier: State | None, later: State, seen: set[str]) -> Iterator[Change]:
    was: Mapping[str, Entry] = earlier.papers if earlier else {}
    now = later.papers
    renamed = _renamed(was, now)
    moments = earlier.moment if earlier else None, later.moment
    for paper in sorted(was.keys() | now.keys()):
        if was.get(paper) is not now.get(paper):
            told = _told(was.get(paper), now.get(paper), renamed, later.moment.kind, known=paper in seen)
            yield from (Change(paper, event, *moments, before, after) for event, before, after in told)


Told = tuple[Event, tuple[Value, ...], tuple[Value, ...]]


def _told(
    was: Entry | None, now: Entry | None, renamed: Mapping[Place, Place], kind: SourceKind, *, known: bool
) -> Iterator[Told]:
    is_list = kind is not SourceKind.LOSS_TAXONOMY
    if is_list and now is None and was is not None:
        yield Event.DROPPED, was.chapters, ()
    elif is_list and was is None and now is not None:
        yield Event.RELISTED if known else Event.LISTED, (), now.chapters
    elif is_list and was is not None and now is not None:
        if was.titles and now.titles and now.titles[0] not in was.titles:
            yield Event.RETITLED, was.titles[:1], now.titles[:1]
        yield from _moved(was.chapters, now.chapters, renamed)
        yield from _differing(Event.CODE, _code(was), _code(now))
    if not is_list or (was is not None and now is not None):
        yield from _differing(Event.CLASSIFIED, _classes(was), _classes(now))


def _code(entry: Entry) -> dict[object, Value]:
    return {resource.address: resource for resource in entry.resources if resource.is_code}


def _classes(entry: Entry | None) -> dict[object, Value]:
    return {(each.dimension, each.code): each for each in (entry.statements if entry else ())}


def _differing(event: Event, was: Mapping[object, Value], now: Mapping[object, Value]) -> Iterator[Told]:
    lost = tuple(value for key, value in was.items() if key not in now)
    gained = tuple(value for key, value in now.items() if key not in was)
    if lost or gained:
        yield event, lost, gained


@lru_cache(4096)
def _place(path: ChapterPath) -> Place:
    _, title, parent = chapter_key(path)
    return title, parent


def _moved(was: Iterable[ChapterPath], now: Iterable[ChapterPath], renamed: Mapping[Place, Place]) -> Iterator[Told]:
    left = {renamed.get(_place(path), _place(path)): path for path in was}
    entered = {_place(path): path for path in now}
    if left and entered:
        yield from _differing(Event.MOVED, dict(left), dict(entered))


def _renamed(was: Mapping[str, Entry], now: Mapping[str, Entry]) -> dict[Place, Place]:
    """Return the chapters that are gone, with what each is called now.

    That is a new chapter that has most of the papers that were in it, and few from other chapters.
    """
    stay = [paper for paper in was if paper in now]
    places = [
        ({_place(path) for path in was[paper].chapters}, {_place(path) for path in now[paper].chapters})
        for paper in stay
    ]
    before = {_place(path) for entry in was.values() for path in entry.chapters}
    after = {_place(path) for entry in now.values() for path in entry.chapters}
    gone, new = before - after, after - before
    pairs = Counter((one, other) for left, entered in places for one in left & gone for other in entered & new)
    left_by = Counter(one for left, _ in places for one in left & gone)
    entered_by = Counter(other for _, entered in places for other in entered & new)
    return {
        one: other for (one, other), both in pairs.items() if both * 2 > left_by[one] and both * 2 > entered_by[other]
    }
