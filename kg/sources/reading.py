"""What a reader collects on its way through one file: entries, one per paper, and every problem met."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from kg.identifiers import clean_text
from kg.records import ChapterPath, Entry, History, Mention, Problem, Severity, SourceFile

if TYPE_CHECKING:
    from kg.records import Snapshot

#: Longer texts are not what they claim to be: titles and names end well before, statements about models too.
MAX_TITLE = 1000
MAX_NAME = 300
MAX_STATEMENT = 2000
MAX_EXCERPT = 200


#: How sure a source may be of what it says.
CONFIDENCES = ("high", "medium", "low")

_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")


def is_date(text: str) -> bool:
    """Tell whether ``text`` is a day, month or year of the calendar, written YYYY-MM-DD, YYYY-MM or YYYY."""
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return _DATE.fullmatch(text) is not None


@dataclass(slots=True)
class Reading:
    """The records found so far in ``file``. ``day`` is the date that the content states about itself."""

    file: str
    chapters: list[ChapterPath] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    day: date | None = None
    curator: str | None = None
    history: History | None = None
    _entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """One entry per paper, in the order of their first places."""
        return tuple(self._entries.values())

    def warn(self, line: int | None, where: str, reason: str, excerpt: str = "") -> None:
        """Note something that a person should look at; what it was found in stays."""
        self._note(line, where, reason, Severity.WARNING, excerpt)

    def quarantine(self, line: int | None, where: str, reason: str, excerpt: str = "") -> None:
        """Note that something was left out, with what it said."""
        self._note(line, where, reason, Severity.QUARANTINED, excerpt)

    def _note(self, line: int | None, where: str, reason: str, severity: Severity, excerpt: str) -> None:
        short = clean_text(excerpt[: 2 * MAX_EXCERPT])[:MAX_EXCERPT]
        self.problems.append(Problem(self.file, line, where, clean_text(reason), severity, short))

    def known(self, entry: Entry) -> Entry | None:
        """Return what the file has said of the same paper so far."""
        return self._entries.get(entry.identity)

    def add(self, entry: Entry) -> None:
        """Take an entry in. A paper that was listed before gets all the places, titles, … of both."""
        known = self.known(entry)
        self._entries[entry.identity] = self._joined(known, entry) if known else entry

    def _joined(self, known: Entry, entry: Entry) -> Entry:
        values: dict[str, Any] = {}
        for name in (one.name for one in fields(Entry) if one.name not in ("file", "line")):
            first, second = getattr(known, name), getattr(entry, name)
            if isinstance(first, tuple):
                values[name] = tuple(dict.fromkeys((*first, *second)))
            elif first is None:
                values[name] = second
            elif second not in (None, first):
                place = "" if known.line is None else f" on line {known.line}"
                self.warn(entry.line, name, f"is {second} here and {first}{place} for the same paper: the first counts")
        return replace(known, **values)

    def finish(self, snapshot: Snapshot) -> SourceFile:
        """Return all of it as the records of ``snapshot``."""
        return SourceFile(
            snapshot,
            entries=self.entries,
            chapters=tuple(dict.fromkeys(self.chapters)),
            mentions=tuple(self.mentions),
            problems=tuple(self.problems),
            curator=self.curator,
            history=self.history,
        )
