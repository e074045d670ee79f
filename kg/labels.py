"""An index of what few things are called, in memory: it finds a name that is mistyped, and names that begin with something.

Papers have the release's own index on disk (kg/search.py); names, concepts and models are looked up here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import tantivy

from kg.similarity import plain, wording
from kg.words import FOLDED, MAX_WORDS, all_of, analyse, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.entities import Entity, Kind

#: The memory that building may take; the least that the writer works with is 15 MB.
_WRITER_BYTES = 50_000_000
#: So many pieces of a text are looked for: more are no name.
_MAX_PIECES = 200


class Labels:
    """The names of ``entities``, whose order is the order of equal finds."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("words", tokenizer_name="folded", index_option="freq")
        builder.add_text_field("letters", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("pieces", tokenizer_name="pieces", index_option="freq")
        self._schema = builder.build()
        index = tantivy.Index(self._schema)
        index.register_tokenizer("folded", FOLDED)
        index.register_tokenizer("pieces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for entity in entities:
            entry = tantivy.Document()
            entry.add_text("id", entity.id)
            entry.add_text("kind", entity.kind.value)
            entry.add_text("words", plain(" ".join(entity.names)))
            for name in entity.names:
                entry.add_text("letters", wording(name).letters)
            entry.add_text("pieces", " ".join({piece for name in entity.names for piece in wording(name).pieces}))
            writer.add_document(entry)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def similar(self, text: str, kinds: Sequence[Kind], limit: int) -> list[str]:
        """Return the ids of things whose names share most with ``text``, the most first."""
        pieces = sorted(wording(text).pieces)[:_MAX_PIECES]
        wanted = any_of([self._term("pieces", piece) for piece in pieces])
        return self._page(wanted, kinds, 0, limit)[1] if pieces else []

    def beginning(self, text: str, kinds: Sequence[Kind], offset: int, limit: int) -> tuple[int, list[str]]:
        """Return how many things have the words of ``text`` in a name, the last one as a beginning, and a page of ids.

        First comes what is called so, then what is called so at its beginning.
        """
        words = analyse(plain(text))[:MAX_WORDS]
        if not words:
            return 0, []
        letters = "".join(words)
        ways = [
            _worth(2, self._term("letters", letters)),
            _worth(1, self._beginning("letters", letters)),
            _worth(
                0, all_of([*(self._term("words", word) for word in words[:-1]), self._beginning("words", words[-1])])
            ),
        ]
        return self._page(any_of(ways), kinds, offset, limit)

    def _page(self, wanted: tantivy.Query, kinds: Sequence[Kind], offset: int, limit: int) -> tuple[int, list[str]]:
        passing = any_of([self._term("kind", kind.value) for kind in kinds])
        query = all_of([wanted, _worth(0, passing)])
        found = self._searcher.search(query, limit=max(limit, 1), offset=offset)
        total = int(found.count)  # type: ignore[attr-defined]  # its stub forgets this attribute
        return total, [self._searcher.doc(address)["id"][0] for _, address in found.hits[:limit]]

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value)

    def _beginning(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.fuzzy_term_query(self._schema, field, value, distance=0, prefix=True)


def _worth(score: float, query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, score)
