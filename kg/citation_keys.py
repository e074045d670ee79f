"""Citation keys: what a paper is called in a bibliography, so that people can read it and rely on it.

A key is made from the paper alone: family name of the first author, year, first significant word of the title, folded
to ``[a-z0-9]`` (``gu2023minillm``). A part that is missing reads ``noauthor`` or ``nodate``; a paper whose own id is
such a key already (``lu2025onpolicy``) has it. Where papers clash, the one that was listed first keeps the plain key (on
one day the one whose id it is, else that with the smallest id); the others append their arXiv id
(``gu2023minillm-2312.00001``) or, lacking one, 8 hex digits of their id's SHA-256. A newcomer was first listed later than
all that are there, so it never takes a key that is in use. A key changes only with what it is made of: if a source
corrects the name, the year or the title, or if older lists are added.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from kg.cite import name_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.merge import Paper

#: A paper id that can serve as a citation key as it is.
_KEY = re.compile(r"[a-z]+(?:19|20)[0-9]{2}[a-z0-9]*")

#: No part of a key is longer, whatever the title holds.
_KEY_PART_LENGTH = 40

_INSIGNIFICANT = re.compile(
    "a|an|the|and|or|but|nor|so|of|on|in|at|to|for|from|with|without|by|as|via|into|onto|over|under|through|between"
    "|beyond|towards?|is|are|be|do|does"
)

#: Latin letters that Unicode does not decompose into a base letter and a mark, in lower case.
_UNDECOMPOSED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)


def citation_keys(papers: Iterable[Paper]) -> dict[str, str]:
    """Return the key of each paper id, unique among ``papers``, whatever their order (the module says how)."""
    plain = [(_plain_key(paper), paper) for paper in papers]
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for key, paper in sorted(plain, key=lambda pair: _precedence(*pair)):
        keys[paper.id] = f"{key}-{_suffix(paper)}" if key in taken else key
        taken.add(key)
    return keys


def _precedence(key: str, paper: Paper) -> tuple[date, bool, str]:
    return paper.first_listed or date.max, key != paper.id, paper.id


def _plain_key(paper: Paper) -> str:
    if _KEY.fullmatch(paper.id):
        return paper.id
    author = _fold(name_parts(paper.authors[0])[0]) if paper.authors else ""
    year = paper.issued.year if paper.year is None and paper.issued else paper.year
    return f"{author or 'noauthor'}{'nodate' if year is None else year}{_title_word(paper.title)}"


def _title_word(title: str) -> str:
    """Return the first word that has a Latin letter and is no article or the like, folded; TeX commands don't count."""
    folded = [_fold(word) for word in re.split(r"[\s:;,/\u2013\u2014]+", re.sub(r"\\[A-Za-z]+", "", title))]
    words = [word for word in folded if not word.isdecimal() and word]
    return next((word for word in words if not _INSIGNIFICANT.fullmatch(word)), words[0] if words else "")


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_UNDECOMPOSED))
    return re.sub(r"[^a-z0-9]", "", decomposed.lower())[:_KEY_PART_LENGTH]


def _suffix(paper: Paper) -> str:
    if paper.arxiv_id:
        return re.sub(r"[^a-z0-9.]", "-", paper.arxiv_id.lower())
    return hashlib.sha256(paper.id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
