"""Markdown → the headings, tables and links that the Markdown readers look at, each with its line.

GitHub's Markdown: tables, struck-out text and raw HTML. ``<h2>``, ``<a href>``, ``<br>``, ``<sub>`` and
``<details><summary>`` count as what they look like to a reader of the page; comments and code do not count.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from kg.errors import DataError
from kg.identifiers import MAX_ADDRESS, clean_text
from kg.sources.hypertext import Scanner
from kg.sources.page import Document, Heading, Passage, Prose, Row, Table, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from kg.sources.page import Event

#: Twenty times the largest list so far. A parser of hostile Markdown needs some ten seconds for this much.
MAX_CHARACTERS = 2_000_000

#: The longest cell, heading or paragraph that is looked into.
MAX_PASSAGE = 20_000

#: The widest table whose rows are looked for below it.
MAX_COLUMNS = 50

_CELL_BORDER = re.compile(r"(?<!\\)\|")

#: What a border cannot stand in the middle of: code, formulas, links and small notes.
_NO_BORDERS = re.compile(r"`[^`]+`|\$[^$]+\$|\[[^\[\]]*\]\([^()\s]*\)|<sub>[^<]*</sub>|<a\s[^<]*</a>", re.IGNORECASE)


def parse(text: str, file: str) -> Document:
    """Read a page. More than MAX_CHARACTERS are a DataError."""
    if len(text) > MAX_CHARACTERS:
        msg = f"{file}: is {len(text)} characters long; a Markdown page of more than {MAX_CHARACTERS} is not read"
        raise DataError(msg)
    return _Walk(text).document


class _Parser(MarkdownIt):
    """Takes every address as it is written, for clean_address to judge: what Markdown refuses looks like mere text."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 (markdown-it's name)
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802 (markdown-it's name)
        return url


def _parser() -> MarkdownIt:
    return _Parser("commonmark").enable(["table", "strikethrough"])


#: Finds the blocks of a page; what stands in them is read piece by piece, so that no piece can be too long.
_BLOCKS = _parser().disable("inline")
_INLINE = _parser()


class _Walk:
    """One walk through a page: first its events in order, then where each of them stands."""

    def __init__(self, text: str) -> None:
        env: dict[str, Any] = {}
        tokens = _BLOCKS.parse(text, env)
        self.env = {"references": _short_references(env)}
        self.document = Document(re.split(r"\r\n?|\n", text))
        self.events: list[Event] = []
        self._read(tokens)
        self.document.blocks = list(placed(self.events))

    def _read(self, tokens: list[Token]) -> None:
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "table_open":
                end = next(i for i in range(index, len(tokens)) if tokens[i].type == "table_close")
                self._read_table(tokens[index:end])
                index = end
            elif token.type == "heading_open" and token.level == 0:
                self._read_heading(tokens[index + 1], int(token.tag[1]))
                index += 1
            elif token.type == "inline" and not self._read_detached_rows(token):
                self._scan(token.content, _line(token), markdown=True)
            elif token.type == "html_block":
                self._scan(token.content, _line(token), markdown=False)
            index += 1

    def _scan(self, source: str, line: int, *, markdown: bool) -> None:
        """Read a paragraph or a block of HTML: its links, and the headings and folds in it."""
        scanner = self._scanner(source, line, self.events, markdown=markdown)
        if scanner and (scanner.links or scanner.passage.text.strip()):
            self.events.append(Prose(tuple(scanner.links), line, ()))

    def _scanner(self, source: str, line: int, events: list[Event], *, markdown: bool) -> Scanner | None:
        if len(source) > MAX_PASSAGE:
            self.document.skipped.append(line)
            return None
        return Scanner(_INLINE.renderInline(source, self.env) if markdown else source, line, events)

    def _passage(self, source: str, line: int) -> Passage:
        scanner = self._scanner(source, line, [], markdown=True)
        return scanner.passage if scanner else Passage()

    def _read_heading(self, inline: Token, level: int) -> None:
        passage = self._passage(inline.content, _line(inline))
        self.events.append(Heading(clean_text(passage.text), level, _line(inline)))
        if passage.links:
            self.events.append(Prose(passage.links, _line(inline), ()))

    def _read_table(self, tokens: list[Token]) -> None:
        body = next((index for index, token in enumerate(tokens) if token.type == "tbody_open"), len(tokens))
        columns = tuple(clean_text(cell.text) for cell in self._rows(tokens[:body], 0)[0].cells)
        self.events.append(Table(columns, tuple(self._rows(tokens[body:], 0)), _line(tokens[0]), ()))

    def _rows(self, tokens: Sequence[Token], offset: int) -> list[Row]:
        """Read the rows among ``tokens``, which count their lines from ``offset``."""
        rows = []
        starts = [index for index, token in enumerate(tokens) if token.type == "tr_open"]
        for start, end in pairwise([*starts, len(tokens)]):
            line = _line(tokens[start]) + offset
            sources = [token.content for token in tokens[start:end] if token.type == "inline"]
            source = self.document.lines[line - 1]
            cells = _cells(source)
            surplus = len(cells) - len(sources)
            mended = _cells(_with_text_escaped(source)) if surplus > 0 else []
            is_mended = len(mended) == len(sources)
            if is_mended:
                sources, surplus = [cell.replace("\\|", "|").strip() for cell in mended], 0
            passages = tuple(self._passage(source, line) for source in sources)
            rows.append(Row(passages, line, source, surplus, mended=is_mended))
        return rows

    def _read_detached_rows(self, paragraph: Token) -> bool:
        """Take a paragraph that looks like rows, right below a table, as rows of it; tell whether it does."""
        table = self.events[-1] if self.events else None
        lines = paragraph.content.split("\n")
        if not isinstance(table, Table) or not all(line.lstrip().startswith("|") for line in lines):
            return False
        columns = len(table.header)
        if columns > MAX_COLUMNS:
            return False
        tokens = _BLOCKS.parse("\n".join(("|" + " |" * columns, "|" + "-|" * columns, *lines)), {})
        start = next((index for index, token in enumerate(tokens) if token.type == "tbody_open"), len(tokens))
        rows = tuple(replace(row, detached=True) for row in self._rows(tokens[start:], _line(paragraph) - 3))
        self.events.append(replace(table, rows=rows, line=_line(paragraph)))
        return True


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _cells(source: str) -> list[str]:
    """Cut a row as GitHub does: each pipe without a backslash is a border, also in code and formulas."""
    cells = _CELL_BORDER.split(source.lstrip("> \t").rstrip())
    return cells[not cells[0] : len(cells) - (len(cells) > 1 and not cells[-1])]


def _with_text_escaped(source: str) -> str:
    """Return a row with its pipes escaped that stand within code, a formula, a link or a note."""
    return _NO_BORDERS.sub(lambda text: _CELL_BORDER.sub(r"\\|", text[0]), source)


def _short_references(env: dict[str, Any]) -> dict[str, Any]:
    """Return the page's link definitions, without those so long that repeating them would fill the memory."""
    return {
        label: {**reference, "title": ""}
        for label, reference in env.get("references", {}).items()
        if len(reference["href"]) <= MAX_ADDRESS
    }
