"""A piece of HTML → its visible text, its links, and the headings and folds in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from kg.identifiers import clean_text
from kg.sources.page import Close, Fold, Heading, Link, Passage

if TYPE_CHECKING:
    from kg.sources.page import Event

_BARE_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_TRAILING = ".,;:!?)]}*_"
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LINE_BREAKS = {"br", "sub", "small", "p", "div", "li", "tr"}
_UNSEEN = {"script", "style", "template"}
_CODE = {"code", "pre"}


class Scanner(HTMLParser):
    """Reads a piece of HTML: its text and links, and (into ``events``) the headings and folds in it."""

    def __init__(self, html: str, line: int, events: list[Event]) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[Link] = []
        self._events = events
        self._first_line = line
        self._pieces: list[tuple[str, bool]] = []  # text, and whether it stands in a link
        self._link: tuple[str, int, int] | None = None  # target, line, first piece
        self._heading: tuple[int, int, int] | None = None  # level, line, first piece
        self._in_summary = False
        self._unseen = 0
        self._in_code = 0
        self.feed(html.replace("<![", "&lt;!["))  # marked sections are no HTML, and the parser is not safe from them
        self.close()
        self._end_link()

    @property
    def passage(self) -> Passage:
        """All of it as one passage."""
        outside = "".join(text for text, in_link in self._pieces if not in_link)
        return Passage(self._text(0), outside, tuple(self.links))

    def _text(self, start: int) -> str:
        return "".join(text for text, _ in self._pieces[start:])

    def _line(self) -> int:
        return self._first_line + self.getpos()[0] - 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a link, heading or fold."""
        values = dict(attrs)
        if tag == "a":
            self._end_link()
            if values.get("href"):
                self._link = (values["href"] or "", self._line(), len(self._pieces))
        elif tag == "img":
            self._pieces.append((values.get("alt") or "", self._link is not None))
        elif tag == "details":
            self._events.append(Fold(Heading("", 0, self._line(), folds=True)))
        elif tag == "summary" or tag in _HEADINGS:
            self._start_heading(tag)
        else:
            self._enter(tag, 1)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        if tag == "a":
            self._end_link()
        elif tag == "details":
            self._events.append(Close())
        elif tag == "summary" or tag in _HEADINGS:
            self._end_heading(tag)
        else:
            self._enter(tag, -1)

    def _enter(self, tag: str, step: int) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen + step)
        elif tag in _CODE:
            self._in_code = max(0, self._in_code + step)
        elif tag in _LINE_BREAKS:
            self._pieces.append(("\n", self._link is not None))

    def handle_data(self, data: str) -> None:
        """Take text in, and the addresses that are written out in it."""
        if self._unseen:
            return
        self._pieces.append((data, self._link is not None))
        if self._link is None and not self._in_code:
            for found in _BARE_ADDRESS.finditer(data):
                address = found[0].rstrip(_TRAILING)
                self.links.append(Link(clean_text(address), address, self._line()))

    def _end_link(self) -> None:
        if self._link:
            target, line, start = self._link
            self.links.append(Link(clean_text(self._text(start)), target, line))
            self._link = None

    def _start_heading(self, tag: str) -> None:
        if tag in _HEADINGS and self._in_summary and self._heading:
            self._heading = (_HEADINGS[tag], *self._heading[1:])
            return
        self._in_summary = tag == "summary"
        self._heading = (_HEADINGS.get(tag, 0), self._line(), len(self._pieces))

    def _end_heading(self, tag: str) -> None:
        if self._heading is None or (self._in_summary and tag != "summary"):
            return
        level, line, start = self._heading
        heading = Heading(clean_text(self._text(start)), level, line, folds=self._in_summary)
        fold = self._events[-1] if self._events else None
        if not self._in_summary:
            self._events.append(heading)
        elif isinstance(fold, Fold):
            fold.summary = heading
        self._heading, self._in_summary = None, False
