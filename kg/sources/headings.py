"""The headings of the list → the survey's table of contents: which are chapters, and how each is called."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from kg.identifiers import clean_text
from kg.records import Chapter, ChapterPath

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.sources.page import Heading

_NUMBER = re.compile(
    r"(?:(?:§+|section|sec\.|chapter|ch\.)\s*(?P<marked>(?:[0-9]+|[A-Z])(?:\.[0-9]+)*)"
    r"|(?P<bare>[0-9]{1,2}(?:\.[0-9]+)+|[0-9]{1,2}(?=\.|\s+[^\W\d])))"
    "(?![^\\W_])\\.?[\\s:)\u2013\u2014-]*(?P<title>.*)",
    re.IGNORECASE,
)

#: Variation selectors, joiners and skin tones: what an emoji consists of besides symbols.
_EMOJI_PARTS = re.compile("[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]")
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")

#: Headings of what stands beside the chapters. What is below such a heading is beside them too.
_ASIDE = re.compile(
    r"""^(?:surveys?|resources|history|contents|updates?)$
    |^(?:latest|news|trends?|what.?s\ new|cit(?:ation|e|ing)|licen[sc]e|excluded|removed|retracted|rejected|withdrawn|dropped
        |deprecated|archived?|added|upcoming|contributions?)\b
    |\b(?:(?:recent|new|newly|recently|latest)\ (?:added|papers?|updates?|news)|additions?|coming\ soon
        |not\ (?:yet\ )?(?:in|included|integrated|covered)|pending|queued|back\ ?log|candidate\ papers|watch\ ?list
        |under\ review|out\ of\ scope|exclusions?
        |hall\ of\ fame|must[\ -]reads?|start\ here|quick[\ -]?start|getting\ started|recommended\ reading
        |(?:reading|recommended)\ (?:order|list|path)|essential\ (?:papers|reading)|highlights|spotlight|featured|picks
        |top[\ -]?\d+|most[\ -]cited|best\ papers|weekly|monthly|this\ (?:week|month)
        |(?:additional|other|further|external|useful|learning)\ resources|(?:related|other|existing)\ surveys?
        |survey\ papers|blogs?|essays?|posts|faq|frequently\ asked|contribut(?:e|ing|ors?)|change\ ?log
        |table\ of\ contents|(?:version|star|survey|update|revision)\ history|acknowledge?ments?|decision\ tree
        |inclusion\ criteria)\b""",
    re.VERBOSE,
)


def plain(text: str) -> str:
    """Return ``text`` without emoji and other symbols."""
    text = _EMOJI_PARTS.sub("", _KEYCAP.sub("", text))
    text = "".join(" " if unicodedata.category(character) == "So" else character for character in text)
    return clean_text(re.sub(r"\( +\)", " ", text))


def chapter_of(heading: str) -> Chapter:
    """Return ``🔬 §5.1 White-Box`` as the chapter 5.1 White-Box. A heading of a mere number keeps it as its title."""
    text = plain(heading)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return Chapter(text)
    number = found["marked"] or found["bare"]
    return Chapter(found["title"] or number, number)


def is_aside(heading: str) -> bool:
    """Tell whether the heading announces something beside the chapters: news, must-reads, pending papers."""
    return _ASIDE.search(chapter_of(heading).title.casefold()) is not None


def title_of(places: Iterable[tuple[Heading, ...]]) -> Heading | None:
    """Return the page's own title: a heading that every place is under, but no table directly.

    It is of the first level or calls the page awesome; else it is a chapter, even if the only one.
    """
    found = list(places)
    first = {place[0] if place else None for place in found}
    title = first.pop() if len(first) == 1 else None
    if (
        title is None
        or chapter_of(title.text).notation
        or (title.level != 1 and "awesome" not in title.text.casefold())
    ):
        return None
    return None if any(place[-1] == title for place in found) else title


class Outline:
    """The table of contents, from the places of all tables that list papers of chapters, in document order.

    The page's own title is no chapter. If any heading is numbered, those without number are chapters only on levels that
    have numbered ones. The summary of a fold is a chapter if it is numbered or holds a heading. A table under none of
    these belongs to the innermost heading that it stands under.
    """

    def __init__(self, title: Heading | None, places: Iterable[tuple[Heading, ...]]) -> None:
        self._title = title
        self._places = list(places)
        numbered = [heading for place in self._places for heading in place if chapter_of(heading.text).notation]
        self._levels = {heading.level for heading in numbered if not heading.folds}
        self._is_numbered = bool(numbered)

    def path(self, place: tuple[Heading, ...]) -> ChapterPath:
        """Return the chapters that a table stands under, outermost first; none under no heading at all."""
        named = [heading for heading in place if plain(heading.text)]
        below_title = [heading for heading in named if heading != self._title]
        chapters = [heading for heading in below_title if self._is_chapter(heading)] or (below_title or named)[-1:]
        return tuple(chapter_of(heading.text) for heading in chapters)

    def _is_chapter(self, heading: Heading) -> bool:
        if chapter_of(heading.text).notation:
            return True
        if heading.folds and not heading.level:
            return False
        return not self._is_numbered or heading.level in self._levels

    def contents(self) -> list[ChapterPath]:
        """Return every chapter that holds a table, directly or below it, with its path."""
        paths = [self.path(place) for place in self._places]
        return list(dict.fromkeys(path[:depth] for path in paths for depth in range(1, len(path) + 1)))
