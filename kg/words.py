"""Words as the search index knows them: one way to cut and fold text, for papers and for questions alike.

A paper's text stands in four fields: ``title`` (its title and the names of its methods), ``words`` (all of its text),
``stems`` (the same without authors and ids, by English word stem) and ``ids`` (each id as a whole). A question is never
given to a query parser: it is cut into words, and a query is built of them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from kg.identifiers import clean_text, parse_arxiv_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tantivy import Schema

#: What is read of a question: more characters and more words than these are left out of it.
MAX_TEXT = 1000
MAX_WORDS = 32

#: The weight of a match in each field. An id names one paper, so it outweighs whatever words say.
_WEIGHTS = {"title": 3.0, "stems": 2.0, "words": 1.0, "ids": 20.0}

#: From this many letters on, so many typing errors are forgiven. Short words and numbers mean what they say.
_TYPOS = ((8, 2), (4, 1))
#: A longer "word" is not one that somebody mistyped.
_MAX_MISTYPED = 40

_HYPHENATED = re.compile(r"[^\W_]+(?:[-_\u2010-\u2014][^\W_]+)+")
_SOFT_HYPHEN = "\u00ad"

FOLDED = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build()
STEMMED = (
    TextAnalyzerBuilder(Tokenizer.simple())
    .filter(Filter.lowercase())
    .filter(Filter.ascii_fold())
    .filter(Filter.stemmer("english"))
    .build()
)


def analyse(text: str) -> list[str]:
    """Return the words of ``text`` as they are matched: in order, in lower case, accents folded, not stemmed."""
    return FOLDED.analyze(_plain(text))


def indexable(text: str) -> str:
    """Return ``text`` ready for the index: every hyphenated word is there a second time without its hyphens."""
    plain = _plain(text)
    joined = (re.sub(r"[\W_]", "", compound) for compound in _HYPHENATED.findall(plain))
    return " ".join((plain, *joined))


def id_key(text: str) -> str:
    """Return the only spelling that an id is indexed in: an arXiv id's canonical one, else lower case."""
    return parse_arxiv_id(text) or clean_text(text).casefold()


def text_query(schema: Schema, text: str, *, forgiving: bool = False) -> Query | None:
    """Return the query for a question, or None if it is blank.

    Every word must be somewhere in a paper, the last one at least as the beginning of a word. ``forgiving`` lets words
    of four letters and more differ by a letter, of eight and more by two.
    """
    plain = _plain(text[:MAX_TEXT])
    if not plain:
        return None
    builder = _Builder(schema, forgiving=forgiving)
    chunks = [words for chunk in plain.split() if (words := FOLDED.analyze(chunk))]
    room = MAX_WORDS
    required = []
    for number, chunk in enumerate(chunk for chunk in plain.split() if FOLDED.analyze(chunk)):
        required.append(builder.chunk(chunk, room, last=number == len(chunks) - 1))
        room -= len(chunks[number])
        if room <= 0:
            break
    if not required:
        return Query.empty_query()
    return _any_of([builder.id(plain), all_of(required)])


def all_of(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])
