"""The README of the Awesome list: papers by chapter of the survey, in tables whose layout changes from version to version.

A chapter table has a column of papers and stands under a chapter's heading. What stands elsewhere (recently added, must-reads,
pending, excluded, surveys, posts, prose) and what points to chapters only mentions papers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.identifiers import parse_arxiv_id
from kg.sources.columns import columns_of
from kg.sources.headings import Outline, chapter_of, is_aside, plain, title_of
from kg.sources.mentions import account_for_all, mention
from kg.sources.page import Prose
from kg.sources.rows import read_row

if TYPE_CHECKING:
    from kg.sources.page import Document, Heading, Table
    from kg.sources.reading import Reading

#: Columns whose links are mentions wherever they lead: a post or a paper need not be on arXiv.
_READINGS = {"post", "posts", "blog", "essay", "survey", "surveys"}


class AwesomeList:
    """The tables of a page, sorted into those that list the papers of a chapter and those that mention papers."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._columns = {table.line: columns_of(table) for table in document.tables}
        candidates = [
            table
            for table in document.tables
            if self._columns[table.line].lists_papers and any(plain(heading.text) for heading in table.place)
        ]
        chapter_tables = [table for table in candidates if not _is_beside(table.place)]
        title = title_of(table.place for table in chapter_tables)
        if not chapter_tables:  # the page's own title may sound like one of a must-read list
            below_first = [table for table in candidates if not _is_beside(table.place[1:])]
            title = title_of(table.place for table in below_first)
            chapter_tables = below_first if title else []
        self.chapter_tables = {table.line: table for table in chapter_tables}
        self.outline = Outline(title, [table.place for table in self.chapter_tables.values()])

    def read(self, reading: Reading) -> None:
        """Read all of it."""
        reading.chapters += self.outline.contents()
        for block in self.document.blocks:
            if isinstance(block, Prose):
                for link in block.links:
                    mention(link, link.text, block.place, reading)
            elif block.line in self.chapter_tables:
                self._read_chapter(block, reading)
            else:
                self._read_aside(block, reading)
        account_for_all(self.document, reading)

    def _read_chapter(self, table: Table, reading: Reading) -> None:
        columns, path = self._columns[table.line], self.outline.path(table.place)
        for row in table.rows:
            if not any(cell.text.strip() or cell.links for cell in row.cells):
                continue
            entry = read_row(row, columns, path, reading)
            if entry:
                reading.add(entry)
            for link in (link for cell in row.cells for link in cell.links):
                if not entry or parse_arxiv_id(link.target) != entry.arxiv_id:
                    mention(link, link.text, table.place, reading)

    def _read_aside(self, table: Table, reading: Reading) -> None:
        columns = self._columns[table.line]
        if columns.paper is not None and not _is_beside(table.place) and _is_in_chapter(table.place):
            reason = f"stands in a chapter, but with columns for something else ({', '.join(columns.headers)}): it lists no paper"
            reading.warn(table.line, "table", reason)
        about_readings = columns.paper is not None or table.header[columns.subject].casefold() in _READINGS
        for row in table.rows:
            subject = row.cells[columns.subject]
            for link in (link for cell in row.cells for link in cell.links):
                title = subject.text if parse_arxiv_id(link.text) else link.text
                names_reading = about_readings and subject.links[:1] == (link,)
                mention(link, title, table.place, reading, names_reading=names_reading)


def _is_in_chapter(place: tuple[Heading, ...]) -> bool:
    return any(chapter_of(heading.text).notation for heading in place)


def _is_beside(place: tuple[Heading, ...]) -> bool:
    return any(is_aside(heading.text) for heading in place)
