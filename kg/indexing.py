"""The search index of a release, built once from plain documents; kg/search.py reads it.

    folder ``search/``: one Tantivy index in one segment, its documents in ascending order of id

One segment makes facet counts exact; the order of the documents makes equal ranks come out in order of id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import tantivy

from kg.errors import DataError
from kg.facets import FACETS, facet_field
from kg.words import FOLDED, STEMMED, analyse, id_key, indexable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

#: Past this much memory, the writer would begin a second segment. A million papers need about 1 GB, a few hundred none.
_WRITER_BYTES = 4_000_000_000
#: Tantivy leaves out a longer term without a word.
_MAX_TERM_BYTES = 65_000
#: Titles are sorted by so many of their first characters.
_TITLE_KEY = 1000


@dataclass(frozen=True, slots=True)
class Document:
    """A paper as it is searched. ``facets`` maps a key of FACETS to value ids, with their ancestors where there are any.

    ``ids`` are further spellings and ids that find the paper; ``id`` always does.
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


def build_index(path: Path, documents: Iterable[Document]) -> None:
    """Write the index of ``documents`` into the folder ``path``. They come in ascending order of id.

    Raises:
        DataError: a text that cannot be indexed as it stands, or more papers than one segment holds.
        ValueError: the documents are not in order, or have a facet that is not in FACETS.
    """
    path.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(_schema(), path=str(path), reuse=False)
    index.register_tokenizer("folded", FOLDED)
    index.register_tokenizer("stemmed", STEMMED)
    writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
    previous = None
    for document in documents:
        if previous is not None and document.id <= previous:
            raise ValueError(f"{document.id!r} follows {previous!r}: documents come in ascending order of id")
        writer.add_document(_indexed(document))
        previous = document.id
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    if index.searcher().num_segments > 1:
        raise DataError(f"{path}: too many papers for exact counts (more than {_WRITER_BYTES} bytes of index at once)")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("ids", tokenizer_name="raw")
    builder.add_text_field("title", tokenizer_name="folded")
    builder.add_text_field("words", tokenizer_name="folded")
    builder.add_text_field("stems", tokenizer_name="stemmed")
    builder.add_text_field("title_key", fast=True, tokenizer_name="raw")
    builder.add_unsigned_field("day", fast=True)
    for facet in FACETS:
        builder.add_text_field(facet_field(facet), fast=True, tokenizer_name="raw")
    return builder.build()


def _indexed(document: Document) -> tantivy.Document:
    entry = tantivy.Document()
    entry.add_text("id", _term(document, document.id))
    for key in {id_key(text) for text in (document.id, *document.ids, *document.method_names)}:
        entry.add_text("ids", key)
    heading = indexable((document.title, *document.method_names))
    other = indexable((*document.other_titles, *document.models))
    names = indexable((*document.authors, document.id, *document.ids))
    for name, texts in (("title", (heading,)), ("stems", (heading, other)), ("words", (heading, other, names))):
        for text in texts:
            entry.add_text(name, text)
    entry.add_text("title_key", " ".join(analyse(document.title))[:_TITLE_KEY])
    if document.issued is not None:
        entry.add_unsigned("day", int(f"{document.issued:%Y%m%d}"))
    elif document.year is not None:
        entry.add_unsigned("day", document.year * 10_000)
    for facet, values in document.facets.items():
        if facet not in FACETS:
            raise ValueError(f"{document.id}: {facet!r} is not in FACETS")
        for value in dict.fromkeys(values):  # a value is counted as often as it stands in a paper
            entry.add_text(facet_field(facet), _term(document, value))
    return entry


def _term(document: Document, value: str) -> str:
    """Return ``value`` if the index can hold it as a whole."""
    try:
        if len(value.encode()) <= _MAX_TERM_BYTES:
            return value
    except UnicodeEncodeError as error:
        raise DataError(f"paper {document.id!r}: {value[:100]!r} is not Unicode text: correct the source") from error
    raise DataError(f"paper {document.id!r}: {value[:100]!r}… is too long to search by: correct the source")
