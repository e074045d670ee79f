"""Citations: BibTeX, RIS and CSL-JSON of papers, each under its key (kg/citation_keys.py).

What is written is what the source lists. ``Family, Given`` is a person; any other spelling (``DeepSeek-AI``, ``Kevin
Lu``) is one name that is never split, since nothing tells a team from a person. Every value is one line: white space
and control characters become single spaces. A venue is a note, as no source says whether the paper appeared there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from kg import latex


@dataclass(frozen=True, slots=True)
class Citation:
    """What there is to cite of one paper.

    ``key`` is what the entry is called in a bibliography; ``authors`` are names as listed, in order; ``arxiv_id`` has no version;
    ``address`` is an http(s) URL; ``venue`` is text as a source gives it (``ICLR 2024``).
    """

    key: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    issued: date | None
    arxiv_id: str | None
    doi: str | None
    address: str | None
    venue: str | None


def bibtex(items: Iterable[Citation]) -> str:
    """Return BibTeX in UTF-8 (for biber, or BibTeX under a LaTeX of 2018 or later), one ``@misc`` per paper.

    Titles are as :func:`kg.latex.escape_title` has them; names that must not be split stand in braces; ``doi`` and
    ``url`` are verbatim: not escaped, but white space, braces and backslashes are percent-encoded.
    """
    return "\n".join(map(_bibtex_entry, items))


def ris(items: Iterable[Citation]) -> str:
    """Return RIS with CRLF line ends: unpublished works (UNPB) if there is an arXiv id, else generic ones (GEN)."""
    return "\r\n".join(map(_ris_record, items))


def csl_json(items: Iterable[Citation]) -> str:
    """Return a JSON array after CSL 1.0.2's csl-data.json; ``article`` is its type for a preprint, else ``document``."""
    return json.dumps(list(map(csl_item, items)), ensure_ascii=False, indent=2) + "\n"


def one_line(text: str) -> str:
    """Return ``text`` as one line that any format can hold: no control characters, no lone surrogates."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", " ", text).split())


def name_parts(name: str) -> tuple[str, ...]:
    """Return (family, given) of ``Family, Given``, and any other spelling whole."""
    match [part.strip() for part in one_line(name).split(",")]:
        case [family, given] if family and given:
            return family, given
        case _:
            return (one_line(name),)


def _year(item: Citation) -> int | None:
    return item.issued.year if item.year is None and item.issued else item.year


def _address(item: Citation) -> str | None:
    """Return the paper's page, as listed or from its arXiv id; what a URL can't hold is percent-encoded."""
    address = item.address or (f"https://arxiv.org/abs/{item.arxiv_id}" if item.arxiv_id else None)
    return quote(one_line(address), safe="%/:?#[]@!$&'()*+,;=") if address else None


def _bibtex_entry(item: Citation) -> str:
    year = _year(item)
    fields = {
        "title": latex.escape_title(one_line(item.title)),
        "author": " and ".join(map(_bibtex_name, item.authors)),
        "year": None if year is None else str(year),
        "eprint": item.arxiv_id and _verbatim(item.arxiv_id),
        "archivePrefix": item.arxiv_id and "arXiv",
        "doi": item.doi and _verbatim(item.doi),
        "url": _address(item),
        # Of all that says where a preprint is, the classic styles print this alone.
        "howpublished": item.arxiv_id and latex.escape(one_line(f"arXiv:{item.arxiv_id}")),
        "note": item.venue and latex.escape(one_line(item.venue)),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{item.key},\n{lines}\n}}\n"


def _verbatim(text: str) -> str:
    return re.sub(r"[ {}\\]", lambda match: f"%{ord(match[0]):02X}", one_line(text))


def _bibtex_name(name: str) -> str:
    family, *given = name_parts(name)
    if not given:
        return f"{{{latex.escape(family)}}}"
    return f"{_bibtex_name_part(family)}, {_bibtex_name_part(given[0])}"


def _bibtex_name_part(part: str) -> str:
    """Return one part of a name, in braces if BibTeX or biber could read anything but a name in it."""
    plain = re.fullmatch(r"[^!-&(-,/-@\[-`{-~]+", part) and not re.search(r"\band\b", part, re.IGNORECASE)
    return part if plain else f"{{{latex.escape(part)}}}"


def _ris_record(item: Citation) -> str:
    year = _year(item)
    tags = [
        ("TY", "UNPB" if item.arxiv_id else "GEN"),
        ("ID", item.key),
        *(("AU", ", ".join(name_parts(name))) for name in item.authors),
        ("TI", one_line(item.title)),
        ("PY", "" if year is None else f"{year:04}"),
        ("DA", item.issued.isoformat().replace("-", "/") if item.issued else ""),
        ("PB", "arXiv" if item.arxiv_id else ""),
        ("DO", one_line(item.doi or "")),
        ("UR", _address(item)),
        ("N1", one_line(item.venue or "")),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in tags if value) + "ER  - \r\n"


def csl_item(item: Citation) -> dict[str, object]:
    """Return one item of :func:`csl_json`; what is not known is left out."""
    day, year = item.issued, _year(item)
    date_parts = [day.year, day.month, day.day] if day else [] if year is None else [year]
    variables: dict[str, object] = {
        "id": item.key,
        "type": "article" if item.arxiv_id else "document",
        "title": one_line(item.title),
        "author": [_csl_name(name) for name in item.authors],
        "issued": {"date-parts": [date_parts]} if date_parts else None,
        "publisher": "arXiv" if item.arxiv_id else None,
        "number": f"arXiv:{one_line(item.arxiv_id)}" if item.arxiv_id else None,
        "DOI": one_line(item.doi or ""),
        "URL": _address(item),
        "note": one_line(item.venue or ""),
    }
    return {name: value for name, value in variables.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    family, *given = name_parts(name)
    return {"family": family, "given": given[0]} if given else {"literal": family}
