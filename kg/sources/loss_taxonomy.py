"""The loss-taxonomy page: one table of papers per loss class, below a heading such as ``RKL (43)``.

The class and the auditor's confidence are facts and are read; the evidence is prose and is not. Titles that end in dots are cut.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.identifiers import clean_text, parse_arxiv_id
from kg.records import Entry, Statement
from kg.sources.headings import plain
from kg.sources.mentions import account_for_all, mention
from kg.sources.page import Prose
from kg.sources.reading import CONFIDENCES, MAX_TITLE

if TYPE_CHECKING:
    from kg.sources.page import Document, Row, Table
    from kg.sources.reading import Reading

#: How the headers of the columns begin that are read.
COLUMNS = ("arxiv", "title", "conf")

_HEADING = re.compile(r"(?P<code>.*?)\s*\((?P<count>[0-9]{1,6})\)")
_CUT = ("...", "…")

#: What stands in the place of the arXiv id of a paper that had none: deepseekv4.
_UPSTREAM_ID = re.compile(r"[A-Za-z][A-Za-z0-9._-]{2,99}")


class LossTaxonomy:
    """The tables of a page that hold the papers of one loss class each."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.class_tables = {table.line: table for table in document.tables if table.place and _columns(table)}

    def read(self, reading: Reading) -> None:
        """Read all of it."""
        for block in self.document.blocks:
            if isinstance(block, Prose):
                for link in block.links:
                    mention(link, link.text, block.place, reading)
            elif block.line in self.class_tables:
                self._read_class(block, reading)
            else:
                for link in (link for row in block.rows for cell in row.cells for link in cell.links):
                    mention(link, link.text, block.place, reading)
        account_for_all(self.document, reading)

    def _read_class(self, table: Table, reading: Reading) -> None:
        heading = table.place[-1]
        found = _HEADING.fullmatch(plain(heading.text))
        code = found["code"] if found else plain(heading.text)
        if found and int(found["count"]) != len(table.rows):
            reason = f"the heading counts {found['count']} papers, the table on line {table.line} has {len(table.rows)}"
            reading.warn(heading.line, code, reason)
        for row in table.rows:
            entry = _read_row(row, _columns(table), code, reading)
            if entry:
                _report_other_classes(entry, reading)
                reading.add(entry)


def _columns(table: Table) -> dict[str, int]:
    """Return the columns arxiv, title and conf, or nothing if the table does not have all of them."""
    header = [name.casefold() for name in table.header]
    found = {key: at for key in COLUMNS for at, name in enumerate(header) if name.startswith(key)}
    return found if len(found) == len(COLUMNS) else {}


def _read_row(row: Row, columns: dict[str, int], code: str, reading: Reading) -> Entry | None:
    cell = row.cells[columns["arxiv"]]
    arxiv_id = next(filter(None, map(parse_arxiv_id, [*(link.target for link in cell.links), cell.text])), None)
    title = clean_text(row.cells[columns["title"]].text)
    confidence = clean_text(row.cells[columns["conf"]].text).casefold()
    if row.surplus > 0 and confidence not in CONFIDENCES:
        reading.quarantine(
            row.line, "", "has too many cells, write a pipe that is no border as \\|: left out", row.source
        )
        return None
    upstream_id = clean_text(cell.text)
    if arxiv_id is None and not _UPSTREAM_ID.fullmatch(upstream_id):
        reading.quarantine(row.line, "arXiv", "no arXiv id and no upstream id: the row is left out", row.source)
        return None
    if not title or len(title) > MAX_TITLE:
        reading.warn(row.line, "title", f"is {len(title)} characters long: left out", title)
        title = ""
    if confidence not in CONFIDENCES:
        reading.warn(row.line, "conf", f"{confidence!r} is not {', '.join(CONFIDENCES)}: left out", row.source)
    is_cut = title.endswith(_CUT)
    return Entry(
        file=reading.file,
        line=row.line,
        titles=(title,) if title and not is_cut else (),
        short_titles=(title,) if is_cut else (),
        arxiv_id=arxiv_id,
        upstream_id=None if arxiv_id else upstream_id,
        statements=(Statement("loss", code, confidence if confidence in CONFIDENCES else None),),
    )


def _report_other_classes(entry: Entry, reading: Reading) -> None:
    known = reading.known(entry)
    if known:
        codes = ", ".join(statement.code for statement in known.statements)
        reading.warn(
            entry.line,
            "loss",
            f"{entry.arxiv_id or entry.upstream_id} stands under {codes} too, on line {known.line}: both are kept",
        )
