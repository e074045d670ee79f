"""Citations: BibTeX, RIS and CSL-JSON of papers, under keys that people can read and rely on.

A key is made from the paper alone: family name of the first author, year, first significant word of the title, folded
to ``[a-z0-9]`` (``gu2023minillm``). A part that is missing reads ``noauthor`` or ``nodate``; a paper whose own id is
such a key already (``lu2025onpolicy``) keeps it. Where papers clash, the one with the smallest id keeps the plain key,
and the others append their arXiv id (``gu2023minillm-2312.00001``) or, lacking one, 8 hex digits of their id's SHA-256:
arXiv ids grow with time, so a newcomer never takes a key that is in use. Whoever exports some papers of a release gives
the keys of all of them, and a paper's key is the same in every export.

What is written is what the source lists. ``Family, Given`` is a person; any other spelling (``DeepSeek-AI``, ``Kevin
Lu``) is one name that is never split, since nothing tells a team from a person. Every value is one line: white space
and control characters become single spaces. A venue is a note, as no source says whether the paper appeared there.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from kg import latex

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


@dataclass(frozen=True, slots=True)
class Citation:
    """What there is to cite of one paper.

    ``id`` is the paper id and ``iri`` its IRI; ``authors`` are names as listed, in order; ``arxiv_id`` has no version;
    ``address`` is an http(s) URL; ``venue`` is text as a source gives it (``ICLR 2024``).
    """

    id: str
    iri: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    issued: date | None
    arxiv_id: str | None
    doi: str | None
    address: str | None
    venue: str | None


def citation_keys(items: Iterable[Citation]) -> dict[str, str]:
    """Return the key of each paper id, unique among ``items``, whatever their order (the module says how)."""
    plain = {item: _plain_key(item) for item in items}
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for item, key in sorted(plain.items(), key=lambda pair: (pair[1] != pair[0].id, pair[0].id)):
        keys[item.id] = f"{key}-{_suffix(item)}" if key in taken else key
        taken.add(key)
    return keys


def bibtex(items: Iterable[Citation], keys: Mapping[str, str] | None = None) -> str:
    """Return BibTeX in UTF-8 (for biber, or BibTeX under a LaTeX of 2018 or later), one ``@misc`` per paper.

    Titles are as :func:`kg.latex.escape_title` has them; names that must not be split stand in braces; ``doi`` and
    ``url`` are verbatim: not escaped, but white space, braces and backslashes are percent-encoded.

    Args:
        items: The papers, each once.
        keys: The citation key of each paper id; without it, ``items`` are keyed among themselves.
    """
    return "\n".join(_bibtex_entry(item, key) for item, key in _keyed(items, keys))


def ris(items: Iterable[Citation], keys: Mapping[str, str] | None = None) -> str:
    """Return RIS with CRLF line ends: unpublished works (UNPB) if there is an arXiv id, else generic ones (GEN).

    Arguments are those of :func:`bibtex`.
    """
    return "\r\n".join(_ris_record(item, key) for item, key in _keyed(items, keys))


def csl_json(items: Iterable[Citation], keys: Mapping[str, str] | None = None) -> str:
    """Return a JSON array after CSL 1.0.2's csl-data.json; ``article`` is its type for a preprint, else ``document``.

    Arguments are those of :func:`bibtex`.
    """
    entries = [_csl_item(item, key) for item, key in _keyed(items, keys)]
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def _keyed(items: Iterable[Citation], keys: Mapping[str, str] | None) -> list[tuple[Citation, str]]:
    listed = list(items)
    keys = citation_keys(listed) if keys is None else keys
    return [(item, keys[item.id]) for item in listed]


def _plain_key(item: Citation) -> str:
    if _KEY.fullmatch(item.id):
        return item.id
    author = _fold(_name_parts(item.authors[0])[0]) if item.authors else ""
    year = _year(item)
    return f"{author or 'noauthor'}{'nodate' if year is None else year}{_title_word(item.title)}"


def _title_word(title: str) -> str:
    """Return the first word that has a Latin letter and is no article or the like, folded; TeX commands don't count."""
    folded = [_fold(word) for word in re.split(r"[\s:;,/\u2013\u2014]+", re.sub(r"\\[A-Za-z]+", "", title))]
    words = [word for word in folded if not word.isdecimal() and word]
    return next((word for word in words if not _INSIGNIFICANT.fullmatch(word)), words[0] if words else "")


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_UNDECOMPOSED))
    return re.sub(r"[^a-z0-9]", "", decomposed.lower())[:_KEY_PART_LENGTH]


def _suffix(item: Citation) -> str:
    if item.arxiv_id:
        return re.sub(r"[^a-z0-9.]", "-", item.arxiv_id.lower())
    return hashlib.sha256(item.id.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _line(text: str) -> str:
    """Return ``text`` as one line that any format can hold: no control characters, no lone surrogates."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", " ", text).split())


def _name_parts(name: str) -> tuple[str, ...]:
    """Return (family, given) of ``Family, Given``, and any other spelling whole."""
    match [part.strip() for part in _line(name).split(",")]:
        case [family, given] if family and given:
            return family, given
        case _:
            return (_line(name),)


def _year(item: Citation) -> int | None:
    return item.issued.year if item.year is None and item.issued else item.year


def _address(item: Citation) -> str | None:
    """Return the paper's page, as listed or from its arXiv id; what a URL can't hold is percent-encoded."""
    address = item.address or (f"https://arxiv.org/abs/{item.arxiv_id}" if item.arxiv_id else None)
    return quote(_line(address), safe="%/:?#[]@!$&'()*+,;=") if address else None


def _bibtex_entry(item: Citation, key: str) -> str:
    year = _year(item)
    fields = {
        "title": latex.escape_title(_line(item.title)),
        "author": " and ".join(map(_bibtex_name, item.authors)),
        "year": None if year is None else str(year),
        "eprint": item.arxiv_id and _verbatim(item.arxiv_id),
        "archivePrefix": item.arxiv_id and "arXiv",
        "doi": item.doi and _verbatim(item.doi),
        "url": _address(item),
        # Of all that says where a preprint is, the classic styles print this alone.
        "howpublished": item.arxiv_id and latex.escape(_line(f"arXiv:{item.arxiv_id}")),
        "note": item.venue and latex.escape(_line(item.venue)),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}\n}}\n"


def _verbatim(text: str) -> str:
    return re.sub(r"[ {}\\]", lambda match: f"%{ord(match[0]):02X}", _line(text))


def _bibtex_name(name: str) -> str:
    family, *given = _name_parts(name)
    if not given:
        return f"{{{latex.escape(family)}}}"
    return f"{_bibtex_name_part(family)}, {_bibtex_name_part(given[0])}"


def _bibtex_name_part(part: str) -> str:
    """Return one part of a name, in braces if BibTeX or biber could read anything but a name in it."""
    plain = re.fullmatch(r"[^!-&(-,/-@\[-`{-~]+", part) and not re.search(r"\band\b", part, re.IGNORECASE)
    return part if plain else f"{{{latex.escape(part)}}}"


def _ris_record(item: Citation, key: str) -> str:
    year = _year(item)
    tags = [
        ("TY", "UNPB" if item.arxiv_id else "GEN"),
        ("ID", key),
        *(("AU", ", ".join(_name_parts(name))) for name in item.authors),
        ("TI", _line(item.title)),
        ("PY", "" if year is None else f"{year:04}"),
        ("DA", item.issued.isoformat().replace("-", "/") if item.issued else ""),
        ("PB", "arXiv" if item.arxiv_id else ""),
        ("DO", _line(item.doi or "")),
        ("UR", _address(item)),
        ("N1", _line(item.venue or "")),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in tags if value) + "ER  - \r\n"


def _csl_item(item: Citation, key: str) -> dict[str, object]:
    day, year = item.issued, _year(item)
    date_parts = [day.year, day.month, day.day] if day else [] if year is None else [year]
    variables: dict[str, object] = {
        "id": key,
        "type": "article" if item.arxiv_id else "document",
        "title": _line(item.title),
        "author": [_csl_name(name) for name in item.authors],
        "issued": {"date-parts": [date_parts]} if date_parts else None,
        "publisher": "arXiv" if item.arxiv_id else None,
        "number": f"arXiv:{_line(item.arxiv_id)}" if item.arxiv_id else None,
        "DOI": _line(item.doi or ""),
        "URL": _address(item),
        "note": _line(item.venue or ""),
    }
    return {name: value for name, value in variables.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    family, *given = _name_parts(name)
    return {"family": family, "given": given[0]} if given else {"literal": family}
