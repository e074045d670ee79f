"""The identifiers and texts that come from outside, in one spelling: arXiv ids, addresses, names, slugs.

Pure functions. Each takes whatever text upstream wrote and returns its one clean form, or None where there is none.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from ipaddress import IPv6Address
from urllib.parse import quote, unquote

#: The longest address that is linked to. Browsers and servers begin to cut at about this length.
MAX_ADDRESS = 2000

#: The archives of arXiv's old scheme (https://arxiv.org/archive): an unknown one makes no arXiv id.
_ARCHIVE = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|"
    "funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|"
    "q-alg|q-bio|quant-ph|solv-int|supr-con"
)

#: https://info.arxiv.org/help/arxiv_identifier.html: YYMM.NNNN from 0704 to 1412, YYMM.NNNNN from 1501 on, and
#: archive.SC/YYMMNNN from 9107 to 0703.
_FOUR_DIGITS = r"(?:0(?:70[4-9]|71[0-2]|[89](?:0[1-9]|1[0-2]))|1[0-4](?:0[1-9]|1[0-2]))\.[0-9]{4}"
_FIVE_DIGITS = r"(?:1[5-9]|[2-9][0-9])(?:0[1-9]|1[0-2])\.[0-9]{5}"
_OLD = (
    rf"(?P<archive>{_ARCHIVE})(?:\.[a-z-]{{2,}})?/"
    r"(?P<number>(?:910[7-9]|911[0-2]|9[2-9](?:0[1-9]|1[0-2])|0[0-6](?:0[1-9]|1[0-2])|070[1-3])[0-9]{3})"
)

#: How Semantic Scholar's API has the address of a paper: https://api.semanticscholar.org/graph/v1/paper/URL:https://…
_BY_URL = r"(?:(?:(?:(?:https?:)?//)?(?:www\.|api\.)?semanticscholar\.org/(?:[a-z0-9]+/)*)?url:\s*)?"

#: Where a DOI may stand: alone, or right behind one of these.
_DOI_PLACE = (
    r"(?:(?:(?:https?:)?//)?(?:dx\.|www\.)?doi\.org/(?:doi:)?|info:doi/|(?:https?://doi\.org/)?doi:\s*|"
    r"(?:(?:https?:)?//)?(?:www\.|api\.)?semanticscholar\.org/(?:[a-z0-9]+/)*doi[:/])?"
)
#: https://www.doi.org/doi-handbook/HTML/doi-name-syntax.html
_DOI = re.compile(rf"{_BY_URL}{_DOI_PLACE}(?P<doi>10\.[0-9]{{4,9}}(?:\.[0-9]+)*/[^\s\"<>]+)", re.IGNORECASE | re.ASCII)

#: Where an id may stand: alone, or right behind one of these. Nothing else is an arXiv address, whatever it contains.
_PLACES = (
    r"(?:(?:https?:)?//)?(?:[a-z]+\.)?arxiv\.org/(?:abs|pdf|html|format|ps|src|e-print|bibtex)/(?:arxiv:)?",
    r"(?:(?:https?:)?//)?ar5iv(?:\.labs\.arxiv)?\.org/(?:abs|html|pdf)/",
    r"(?:(?:https?:)?//)?(?:www\.)?alphaxiv\.org/(?:[a-z]+/)?",
    r"(?:(?:https?:)?//)?(?:www\.)?(?:huggingface\.co|hf\.co)/papers/",
    r"(?:(?:https?:)?//)?(?:www\.|api\.)?semanticscholar\.org/(?:[a-z0-9]+/)*arxiv[:/]",
    rf"{_DOI_PLACE}10\.48550/arxiv\.",
    r"(?:oai:arxiv\.org:|arxiv preprint arxiv:|arxiv:?\s*)?",
)
_STAMP = r"(?:\s*\[[a-z-]+(?:\.[a-z-]+)?\](?:\s[0-9]{1,2}\s[a-z]{3}\s[0-9]{4})?)?"
_ARXIV = re.compile(
    rf"{_BY_URL}(?:{'|'.join(_PLACES)})(?P<id>{_FOUR_DIGITS}|{_FIVE_DIGITS}|{_OLD})(?:v[0-9]{{1,3}})?"
    rf"(?:\.pdf)?/?{_STAMP}(?:[?#].*)?",
    re.IGNORECASE | re.ASCII,
)

#: RFC 3987's ucschar without spaces and direction marks: what an IRI may hold as it is beyond ASCII.
_UCSCHAR = "\u00a1-\u061b\u061d-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdcf"
_UCSCHAR += "\ufdf0-\ufefe\uff00-\uffef"
_UCSCHAR += "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
_NOT_IN_IRI = re.compile(rf"%(?![0-9A-Fa-f]{{2}})|[^A-Za-z0-9%._~!$&'()*+,;=:@/?{_UCSCHAR}-]")
_ADDRESS = re.compile(
    rf"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_.{_UCSCHAR}-]+)(?::(?P<port>[0-9]{{0,5}}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#(?P<fragment>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_MAX_PORT = 65535

#: C0 and C1 controls other than white space, lone surrogates and noncharacters: replaced by a space.
_CONTROLS = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr((plane << 16) + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
#: Invisible characters that reorder or hide text (bidi marks, zero-width space, word joiner, BOM, tags): removed.
_INVISIBLE = re.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")

#: Hosts of code, whose owner and repository names do not distinguish case.
_CODE_HOSTS = frozenset(
    {"github.com", "gist.github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "gitee.com", "gitcode.com"}
)

#: Letters that have no decomposition but an agreed ASCII spelling.
_ASCII_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


def parse_arxiv_id(text: str) -> str | None:
    """Return the arXiv id that ``text`` spells, in arXiv's canonical form and without version, or None.

    An id of the old scheme loses its subject class, as in its DOI: ``math.GT/0309136`` is ``math/0309136``.
    """
    if len(text) > MAX_ADDRESS:
        return None
    found = _ARXIV.fullmatch(clean_text(unquote(text)))
    if found is None:
        return None
    return f"{found['archive'].lower()}/{found['number']}" if found["archive"] else found["id"]


def parse_doi(text: str) -> str | None:
    """Return the DOI that ``text`` spells, in lower case since DOIs do not distinguish it, or None."""
    if len(text) > MAX_ADDRESS:
        return None
    found = _DOI.fullmatch(clean_text(unquote(text)))
    return found["doi"].lower() if found else None


def clean_address(text: str) -> str | None:
    """Return ``text`` as an http(s) address that is safe to link to and a legal IRI, or None if it is no such address.

    Scheme and host come out in lower case; what an IRI may not hold is percent-encoded. White space and control
    characters within, user names and passwords, and more than ``MAX_ADDRESS`` characters make it None.
    """
    text = text.strip()
    if len(text) > MAX_ADDRESS or _CONTROLS.search(text) or any(map(str.isspace, text)):
        return None
    parts = _ADDRESS.fullmatch(text)
    host = _clean_host(parts["host"].lower()) if parts else None
    if parts is None or host is None or int(parts["port"] or 0) > _MAX_PORT:
        return None
    port = f":{int(parts['port'])}" if parts["port"] else ""
    fragment = "" if parts["fragment"] is None else f"#{_encoded(parts['fragment'])}"
    tail = _encoded(parts["path"] or "") + _encoded(parts["query"] or "") + fragment
    address = f"{parts['scheme'].lower()}://{host}{port}{tail}"
    return address if len(address) <= MAX_ADDRESS else None


def _clean_host(host: str) -> str | None:
    """Return ``host`` if it is well formed and looks like what it is (no full-width letters, no ligatures)."""
    if host.startswith("["):
        try:
            return f"[{IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            return None
    labels = host.removesuffix(".").split(".")
    return host if all(labels) and unicodedata.is_normalized("NFKC", host) else None


def _encoded(part: str) -> str:
    return _NOT_IN_IRI.sub(lambda illegal: quote(illegal[0], safe=""), part)


def clean_text(text: str) -> str:
    """Return ``text`` as one line of legal XML 1.0 characters: NFC, nothing invisible, white space collapsed."""
    text = _INVISIBLE.sub("", _CONTROLS.sub(" ", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def repository_slug(address: str) -> str | None:
    """Return ``host/owner/name`` for an address at a code host, ``host/path`` elsewhere, None for no address.

    At a code host, owner and name come out in lower case without ``.git``; a deeper path stays, as further segments.
    """
    cleaned = clean_address(address)
    if cleaned is None:
        return None
    host, _, path = re.split(r"[?#]", cleaned, maxsplit=1)[0].partition("://")[2].partition("/")
    host = host.removeprefix("www.")
    segments = [segment for segment in posixpath.normpath(f"/{path}").split("/") if segment]
    if host in _CODE_HOSTS:
        owner_and_name = [segment.lower().removesuffix(".git") for segment in segments[:2]]
        segments = [segment for segment in owner_and_name if segment] + segments[2:]
    return "/".join([host, *segments])


def slugify(text: str) -> str:
    """Return ``text`` as lower-case ASCII words joined by ``-``; a dot between digits stays (``qwen2.5-7b``).

    Raise ValueError if nothing is left.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_ASCII_LETTERS)
    folded = "".join(character for character in decomposed if not unicodedata.combining(character))
    slug = "-".join(re.findall(r"[a-z0-9]+(?:(?<=[0-9])\.(?=[0-9])[a-z0-9]+)*", folded))
    if not slug:
        msg = f"no letter or digit to make a slug from: {text[:80]!r}"
        raise ValueError(msg)
    return slug
