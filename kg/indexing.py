"""Writes the search index of a release, from plain documents. ``kg/search.py`` reads it.

    folder ``search/``: one Tantivy index in one segment, its documents in ascending order of id

One segment makes facet counts exact; the order of the documents makes equal ranks come out in order of id.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import tantivy

from kg.errors import DataError
from kg.facet_columns import MAX_TERM_BYTES, Layout
from kg.facets import FACETS, facet_field
from kg.words import FOLDED, STEMMED, analyse, id_key, indexable

#: Past this much memory, the writer would begin a second segment. A million papers need about 1 GB, a few hundred none.
_WRITER_BYTES = 4_000_000_000
#: Titles are sorted by so many of their first characters.
_TITLE_KEY = 1000
#: Later than any day.
_LAST_DAY = 10**9


@dataclass(frozen=True, slots=True)
class Document:
    """A paper as it is searched. ``facets`` maps a key of FACETS to value ids, with their ancestors where there are any.

    ``ids`` are further spellings and ids that find the paper; ``id`` always does. ``card`` is given back as it is.
    """

    id: str
    title: str
    other_titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    method_names: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    issued: date | None = None
    year: int | None = None
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    card: bytes = b""


class Sort(StrEnum):
    """The order of a page. Equal ranks come in order of id."""

    RELEVANCE = "relevance"  #: best match first; without a question, the newest first
    NEWEST = "newest"  #: a paper of which only the year is known counts as older than the dated ones of that year
    OLDEST = "oldest"  #: here too, papers without any date come last
    TITLE = "title"  #: by words: case, accents and punctuation do not count


#: The orders in which each paper has its place among all.
PLACED = (Sort.NEWEST, Sort.OLDEST, Sort.TITLE)


def place_field(sort: Sort) -> str:
    """Return the name of the field with the papers' places in an order of PLACED."""
    return f"place_{sort}"


def build_index(path: Path, documents: Iterable[Document]) -> None:
    """Write the index of ``documents`` into the folder ``path``. They come in ascending order of id, and are read twice.

    Raises:
        DataError: a text that cannot be indexed as it stands, or more papers than one segment holds.
        ValueError: the documents are not in order, or have a facet that is not in FACETS.
    """
    if isinstance(documents, Iterator):
        documents = tuple(documents)
    path.mkdir(parents=True, exist_ok=True)
    survey = _Survey(documents)
    index = tantivy.Index(survey.schema(), path=str(path), reuse=False)
    index.register_tokenizer("folded", FOLDED)
    index.register_tokenizer("stemmed", STEMMED)
    writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
    for number, document in enumerate(documents):
        writer.add_document(survey.indexed(number, document))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    if index.searcher().num_segments > 1:
        raise DataError(f"{path}: too many papers for exact counts (more than {_WRITER_BYTES} bytes of index at once)")


class _Survey:
    """What has to be known of all papers before the first is written: the columns that they need, and their orders."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._layout = Layout()
        days: list[int | None] = []
        titles: list[str] = []
        previous = None
        for document in documents:
            if previous is not None and document.id <= previous:
                raise ValueError(f"{document.id!r} follows {previous!r}: documents come in ascending order of id")
            previous = document.id
            unknown = document.facets.keys() - FACETS
            if unknown:
                raise ValueError(f"{document.id}: {min(unknown)!r} is not in FACETS")
            self._layout.note(document.facets)
            days.append(_day(document))
            titles.append(" ".join(analyse(document.title))[:_TITLE_KEY])
        self._places = {
            Sort.NEWEST: _places(len(days), lambda number: -(days[number] or 0)),
            Sort.OLDEST: _places(len(days), lambda number: days[number] or _LAST_DAY),
            Sort.TITLE: _places(len(days), titles.__getitem__),
        }

    def schema(self) -> tantivy.Schema:
        """Return the fields of the index."""
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_bytes_field("card", stored=True)
        builder.add_text_field("ids", tokenizer_name="raw")
        builder.add_text_field("title", tokenizer_name="folded")
        builder.add_text_field("words", tokenizer_name="folded")
        builder.add_text_field("stems", tokenizer_name="stemmed")
        for sort in PLACED:
            builder.add_unsigned_field(place_field(sort), fast=True)
        for facet in FACETS:
            builder.add_text_field(facet_field(facet), tokenizer_name="raw", index_option="basic")
        self._layout.add_fields(builder)
        return builder.build()

    def indexed(self, number: int, document: Document) -> tantivy.Document:
        """Return the entry of a document, which is the next after ``number`` others."""
        entry = tantivy.Document()
        entry.add_text("id", _term(document, document.id))
        entry.add_bytes("card", document.card)
        for key in {id_key(text) for text in (document.id, *document.ids, *document.method_names)}:
            entry.add_text("ids", key)
        heading = indexable((document.title, *document.method_names))
        other = indexable((*document.other_titles, *document.models))
        names = indexable((*document.authors, document.id, *document.ids))
        for name, texts in (("title", (heading,)), ("stems", (heading, other)), ("words", (heading, other, names))):
            for text in texts:
                entry.add_text(name, text)
        for sort, places in self._places.items():
            entry.add_unsigned(place_field(sort), places[number])
        for facet, values in document.facets.items():
            for value in values:
                entry.add_text(facet_field(facet), _term(document, value))
        self._layout.enter(document.facets, entry)
        return entry


def _day(document: Document) -> int | None:
    """The day as a number. A paper of which only the year is known is older than the dated ones of that year."""
    if document.issued is not None:
        return int(f"{document.issued:%Y%m%d}")
    return None if document.year is None else document.year * 10_000


def _places(count: int, key: Callable[[int], Any]) -> array[int]:
    """Return the place of each document, by number, when they are sorted by the key, equal ones by number."""
    places = array("L", bytes(array("L").itemsize * count))
    for place, number in enumerate(sorted(range(count), key=key)):
        places[number] = place
    return places


def _term(document: Document, value: str) -> str:
    """Return ``value`` if the index can hold it as a whole."""
    try:
        if len(value.encode()) <= MAX_TERM_BYTES:
            return value
    except UnicodeEncodeError as error:
        raise DataError(f"paper {document.id!r}: {value[:100]!r} is not Unicode text: correct the source") from error
    raise DataError(f"paper {document.id!r}: {value[:100]!r}… is too long to search by: correct the source")
