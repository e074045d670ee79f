"""How much two names or titles are alike, however they are written: markup, case, accents and punctuation do not count.

The measure is the cosine of the sets of three-letter pieces of their words. It forgives typing errors, since one of them
spoils three pieces, and knows no order of words; the order counts a little beside it.
"""

from __future__ import annotations

import html
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from operator import eq

from kg.words import analyse

#: Letters of a word that stand together, its beginning and end marked: a word of n letters has n + 1 pieces.
_PIECE = 3
#: The part of the score that the order of the words decides.
_ORDER = 0.05
#: A title that was cut short is known by so many words at least.
_CUT_WORDS = 4
#: So many words may have one typing error among them.
_WORDS_A_SLIP = 5
#: Only what is the same has the full score.
_MOST_ALIKE = 0.99
_REMEMBERED = 8192

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ACCENT = re.compile(r"\\(?:[\"'`^~=.]|[uvHcdbkr](?![A-Za-z]))\s*\{?([A-Za-z])\}?")
_TYPESETTING = re.compile(r"\\(?:math|text|emph|operatorname)[a-z]*(?![A-Za-z])")
_MARKUP = re.compile(r"[\\${}^]")
_NUMBER = re.compile(r"[0-9]+")


def plain(text: str) -> str:
    """Return ``text`` without HTML tags and entities and without what LaTeX only typesets with: ``D$^3$`` is ``D3``."""
    text = _TAG.sub("", html.unescape(text))
    return _MARKUP.sub("", _TYPESETTING.sub("", _ACCENT.sub(r"\1", text)))


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is compared. ``letters`` are its words without a space, ``numbers`` its runs of digits in order."""

    words: tuple[str, ...]
    letters: str
    numbers: tuple[str, ...]
    pieces: frozenset[str]

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """The words that stand side by side."""
        return {*zip(self.words, self.words[1:], strict=False)}


@lru_cache(_REMEMBERED)
def wording(text: str) -> Wording:
    """Return how ``text`` is compared; nothing of a text without letters and digits is left."""
    words = tuple(analyse(plain(text)))
    pieces = (f"__{word}_"[i : i + _PIECE] for word in words for i in range(len(word) + 1))
    return Wording(words, "".join(words), tuple(_NUMBER.findall(" ".join(words))), frozenset(pieces))


@dataclass(frozen=True, slots=True)
class Likeness:
    """What speaks for two wordings being of one thing: each from 0 to 1, ``same`` and ``cut`` yes or no.

    ``same``: all letters and digits are the same in the same order. ``cut``: one is the beginning of the other.
    ``slipped``: they have the same words, in any order, but for a typing error in one word of five.
    """

    same: bool
    cut: bool
    slipped: bool
    pieces: float
    order: float

    @property
    def score(self) -> float:
        """From 0 to 1, and 1 only for what is the same."""
        if self.same:
            return 1.0
        alike = (2 + self.pieces) / 3 if self.cut or self.slipped else self.pieces
        return min(_MOST_ALIKE, alike * (1 - _ORDER + _ORDER * self.order))


def likeness(one: Wording, other: Wording) -> Likeness:
    """Compare two wordings."""
    if not one.pieces or not other.pieces:
        return Likeness(same=False, cut=False, slipped=False, pieces=0.0, order=0.0)
    same = one.letters == other.letters and one.numbers == other.numbers
    shorter, longer = sorted((one, other), key=lambda wording: len(wording.letters))
    pairs = min(len(one.pairs), len(other.pairs))
    return Likeness(
        same=same,
        cut=not same and len(shorter.words) >= _CUT_WORDS and longer.letters.startswith(shorter.letters),
        slipped=not same and _is_slipped(one, other),
        pieces=len(one.pieces & other.pieces) / math.sqrt(len(one.pieces) * len(other.pieces)),
        order=len(one.pairs & other.pairs) / pairs if pairs else 1.0,
    )


def _is_slipped(one: Wording, other: Wording) -> bool:
    if len(one.words) != len(other.words):
        return False
    ours, theirs = Counter(one.words), Counter(other.words)
    odd = zip(sorted((ours - theirs).elements()), sorted((theirs - ours).elements()), strict=True)
    slips = [_is_slip(*pair) for pair in odd]
    return all(slips) and len(slips) <= len(one.words) // _WORDS_A_SLIP


def _is_slip(word: str, other: str) -> bool:
    """Tell whether one typing error makes the words equal: letters swapped, or one wrong, missing or too many.

    A first letter is seldom wrong and often means the contrary: symmetric, asymmetric. Numbers mean what they say.
    """
    if word[0] != other[0] or not (word + other).isalpha():
        return False
    shorter, longer = sorted((word, other), key=len)
    if sorted(shorter) == sorted(longer):
        return True
    start = len([*takewhile(bool, map(eq, shorter, longer))])
    return len(longer) - len(shorter) <= 1 and longer[start + 1 :] in (shorter[start:], shorter[start + 1 :])
