"""The catalogue: JSON with ``updated_on``, ``total`` and one object per paper.

The first in standing of all lists, so nothing in it is repaired: odd names, repeated authors, early dates and TeX in titles
are taken as they are. A field of the wrong type or form is dropped with a warning, and the paper stays.

An entry that names the same paper as one before is joined with it if nothing that both say differs; else it is
quarantined: of two contradicting entries one has the wrong id, and the file does not tell which.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from kg.identifiers import clean_address, clean_text, parse_arxiv_id
from kg.records import Chapter, Entry, Resource, Statement
from kg.sources.reading import MAX_NAME, MAX_TITLE, Reading, is_date

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: What the codes in ``home`` stand for. ``background`` is no numbered chapter.
HOMES = {
    "4": "Objectives and update rules",
    "5": "Teacher and supervision construction",
    "6": "Data and training dynamics",
    "7": "Agentic and multi-turn distillation",
    "8": "Mechanisms, failures and evaluation",
    "9": "Applications and systems",
    "background": "Foundations and related background",
}

#: Free text for the catalogue's own readers, accepted and not read.
IGNORED = ("description", "objective", "source_version")

#: What ``code_status`` may say, besides a text that begins with ``Official``: that one is kept as the link's label.
CODE_STATES = ("linked", "No repository listed")

YEARS = range(1900, 2101)

#: The fields in which two entries of one paper must not differ.
_DISTINCT = ("upstream_id", "titles", "authors", "issued", "years", "address", "chapters", "statements")


def read(value: dict[str, Any], reading: Reading) -> None:
    """Read the catalogue ``value``, an object with a list ``papers``."""
    papers = value["papers"]
    if value.get("total") != len(papers):
        reading.warn(None, "total", f"is {_shown(value.get('total'))}, but the list holds {len(papers)} papers")
    updated_on = value.get("updated_on")
    if isinstance(updated_on, str) and is_date(updated_on) and len(updated_on) == len("2026-01-01"):
        reading.day = date.fromisoformat(updated_on)
    else:
        reading.warn(None, "updated_on", "is no date written as YYYY-MM-DD: not read", _shown(updated_on))
    unread = Counter(key for key in value if key not in ("papers", "total", "updated_on"))
    seen: dict[str, Entry] = {}  # by arXiv id and by id
    for index, paper in enumerate(papers):
        if isinstance(paper, dict):
            unread.update(_Paper(paper, f"papers[{index}]", reading, seen).read())
        else:
            reading.quarantine(None, f"papers[{index}]", "is no object: left out", _shown(paper))
    for key, times in unread.items():
        reading.warn(None, clean_text(key)[:MAX_NAME], f"is no known field, but stands {times} times: not read")
    used = {path for entry in reading.entries for path in entry.chapters}
    in_order = [(_chapter(code),) for code in HOMES]
    reading.chapters += [path for path in in_order if path in used]
    reading.chapters += [path for entry in reading.entries for path in entry.chapters if path not in in_order]


class _Paper:
    """Takes one object apart: each field that is read is taken out, so that what remains is what nobody knows."""

    def __init__(self, fields: dict[str, Any], where: str, reading: Reading, seen: dict[str, Entry]) -> None:
        self._fields = dict(fields)
        self._where = where
        self._reading = reading
        self._seen = seen

    def read(self) -> list[str]:
        """Add the paper to the reading, and return the names of the fields that are not known."""
        entry = self._entry()
        for key in IGNORED:
            self._fields.pop(key, None)
        if not entry.titles:
            self._quarantine("title", "no title: the entry is left out")
        elif not (entry.arxiv_id or entry.upstream_id or entry.address):
            self._quarantine("paper_id", "no arXiv id, no id and no address: the entry is left out", entry.titles[0])
        else:
            self._add(entry)
        return list(self._fields)

    def _entry(self) -> Entry:
        title = self._text("title", MAX_TITLE)
        upstream_id = self._text("paper_id", MAX_NAME)
        address = self._checked("paper_url", clean_address, "an http(s) address")
        stated = self._checked("arxiv_id", parse_arxiv_id, "an arXiv id")
        home, mechanism = self._text("home", MAX_NAME), self._text("mechanism", MAX_NAME)
        if home and home not in HOMES:
            self._warn("home", f"{home!r} is no known chapter: it is its own title", home)
        return Entry(
            file=self._reading.file,
            line=None,
            titles=(title,) if title else (),
            arxiv_id=stated or parse_arxiv_id(address or "") or parse_arxiv_id(upstream_id or ""),
            upstream_id=upstream_id,
            address=address,
            authors=self._authors(),
            issued=self._checked(
                "submitted", lambda text: text if is_date(text) else None, "YYYY, YYYY-MM or YYYY-MM-DD"
            ),
            years=self._years(),
            chapters=((_chapter(home),),) if home else (),
            resources=self._resources(),
            statements=(Statement("role", mechanism),) if mechanism else (),
        )

    def _add(self, entry: Entry) -> None:
        names = [name for name in (entry.arxiv_id, entry.upstream_id) if name]
        known = next((self._seen[name] for name in names if name in self._seen), None)
        if known and known.arxiv_id != entry.arxiv_id:
            reason = f"has the id of an entry before, but the arXiv id {entry.arxiv_id} instead of {known.arxiv_id}: left out"
            self._quarantine("paper_id", reason, entry.titles[0])
            return
        if known:
            values = ((name, getattr(known, name), getattr(entry, name)) for name in _DISTINCT)
            contrary = [name for name, first, second in values if first and second and first != second]
            if contrary:
                reason = f"is an entry for the paper of one before, but differs in {', '.join(contrary)}: left out"
                self._quarantine("", reason, entry.titles[0])
                return
            self._warn("", "repeats an entry before: the two are joined", entry.titles[0])
        self._seen.update(dict.fromkeys(names, known or entry))
        self._reading.add(entry)

    # ------------------------------------------------------------ fields

    def _years(self) -> tuple[int, ...]:
        year = self._take("year", int, "a number")
        if year is None or year in YEARS:
            return () if year is None else (year,)
        self._warn("year", f"{year} is no year: left out")
        return ()

    def _authors(self) -> tuple[str, ...]:
        names = self._take("authors", list, "a list") or []
        cleaned = [clean_text(name) if isinstance(name, str) else "" for name in names]
        if all(cleaned) and all(len(name) <= MAX_NAME for name in cleaned):
            return tuple(cleaned)
        self._warn("authors", "not every author is a name: the list is left out, since places count in it")
        return ()

    def _resources(self) -> tuple[Resource, ...]:
        status = self._text("code_status", MAX_NAME)
        is_official = status is not None and status.startswith("Official")
        if status and not is_official and status not in CODE_STATES:
            self._warn("code_status", f"{status!r} is no known state: not read", status)
        label = status if status and is_official else "Code"
        resources = []
        for target in self._take("code_urls", list, "a list") or []:
            address = clean_address(target) if isinstance(target, str) else None
            if address:
                resources.append(Resource(label, address))
            else:
                self._warn(
                    "code_urls", "holds something that is no http(s) address: that one is left out", _shown(target)
                )
        return tuple(dict.fromkeys(resources))

    def _take(self, key: str, kind: type[T], what: str) -> T | None:
        value = self._fields.pop(key, None)
        if value is None or (isinstance(value, kind) and not isinstance(value, bool)):
            return value
        self._warn(key, f"is not {what}: left out", _shown(value))
        return None

    def _text(self, key: str, longest: int) -> str | None:
        text = clean_text(self._take(key, str, "text") or "")
        if len(text) <= longest:
            return text or None
        self._warn(key, f"is {len(text)} characters long: left out", text)
        return None

    def _checked(self, key: str, check: Callable[[str], str | None], what: str) -> str | None:
        text = self._take(key, str, "text")
        value = check(text) if text else None
        if text and value is None:
            self._warn(key, f"is not {what}: left out", text)
        return value

    # ------------------------------------------------------------ problems

    def _warn(self, key: str, reason: str, excerpt: str = "") -> None:
        self._reading.warn(None, self._place(key), reason, excerpt)

    def _quarantine(self, key: str, reason: str, excerpt: str = "") -> None:
        self._reading.quarantine(None, self._place(key), reason, excerpt)

    def _place(self, key: str) -> str:
        return f"{self._where}.{key}" if key else self._where


def _chapter(home: str) -> Chapter:
    return Chapter(HOMES.get(home, home), home if re.fullmatch("[0-9]+", home) else None)


def _shown(value: object) -> str:
    """Return a value for a report: a list or object only by its kind, since it may be large and deep."""
    return repr(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
