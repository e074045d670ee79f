"""Where a query stops being SPARQL, read from the message of Oxigraph's parser.

The message names the furthest place at which anything was tried, and all that was tried there. A keyword is compared as a
whole: the place is then as many characters too far as the keyword is long. So where nothing but keywords was tried, the
place is known only to lie between the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MESSAGE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
ALTERNATIVE = re.compile(r'"(?:\\.|[^"\\])*"|\[[^\]]*\]|[^,\[\]"]+')
KEYWORD = re.compile(r"\w{2,}")
ANY_CHARACTER = "[_]"

#: Characters of the query that are shown, before and behind the place.
BEFORE, BEHIND = 30, 20


@dataclass(frozen=True, slots=True)
class Place:
    """Offsets in the query between which the parser stopped, and the rest of a sentence that says why."""

    first: int
    last: int
    problem: str

    @classmethod
    def of(cls, query: str, message: str) -> Place | None:
        """Read the parser's message; None if it names no place."""
        read = MESSAGE.fullmatch(message)
        if read is None:
            return None
        last = _offset(query, int(read[1]), int(read[2]))
        tried = [text for text in (item.strip() for item in ALTERNATIVE.findall(read[3])) if text]
        keywords = [text for text in tried if KEYWORD.fullmatch(text)]
        exact = [text for text in tried if text not in keywords and text != ANY_CHARACTER]
        first = last if exact or not keywords else max(0, last - max(map(len, keywords)))
        return cls(first, last, _problem(query, last, exact))


def _problem(query: str, place: int, exact: list[str]) -> str:
    excerpt = query[max(0, place - BEFORE) : place + BEHIND].strip()
    reasons = [text for text in exact if " " in text and not text.startswith(("[", '"'))]
    symbols = [text.strip('"') for text in exact if text.startswith('"')]
    shown = f", in {excerpt!r}" if excerpt else ""
    if reasons:
        return f"{shown}: {'; '.join(reasons)}"
    return f"{shown}: expected one of {' '.join(symbols)}" if symbols else shown


def line_and_column(query: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of an offset, both counted from 1, columns in characters."""
    before = query[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _offset(query: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = query.find("\n", start) + 1
    return start + column - 1
