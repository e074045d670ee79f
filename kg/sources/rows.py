"""One row of a chapter table → what it says of its paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.identifiers import clean_address, clean_text, parse_arxiv_id
from kg.records import ChapterPath, Direction, Entry, Mark, Resource
from kg.setups import read_setups
from kg.sources.columns import Columns, Role
from kg.sources.headings import plain
from kg.sources.reading import MAX_NAME, MAX_STATEMENT, MAX_TITLE, is_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.sources.page import Link, Passage, Row
    from kg.sources.reading import Reading

MARKS = {"🟢": Mark.IN_SURVEY, "🟡": Mark.PENDING}

#: Stands before the teacher → student text in a note below the title.
MODELS_MARK = "📐"

#: Texts of links that lead to the paper itself but are not its title.
_PAPER_LABELS = {"arxiv", "paper", "pdf", "abs", "abstract", "html", "link", "doi", "preprint", "url", "openreview"}

#: Texts of links that are no titles.
_LABELS = _PAPER_LABELS | {"code", "github", "repo", "repository", "project", "project page", "page", "website"}
_LABELS |= {"homepage", "model", "models", "weights", "checkpoints", "demo", "data", "dataset", "blog", "slides"}
_LABELS |= {"video", "huggingface", "hugging face", "hf"}

#: Texts of links and headers of their columns that do not say what is behind the link.
_SAYS_NOTHING = {"", "link", "links", "url", "here", "resource", "resources"}

#: How a cell says that there is nothing to say.
_NOTHING = {"", "-", "\u2013", "\u2014", "n/a", "na", "tbd", "tba", "none", "?", "/"}

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)", re.ASCII)
_ADDRESS = re.compile(r"https?://\S+")


def read_row(row: Row, columns: Columns, path: ChapterPath, reading: Reading) -> Entry | None:
    """Read a row. One without title, or without a link that can name the paper, is quarantined: None."""
    return _RowReader(row, columns, reading).read(path)


class _RowReader:
    """Reads one row.

    If a row has more cells than the table has columns, some pipe in it is not meant as a border: what stands in which column
    is then unknown, and nothing but title, mark and the link to the paper is taken from it.
    """

    def __init__(self, row: Row, columns: Columns, reading: Reading) -> None:
        self.row = row
        self.columns = columns
        self.reading = reading
        self.cell = row.cells[columns.paper or 0]
        self.is_whole = row.surplus <= 0
        self.title_link = self._find_title_link()
        self.own_links = self._find_own_links()

    def read(self, path: ChapterPath) -> Entry | None:
        self._check_shape()
        targets = [link.target for link in self.own_links]
        arxiv_id = next(filter(None, map(parse_arxiv_id, [*targets, *self._texts(Role.LINKS)])), None)
        address = None if arxiv_id else next(filter(None, map(clean_address, targets)), None)
        title = self._title()
        if not title or len(title) > MAX_TITLE:
            reason = f"the title is {len(title)} characters long" if title else "no title"
            self._quarantine(f"{reason}: the row is left out")
            return None
        if not arxiv_id and not address:
            reason = f"{targets[0]!r} is no http(s) address" if targets else "no link to the paper"
            self._quarantine(f"{reason}: the row is left out")
            return None
        return Entry(
            file=self.reading.file,
            line=self.row.line,
            titles=(title,),
            arxiv_id=arxiv_id,
            address=address,
            issued=self._issued(),
            years=self._years(),
            chapters=(path,),
            mark=self._mark(),
            resources=tuple(dict.fromkeys(self._resources(address))),
            models=tuple(self._models()),
            models_direction=self._models_direction(),
            method_names=tuple(self._short_texts(Role.NAME, "method name")),
            venues=tuple(text for text in self._short_texts(Role.VENUE, "venue") if not _YEAR.fullmatch(text)),
        )

    # ------------------------------------------------------------ the paper

    def _find_title_link(self) -> Link | None:
        named = [link for link in self.cell.links if link.text and not _has_label(link, _LABELS)]
        return next((link for link in named if not link.target.startswith("#")), named[0] if named else None)

    def _find_own_links(self) -> list[Link]:
        """Return the links that lead to the paper itself, the title's first."""
        titles = [self.title_link] if self.title_link else []
        beside = [*self.cell.links, *self._links(Role.LINKS)]
        return titles + [link for link in beside if _has_label(link, _PAPER_LABELS)]

    def _title(self) -> str:
        """Return the text of the title's link, or where only labels are links, the first line beside them."""
        if self.title_link:
            return _trimmed(self.title_link.text)
        lines = (clean_text(_ADDRESS.sub("", line)) for line in self.cell.outside.split("\n"))
        return next(filter(None, (_trimmed(line).strip("[]()|,;:· ") for line in lines)), "")

    def _mark(self) -> Mark | None:
        marks = [MARKS[character] for character in self.cell.text if character in MARKS]
        marks += [MARKS[text] for text in (cell.text.strip() for cell in self.row.cells) if text in MARKS]
        if len(set(marks)) > 1:
            self._warn("mark", "more than one mark: the first counts")
        return marks[0] if marks else None

    # ------------------------------------------------------------ the other columns

    def _cells(self, role: Role) -> list[Passage]:
        return [self.row.cells[index] for index in self.columns.of(role)] if self.is_whole else []

    def _links(self, role: Role) -> list[Link]:
        return [link for cell in self._cells(role) for link in cell.links]

    def _texts(self, role: Role) -> list[str]:
        texts = (clean_text(cell.text) for cell in self._cells(role))
        return [text for text in texts if text.casefold() not in _NOTHING]

    def _short_texts(self, role: Role, what: str) -> Iterator[str]:
        for text in self._texts(role):
            if len(text) <= MAX_NAME:
                yield text
            else:
                self._warn(what, f"is {len(text)} characters long: left out", text)

    def _years(self) -> tuple[int, ...]:
        found: list[int] = []
        for text in self._texts(Role.DATE):
            years = [int(year) for year in _YEAR.findall(text)]
            found += years
            if not years:
                self._warn("date", "holds no year: left out", text)
        return tuple(dict.fromkeys(found))

    def _issued(self) -> str | None:
        """Return the date if it is more than a year."""
        dates = [text for text in self._texts(Role.DATE) if len(text) > len("2026") and is_date(text)]
        return dates[0] if dates else None

    def _models(self) -> Iterator[str]:
        notes = [line.partition(MODELS_MARK)[2] for line in self.cell.text.split("\n") if self.is_whole]
        cells = [cell.outside.replace(MODELS_MARK, "") for cell in self._cells(Role.MODELS)]
        notes += [" → ".join(cells)] if self._has_a_column_for_each_side() and all(map(str.strip, cells)) else cells
        for text in map(clean_text, notes):
            if len(text) > MAX_STATEMENT:
                self._warn("models", f"is {len(text)} characters long: left out", text)
            elif text.casefold() not in _NOTHING:
                if not read_setups(text):  # without an excerpt: it may be upstream's prose
                    self.reading.warn(
                        self.row.line, "models", "names no models that can be read: kept out of the graph"
                    )
                yield text

    def _model_headers(self) -> list[str]:
        return [self.columns.headers[index].casefold() for index in self.columns.of(Role.MODELS)]

    def _has_a_column_for_each_side(self) -> bool:
        sides = [{side for side in ("teacher", "student") if side in header} for header in self._model_headers()]
        return sides in ([{"teacher"}, {"student"}], [{"student"}, {"teacher"}])

    def _models_direction(self) -> Direction | None:
        """Return what a header such as ``Teacher → Student`` says."""
        headers = " ".join(self._model_headers())
        if "teacher" not in headers or "student" not in headers:
            return None
        return (
            Direction.TEACHER_FIRST if headers.index("teacher") < headers.index("student") else Direction.STUDENT_FIRST
        )

    def _resources(self, paper: str | None) -> Iterator[Resource]:
        beside_title = [link for link in self.cell.links if link != self.title_link and not link.target.startswith("#")]
        links = [(link, "") for link in beside_title if self.is_whole]
        for index in [*self.columns.of(Role.LINKS), *self.columns.of(Role.MODELS)]:
            links += [(link, self.columns.headers[index]) for link in self.row.cells[index].links if self.is_whole]
        for link, header in links:
            address = clean_address(link.target)
            if parse_arxiv_id(link.target) or (address and address == paper):
                continue
            if address is None:
                self._warn("resources", f"the link {link.text!r} leads to no http(s) address: left out", link.target)
            else:
                yield Resource(_label(link, header), address)

    # ------------------------------------------------------------ problems

    def _check_shape(self) -> None:
        columns = len(self.row.cells)
        cells = f"{columns + self.row.surplus} cells under {columns} columns"
        if self.row.surplus > 0:
            self._warn("", f"{cells}: write a pipe that is no border as \\|; only title, link and mark are read")
        elif self.row.surplus < 0:
            self._warn("", f"{cells}: the missing ones are taken as empty")
        if self.row.mended:
            self._warn("", "its pipes within code, formulas, links or notes are taken as text: write them as \\|")
        if self.row.detached:
            self._warn("", "stands apart from the table above, but is read as a row of it")

    def _warn(self, where: str, reason: str, excerpt: str | None = None) -> None:
        self.reading.warn(self.row.line, where, reason, self.row.source if excerpt is None else excerpt)

    def _quarantine(self, reason: str) -> None:
        self.reading.quarantine(self.row.line, "paper", reason, self.row.source)


def _has_label(link: Link, labels: set[str]) -> bool:
    """Tell whether the link's text is one of ``labels``, or merely says where the link leads."""
    text = link.text.strip("[]() ").casefold()
    return text in labels or text.startswith(("http://", "https://")) or parse_arxiv_id(text) is not None


def _label(link: Link, header: str) -> str:
    """Return what the link is called, or where its text says nothing, what its column is called."""
    text = link.text.strip("[]() ")
    if text.casefold() not in _SAYS_NOTHING and not text.startswith(("http://", "https://")) and len(text) <= MAX_NAME:
        return text
    return "Link" if header.casefold() in _SAYS_NOTHING else header[:MAX_NAME]


def _trimmed(title: str) -> str:
    """Return the title without the emoji before and after it."""
    while title and not plain(title[0]):
        title = title[1:].lstrip()
    while title and not plain(title[-1]):
        title = title[:-1].rstrip()
    return title
