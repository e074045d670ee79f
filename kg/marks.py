"""Which words of a title a question has found: the rules of kg/words.py once more, for one text and without an index."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kg.words import COMPOUND, chunks, cut, plain_text, tolerance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.words import Token

WORD = re.compile(r"[^\W_]+")
PIECE = re.compile(rb"\x00+|\x01+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a title, and whether the question has found it."""

    text: str
    marked: bool


class _Word(NamedTuple):
    """A word of a title, or a compound in one, and where it stands."""

    start: int
    end: int
    tokens: list[Token]

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end

    def holds(self, other: _Word) -> bool:
        return self.start <= other.start and other.end <= self.end


class Marker:
    """Marks what ``text`` finds in titles; ``forgiving`` as the search was."""

    def __init__(self, text: str, *, forgiving: bool = False) -> None:
        self._asked = [(chunk, _in_one(chunk.tokens)) for chunk in chunks(text)]
        self._forgiving = forgiving

    def parts(self, title: str) -> list[Part]:
        """Return the whole title, in pieces."""
        marked = bytearray(len(title))
        for start, end in self._spans(title):
            marked[start:end] = b"\x01" * (end - start)
        return [Part(title[slice(*piece.span())], piece[0].startswith(b"\x01")) for piece in PIECE.finditer(marked)]

    def _spans(self, title: str) -> Iterator[tuple[int, int]]:
        words, compounds = _read(title)
        for chunk, in_one in self._asked:
            for asked in in_one:
                found = [word for word in words if self._is_in(word, asked, beginning=chunk.last)]
                yield from (word.span for word in found)
                whole = (word for word in compounds if not any(word.holds(part) for part in found))
                yield from (word.span for word in whole if self._is_in(word, asked, beginning=chunk.last))
            if len(chunk.tokens) > 1:
                yield from _phrases(words, [stem for _, stem in chunk.tokens])
                for asked in chunk.tokens if self._forgiving else ():
                    yield from (word.span for word in words if self._is_in(word, asked, beginning=False))

    def _is_in(self, word: _Word, asked: Token, *, beginning: bool) -> bool:
        folded, stem = asked
        for own, own_stem in word.tokens:
            if stem == own_stem or (own.startswith(folded) if beginning else own == folded):
                return True
        typos = tolerance(folded) if self._forgiving else 0
        return typos > 0 and any(_is_near(folded, own, typos, beginning=beginning) for own, _ in word.tokens)


@lru_cache(maxsize=2048)  # the same titles come again, question after question
def _read(title: str) -> tuple[list[_Word], list[_Word]]:
    """Return the words of a title, and its compounds each as one word."""
    words = [_Word(*found.span(), _tokens(found[0])) for found in WORD.finditer(title)]
    return words, [_Word(*found.span(), _compound(found[0])) for found in COMPOUND.finditer(title)]


@lru_cache(maxsize=8192)  # so do the same words, title after title
def _tokens(word: str) -> list[Token]:
    return cut(plain_text(word))


@lru_cache(maxsize=8192)
def _compound(word: str) -> list[Token]:
    return _in_one(_tokens(word))


def _in_one(tokens: list[Token]) -> list[Token]:
    return cut("".join(folded for folded, _ in tokens))


def _phrases(words: list[_Word], stems: list[str]) -> Iterator[tuple[int, int]]:
    """Find words that follow each other in a title as they do in a compound of the question."""
    for first in range(len(words) - len(stems) + 1):
        place = words[first : first + len(stems)]
        if all(stem in (own for _, own in word.tokens) for word, stem in zip(place, stems, strict=True)):
            yield place[0].start, place[-1].end


def _is_near(word: str, other: str, typos: int, *, beginning: bool) -> bool:
    """Tell whether as many letters, changed, added, left out or swapped with the next one, make ``word`` of ``other``.

    A beginning of ``other`` counts as it does in the index's automaton: where no longer one could come nearer.
    """
    before: list[int] = []
    row: list[int] = [*range(len(word) + 1)]
    for n, own in enumerate(other, start=1):
        before, last, row = row, before, [n]
        for m, letter in enumerate(word, start=1):
            cost = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != own))
            if last and m > 1 and letter == other[n - 2] and word[m - 2] == own:
                cost = min(cost, last[m - 2] + 1)
            row.append(cost)
        if beginning and row[-1] <= typos and row[-1] == min(row):
            return True
    return row[-1] <= typos
