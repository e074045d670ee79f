"""Words as the search index knows them: one way to cut and fold text, for papers and for questions alike.

A paper's text stands in four fields: ``title`` (its title and the names of its methods), ``words`` (all of its text),
``stems`` (the same without authors and ids, by English word stem) and ``ids`` (each id and method's name as a whole). A
question is never given to a query parser: it is cut into words, and a query is built of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from kg.identifiers import clean_text, parse_arxiv_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tantivy import Schema

#: What is read of a question: its first so many characters (``Index.search`` cuts them off), and of those so many words.
MAX_TEXT = 1000
MAX_WORDS = 32

#: The weight of a match in each field. An id names one paper, so it outweighs whatever words say.
_WEIGHTS = {"title": 3.0, "stems": 2.0, "words": 1.0, "ids": 20.0}

#: From this many letters on, so many typing errors are forgiven. Short words and numbers mean what they say.
_TYPOS = ((8, 2), (4, 1))
#: A longer "word" is not one that somebody mistyped.
_MAX_MISTYPED = 40

#: Words that hyphens, dots, slashes and the like join: on-policy, Qwen2.5-7B, teacher/student.
COMPOUND = re.compile(r"[^\W_]+(?:(?:[^\w\s]|_)+[^\W_]+)+")
_NOT_IN_WORDS = re.compile(r"[\W_]+")
_SOFT_HYPHEN = "\u00ad"
_AROUND_IDS = "()[]{}<>.,;\"'"

#: A word as folded, and its stem.
Token = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What stands between two spaces of a question. Its last word may be the beginning of one if the chunk is the last."""

    text: str
    tokens: list[Token]
    last: bool


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
    return FOLDED.analyze(plain_text(text))


def indexable(texts: Iterable[str]) -> str:
    """Return ``texts`` as one, ready for the index: every compound is there a second time as one word (onpolicy)."""
    plain = plain_text("\n".join(texts))
    return " ".join((plain, *(_NOT_IN_WORDS.sub("", compound) for compound in COMPOUND.findall(plain))))


def id_key(text: str) -> str:
    """Return the only spelling that an id or a name is indexed in: an arXiv id's canonical one, else lower case."""
    return parse_arxiv_id(text) or clean_text(text).casefold()


def text_query(schema: Schema, text: str, *, forgiving: bool = False, ranking: bool = True) -> Query | None:
    """Return the query for a question, or None if it is blank. A question without any letter or digit finds nothing.

    Every word must be somewhere in a paper, the last one at least as the beginning of a word; an id in any spelling finds
    its paper. ``forgiving`` lets words of four letters and more differ by one letter, of eight and more by two. Without
    ``ranking`` it finds the same papers in half the time, since it asks for no word in a field that a larger one has too.
    """
    whole = plain_text(text)
    if not whole:
        return None
    question = _Question(schema, forgiving=forgiving, ranking=ranking)
    required = [question.chunk(chunk) for chunk in chunks(text)]
    if not required:
        return Query.empty_query()
    return any_of([question.term("ids", id_key(whole)), all_of(required)])


def chunks(text: str) -> list[Chunk]:
    """Return what a question asks for, up to MAX_WORDS words of it."""
    texts = [chunk for chunk in plain_text(text).split() if FOLDED.analyze(chunk)]
    found: list[Chunk] = []
    left = MAX_WORDS
    for chunk in texts:
        tokens = cut(chunk)[:left]
        if tokens:
            found.append(Chunk(chunk, tokens, last=len(found) == len(texts) - 1))
        left -= len(tokens)
    return found


def similar_query(schema: Schema, text: str) -> Query:
    """Return the query for what may be a title, mistyped, cut short or in another order: any of its words may be missing."""
    question = _Question(schema, forgiving=True, ranking=True)
    tokens = cut(plain_text(text))[:MAX_WORDS]
    words = [question.word(token, beginning=place == len(tokens)) for place, token in enumerate(tokens, start=1)]
    return any_of([question.term("ids", id_key(text)), *words]) if words else Query.empty_query()


class _Question:
    """Builds the parts of a text query, from the whole down to the word."""

    def __init__(self, schema: Schema, *, forgiving: bool, ranking: bool) -> None:
        self._schema = schema
        self._forgiving = forgiving
        self._ranking = ranking

    def chunk(self, chunk: Chunk) -> Query:
        """An id, a word, or a compound, which may be written in one or with spaces."""
        tokens, last = chunk.tokens, chunk.last
        ways = [self.term("ids", id_key(chunk.text.strip(_AROUND_IDS)))]
        if len(tokens) == 1:
            return any_of([*ways, self.word(tokens[0], beginning=last)])
        folded, stems = zip(*tokens, strict=True)
        phrase = Query.phrase_query(self._schema, "stems", list(stems))
        ways.append(Query.boost_query(phrase, _WEIGHTS["stems"]))
        ways += [self.word(token, beginning=last) for token in cut("".join(folded))]
        if self._forgiving:
            ways.append(all_of([self.word(token, beginning=False) for token in tokens]))
        return any_of(ways)

    def word(self, token: Token, *, beginning: bool) -> Query:
        folded, stem = token
        fields = ("title", "words") if self._ranking else ("words",)
        ways = [self.term("stems", stem)]
        if self._ranking or not beginning:  # a word itself is found with what begins with it
            ways += [self.term(field, folded) for field in fields]
        if beginning:
            ways += [self._similar(field, folded, 0, beginning=True) for field in fields]
        if self._forgiving and (typos := tolerance(folded)):
            ways.append(self._similar("words", folded, typos, beginning=beginning))
        return any_of(ways)

    def _similar(self, field: str, word: str, typos: int, *, beginning: bool) -> Query:
        query = Query.fuzzy_term_query(self._schema, field, word, distance=typos, prefix=beginning)
        return Query.boost_query(query, _WEIGHTS[field])

    def term(self, field: str, value: str) -> Query:
        return Query.boost_query(Query.term_query(self._schema, field, value), _WEIGHTS[field])


def any_of(queries: Sequence[Query]) -> Query:
    """Match what any of ``queries`` does."""
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def all_of(queries: Sequence[Query]) -> Query:
    """Match what all of ``queries`` do."""
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def plain_text(text: str) -> str:
    """One line of legal characters in their compatibility form: full-width letters, ligatures and superscripts are plain."""
    return unicodedata.normalize("NFKC", clean_text(text).replace(_SOFT_HYPHEN, ""))


def cut(text: str) -> list[Token]:
    """Return the words of plain text."""
    return list(zip(FOLDED.analyze(text), STEMMED.analyze(text), strict=True))


def tolerance(word: str) -> int:
    """Return how many typing errors are forgiven in a word."""
    if not word.isalpha() or len(word) > _MAX_MISTYPED:
        return 0
    return next((typos for letters, typos in _TYPOS if len(word) >= letters), 0)
