"""Words as the search index knows them: one way to cut and fold text, for papers and for questions alike.

A paper's text stands in four fields: ``title`` (its title and the names of its methods), ``words`` (all of its text),
``stems`` (the same without authors and ids, by English word stem) and ``ids`` (each id and method's name as a whole). A
question is never given to a query parser: it is cut into words, and a query is built of them.
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
_COMPOUND = re.compile(r"[^\W_]+(?:(?:[^\w\s]|_)+[^\W_]+)+")
_NOT_IN_WORDS = re.compile(r"[\W_]+")
_SOFT_HYPHEN = "\u00ad"
_AROUND_IDS = "()[]{}<>.,;\"'"

#: A word as folded, and its stem.
_Token = tuple[str, str]

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


def indexable(texts: Iterable[str]) -> str:
    """Return ``texts`` as one, ready for the index: every compound is there a second time as one word (onpolicy)."""
    plain = _plain("\n".join(texts))
    return " ".join((plain, *(_NOT_IN_WORDS.sub("", compound) for compound in _COMPOUND.findall(plain))))


def id_key(text: str) -> str:
    """Return the only spelling that an id or a name is indexed in: an arXiv id's canonical one, else lower case."""
    return parse_arxiv_id(text) or clean_text(text).casefold()


def text_query(schema: Schema, text: str, *, forgiving: bool = False) -> Query | None:
    """Return the query for a question, or None if it is blank. A question without any letter or digit finds nothing.

    Every word must be somewhere in a paper, the last one at least as the beginning of a word; an id in any spelling finds
    its paper. ``forgiving`` lets words of four letters and more differ by one letter, of eight and more by two.
    """
    plain = _plain(text)
    if not plain:
        return None
    question = _Question(schema, forgiving)
    required: list[Query] = []
    left = MAX_WORDS
    chunks = [chunk for chunk in plain.split() if FOLDED.analyze(chunk)]
    for chunk in chunks:
        tokens = _tokens(chunk)[:left]
        if not tokens:
            break
        required.append(question.chunk(chunk, tokens, last=len(required) == len(chunks) - 1))
        left -= len(tokens)
    if not required:
        return Query.empty_query()
    return any_of([question.term("ids", id_key(plain)), all_of(required)])


def similar_query(schema: Schema, text: str) -> Query:
    """Return the query for what may be a title, mistyped, cut short or in another order: any of its words may be missing."""
    question = _Question(schema, forgiving=True)
    tokens = _tokens(_plain(text))[:MAX_WORDS]
    words = [question.word(token, beginning=place == len(tokens)) for place, token in enumerate(tokens, start=1)]
    return any_of([question.term("ids", id_key(text)), *words]) if words else Query.empty_query()


class _Question:
    """Builds the parts of a text query, from the whole down to the word."""

    def __init__(self, schema: Schema, forgiving: bool) -> None:  # noqa: FBT001 -- private, and called in one place
        self._schema = schema
        self._forgiving = forgiving

    def chunk(self, chunk: str, tokens: Sequence[_Token], *, last: bool) -> Query:
        """What stands between two spaces: an id, a word, or a compound, which may be written in one or with spaces."""
        ways = [self.term("ids", id_key(chunk.strip(_AROUND_IDS)))]
        if len(tokens) == 1:
            return any_of([*ways, self.word(tokens[0], beginning=last)])
        folded, stems = zip(*tokens, strict=True)
        phrase = Query.phrase_query(self._schema, "stems", list(stems))
        ways.append(Query.boost_query(phrase, _WEIGHTS["stems"]))
        ways += [self.word(token, beginning=last) for token in _tokens("".join(folded))]
        if self._forgiving:
            ways.append(all_of([self.word(token, beginning=False) for token in tokens]))
        return any_of(ways)

    def word(self, token: _Token, *, beginning: bool) -> Query:
        folded, stem = token
        ways = [self.term("title", folded), self.term("stems", stem), self.term("words", folded)]
        if beginning:
            ways += [self._similar(field, folded, 0, beginning=True) for field in ("title", "words")]
        if self._forgiving and (typos := _tolerance(folded)):
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


def _plain(text: str) -> str:
    """One line of legal characters in their compatibility form: full-width letters, ligatures and superscripts are plain."""
    return unicodedata.normalize("NFKC", clean_text(text).replace(_SOFT_HYPHEN, ""))


def _tokens(text: str) -> list[_Token]:
    return list(zip(FOLDED.analyze(text), STEMMED.analyze(text), strict=True))


def _tolerance(word: str) -> int:
    if not word.isalpha() or len(word) > _MAX_MISTYPED:
        return 0
    return next((typos for letters, typos in _TYPOS if len(word) >= letters), 0)
