"""What a Markdown page holds, as its readers see it: headings, tables and links, each with its line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Folds within folds beyond so many do not count.
MAX_FOLDS = 20


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is written: ``target`` is not yet checked. A picture's text is its alternative text."""

    text: str
    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The visible text of a cell or paragraph, and what of it stands in no link. ``<br>`` is a line break."""

    text: str = ""
    outside: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, or the summary of a ``<details>``: ``level`` is then that of a heading in it, or 0."""

    text: str
    level: int
    line: int
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One table row. ``surplus`` counts the cells beyond the table's columns; it is below zero where cells are missing.

    A surplus cell is not in ``cells``. In a ``mended`` row, pipes within code, a formula, a link or a note were taken as
    text, and then the cells fitted. ``detached`` rows stand below their table, with a blank line between.
    """

    cells: tuple[Passage, ...]
    line: int
    source: str
    surplus: int = 0
    mended: bool = False
    detached: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the headings and summaries that it stands under, from the outermost in."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    line: int
    place: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """The links of a paragraph, list item, heading or piece of HTML."""

    links: tuple[Link, ...]
    line: int
    place: tuple[Heading, ...]


@dataclass(slots=True)
class Document:
    """A whole page in document order. ``skipped`` are the lines of passages that were too long to be looked into."""

    lines: list[str]
    blocks: list[Table | Prose] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)

    @property
    def tables(self) -> list[Table]:
        """The tables alone."""
        return [block for block in self.blocks if isinstance(block, Table)]


@dataclass(slots=True)
class Fold:
    """A ``<details>`` that opens; its summary follows. One that is never closed ends at the next heading."""

    summary: Heading
    closed: bool = False


class Close:
    """A ``</details>``."""


Event = Heading | Fold | Close | Table | Prose


def placed(events: list[Event]) -> Iterator[Table | Prose]:
    """Yield the tables and the prose, each with the headings and summaries that it stands under."""
    open_folds: list[Fold] = []
    for event in events:
        if isinstance(event, Fold):
            open_folds.append(event)
        elif isinstance(event, Close) and open_folds:
            open_folds.pop().closed = True
    path: list[Heading] = []
    folds: list[tuple[Fold, list[Heading]]] = []  # each with the path that it opened under
    for event in events:
        if isinstance(event, Heading):
            while folds and not folds[-1][0].closed:
                path = folds.pop()[1]
            kept = len(folds[-1][1]) + 1 if folds else 0  # a heading in a fold ends none outside
            while kept < len(path) and path[kept].level < event.level:
                kept += 1
            path = [*path[:kept], event]
        elif isinstance(event, Fold):
            folds.append((event, path))
            path = [*path, event.summary] if len(folds) <= MAX_FOLDS else path
        elif isinstance(event, Close):
            path = folds.pop()[1] if folds else path
        else:
            yield replace(event, place=tuple(path))
