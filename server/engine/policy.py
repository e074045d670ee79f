r"""What is refused before a query is evaluated, decided by the parser that would run it.

pyoxigraph gives no parse tree, and a second parser is no judge: Oxigraph's has no separate tokens, so it reads
``SERVICEx:`` as ``SERVICE x:``, ``trueSERVICE`` as two words, and ``FILTER(?a<?b#>`` as a comparison and a comment up to
the end of the line, where the standard's tokens are a variable and an IRI, behind which a string may open. A scan for
tokens, or rdflib's parser, is led past a SERVICE by each of these.

So the question is put to Oxigraph itself. Every occurrence of the letters is replaced by a word of the same length that the
query does not contain and the grammar does not know. A variable, prefix, string, IRI or comment that contains the letters
still parses, being renamed throughout; a keyword does not. What parses without the letters has no use for the keyword.
(Oxigraph resolves ``\u0053`` in strings and IRIs only, never in a keyword.)
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.engine.syntax import Place, line_and_column

if TYPE_CHECKING:
    from collections.abc import Callable

    #: Parses a query, with the IRI of each prefix that it need not declare; raises SyntaxError.
    Parse = Callable[[str, dict[str, str]], object]

#: Everything that may stand before the first word of a query or an update. Possessive, so that it never backtracks.
PROLOGUE = r'(?:\s|#[^\n\r]*+|BASE\s*+<[^>]*+>|PREFIX\s*+[^\s:]*+:\s*+<[^>]*+>|VERSION\s*+"[^"]*+")*+'
UPDATE = re.compile(PROLOGUE + r"(INSERT|DELETE|WITH|CLEAR|DROP|CREATE|ADD|MOVE|COPY|LOAD)", re.IGNORECASE)


class Refusal(Exception):  # noqa: N818 - a verdict, carried to the parent process by name
    """A query that is not answered. ``error`` names the class of server/engine/errors.py, members go into its document.

    The member ``log`` does not: it is for the operator.
    """

    def __init__(self, error: str, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.error = error
        self.detail = detail
        self.members = members

    def content(self) -> dict[str, object]:
        """Return what an ERROR frame says of it."""
        return {"error": self.error, "detail": self.detail, **self.members}


@dataclass(frozen=True, slots=True)
class Disguise:
    """Replaces a keyword's letters, wherever they stand and in whatever case, by a word that means nothing."""

    keyword: str
    word: str

    @classmethod
    def of(cls, keyword: str, query: str) -> Disguise | None:
        """Return a disguise whose word is not in the query; None if the keyword's letters are not."""
        lowered = query.lower()
        if keyword not in lowered:
            return None
        while True:
            # No keyword of SPARQL begins with z: the word cannot be read as one with something after it.
            word = "z" + "".join(secrets.choice(string.ascii_lowercase) for _ in keyword[1:])
            if word not in lowered:
                return cls(keyword, word)

    def __call__(self, text: str) -> str:
        return re.sub(self.keyword, self._letters, text, flags=re.IGNORECASE | re.ASCII)

    def _letters(self, match: re.Match[str]) -> str:
        """Keep capitals, or two variables that differ in nothing else would become one."""
        return "".join(new.upper() if old.isupper() else new for old, new in zip(match[0], self.word, strict=True))

    def parse(self, query: str, prefixes: dict[str, str], parse: Parse) -> None:
        """Parse the query in disguise: a SyntaxError if it needs the keyword, or is none."""
        parse(self(query), {self(prefix): iri for prefix, iri in prefixes.items()})

    def nearest(self, query: str, place: Place) -> int | None:
        """Return where the keyword's letters stand if that is where the parser stopped, None if it stopped elsewhere."""
        found = re.finditer(self.keyword, query, flags=re.IGNORECASE | re.ASCII)
        return next((m.start() for m in found if m.start() <= place.last and place.first <= m.end()), None)


def refuse_service(query: str, prefixes: dict[str, str], parse: Parse) -> None:
    """Raise a Refusal if the query has a SERVICE clause anywhere in it, or has the letters and is no query at all."""
    disguise = Disguise.of("service", query)
    if disguise is None:
        return
    try:
        disguise.parse(query, prefixes, parse)
    except SyntaxError as error:
        place = Place.of(query, str(error))
        service = disguise.nearest(query, place) if place else None
        if service is None:
            raise explain(query, error) from None
        raise service_refused(query, service) from None


def service_refused(query: str, offset: int) -> Refusal:
    """Return why a query is refused that has a SERVICE clause there."""
    line, column = line_and_column(query, offset)
    detail = "this endpoint asks no other endpoint: SERVICE is refused; send each part to the endpoint it is for"
    return Refusal("service", detail, line=line, column=column)


def has_dataset_clause(query: str, prefixes: dict[str, str], parse: Parse) -> bool:
    """Tell whether the query names its dataset (FROM, FROM NAMED). The answer for a query that does not parse is void."""
    return _needs("from", query, prefixes, parse)


def is_describe(query: str, prefixes: dict[str, str], parse: Parse) -> bool:
    """Tell whether the query is a DESCRIBE. The answer for a query that does not parse is void."""
    return _needs("describe", query, prefixes, parse)


def _needs(keyword: str, query: str, prefixes: dict[str, str], parse: Parse) -> bool:
    disguise = Disguise.of(keyword, query)
    if disguise is None:
        return False
    try:
        disguise.parse(query, prefixes, parse)
    except SyntaxError:
        return True
    return False


def update_refused(what: str) -> str:
    """Return why ``what`` is refused, and where a change is sent instead."""
    return (
        f"this endpoint answers queries only: {what} is refused, for a release never changes; "
        "/suggest says where to send a paper or a correction, which the next release will have"
    )


def explain(query: str, error: SyntaxError) -> Refusal:
    """Return why a query that does not parse is refused: it is an update, or where it stops being SPARQL."""
    update = UPDATE.match(query)
    if update and update[1].upper() == "LOAD":
        return Refusal("service", "this endpoint fetches nothing: LOAD is refused")
    if update:
        return Refusal("update", update_refused(update[1].upper()))
    message = str(error)
    place = Place.of(query, message)
    if place is None:
        return Refusal("syntax", f"the query is not valid SPARQL: {message}", parser=message)
    line, column = line_and_column(query, place.first)
    detail = f"the query is not valid SPARQL near line {line}, column {column}{place.problem}"
    return Refusal("syntax", detail, line=line, column=column, parser=message)
