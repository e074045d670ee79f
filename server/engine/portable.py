r"""A query written so that every SPARQL 1.1 server reads in it what was decided here.

policy.py asks the parser that evaluates; a server elsewhere has another one. Most split a query into the standard's tokens,
each as long as possible, where Oxigraph sees ``FILTER(?a<?b#>`` as a comparison and a comment; some replace ``\u0022``
before they look where a string ends. So a query for them is put together from the standard's tokens: comments are left out,
escapes of characters resolved, the dataset is taken out, prefixes and base are declared. The letters of SERVICE or FROM in
a word that is not the keyword are refused: a lexer without a rule for words sees the keyword in ``ASKFROM``.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Self

from server.engine.policy import Refusal, service_refused

if TYPE_CHECKING:
    from collections.abc import Iterator

LETTER = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
IN_VARIABLE = LETTER + "_0-9\u00b7\u0300-\u036f\u203f\u2040"
IN_NAME = IN_VARIABLE + r"\-"
ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"

#: SPARQL 1.1, section 19.8, the longest first. Numbers may fall into several: they are only put together again.
TOKEN = re.compile(
    rf"""(?P<space>[ \t\r\n]+)
    |(?P<comment>\#[^\r\n]*)
    |(?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
    |(?P<string>'''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''|\"""(?:"{{0,2}}(?:[^"\\]|\\.))*+\"""
        |'(?:[^'\\\r\n]|\\.)*+'|"(?:[^"\\\r\n]|\\.)*+")
    |(?P<variable>[?$][{IN_VARIABLE}]+)
    |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<blank>_:[{LETTER}_0-9](?:[{IN_NAME}.]*[{IN_NAME}])?)
    |(?P<name>(?:[{LETTER}](?:[{IN_NAME}.]*[{IN_NAME}])?)?:
        (?:(?:[{LETTER}_:0-9]|{ESCAPED})(?:(?:[{IN_NAME}.:]|{ESCAPED})*(?:[{IN_NAME}:]|{ESCAPED}))?)?)
    |(?P<word>[A-Za-z][A-Za-z0-9_]*)
    |(?P<symbol>[0-9{{}}()\[\],;.*/|^+\-!=<>&?~])""",
    re.VERBOSE | re.DOTALL,
)
CHARACTER = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
ESCAPE_LEFT = re.compile(r"\\[uU]")

#: How a string holds what would end it or begin an escape.
IN_STRING = {'"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Token:
    """``keyword`` is a word in small letters, empty for what is no word."""

    kind: str
    text: str
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Portable:
    """``prologue`` declares all that the query uses, ``body`` is the rest of it; its dataset's terms are as they stood in it."""

    prologue: str
    body: str
    default: tuple[str, ...]
    named: tuple[str, ...]

    @classmethod
    def of(cls, query: str, prefixes: dict[str, str], base: str | None, *, describes: bool = False) -> Self:
        """Write a query anew; where it ``describes``, as the SELECT of what it describes."""
        tokens = list(_tokens(query))
        declared = list(takewhile(lambda token: token.keyword in {"", "base", "prefix", "version"}, tokens))
        asked = tokens[len(declared) :]
        prologue = _prologue(declared, asked, prefixes, base)
        body, default, named = _without_dataset(asked)
        if describes:
            body = _selecting(body)
        return cls(prologue, "".join(token.text for token in body), default, named)

    @property
    def text(self) -> str:
        return self.prologue + self.body


def ambiguous() -> Refusal:
    """Return why a query is refused that servers may read in different ways."""
    detail = (
        "the query is written in a way that SPARQL servers read differently: "
        "put spaces between words and signs, and no \\u into strings"
    )
    return Refusal("syntax", detail)


def _tokens(query: str) -> Iterator[Token]:
    """Split a query; a Refusal for what may be a SERVICE clause, or is no token."""
    at = 0
    while at < len(query):
        match = TOKEN.match(query, at)
        if match is None:
            raise ambiguous()
        kind, text, start, at = match.lastgroup or "", match[0], at, match.end()
        if kind == "word":
            keyword = text.lower()
            if "service" in keyword:
                raise service_refused(query, start)
            if "from" in keyword and keyword != "from":
                raise ambiguous()
            yield Token(kind, text, keyword)
        elif kind != "comment":
            yield Token(kind, _resolved(kind, text) if kind in {"iri", "string"} else text)


def _resolved(kind: str, text: str) -> str:
    """Return an IRI or a string with its characters in place of their numbers."""

    def character(match: re.Match[str]) -> str:
        if match[3]:
            return match[0]
        found = chr(int(match[1] or match[2], 16))
        return IN_STRING.get(found, found) if kind == "string" else found

    resolved = CHARACTER.sub(character, text)
    whole = TOKEN.fullmatch(resolved)
    if ESCAPE_LEFT.search(resolved) or whole is None or whole.lastgroup != kind:
        raise ambiguous()
    return resolved


def _prologue(declared: list[Token], asked: list[Token], prefixes: dict[str, str], base: str | None) -> str:
    """Declare what the query uses and leaves to this endpoint; in one line, so that lines keep their numbers."""
    known = {token.text.partition(":")[0] for token in declared if token.kind == "name"}
    used = dict.fromkeys(token.text.partition(":")[0] for token in asked if token.kind == "name")
    own = [f"PREFIX {name}: <{prefixes[name]}> " for name in used if name in prefixes and name not in known]
    if base and all(token.keyword != "base" for token in declared):
        own.insert(0, f"BASE <{base}> ")
    return "".join([*own, *(token.text for token in declared)])


def _without_dataset(asked: list[Token]) -> tuple[list[Token], tuple[str, ...], tuple[str, ...]]:
    """Return a query without its clauses FROM and FROM NAMED, and the terms of the one and of the other."""
    kept: list[Token] = []
    default: list[str] = []
    named: list[str] = []
    rest = iter(asked)
    for token in rest:
        if token.keyword != "from":
            kept.append(token)
            continue
        terms, term = default, _significant(rest)
        if term.keyword == "named":
            terms, term = named, _significant(rest)
        if term.kind not in {"iri", "name"}:
            raise ambiguous()
        terms.append(term.text)
        kept.append(Token("space", " "))
    return kept, tuple(default), tuple(named)


def _selecting(body: list[Token]) -> list[Token]:
    """Turn ``DESCRIBE ?a <b> { … }`` into ``SELECT ?a (<b> AS ?new) { … }``: servers differ in what they tell of a thing."""
    described = list(
        takewhile(lambda token: token.kind in {"space", "variable", "iri", "name"} or token.text == "*", body[1:])
    )
    rest = body[1 + len(described) :]
    new = f"d{secrets.token_hex(8)}_"
    items = [
        Token("item", f"({token.text} AS ?{new}{number})") if token.kind in {"iri", "name"} else token
        for number, token in enumerate(described)
    ]
    pattern = _significant(iter(rest))
    has_pattern = pattern.text == "{" or pattern.keyword == "where"
    return [Token("word", "SELECT"), *items, *([] if has_pattern else [Token("symbol", "{}")]), *rest]


def _significant(tokens: Iterator[Token]) -> Token:
    return next((token for token in tokens if token.kind != "space"), Token("", ""))
