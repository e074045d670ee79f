"""The pictures' numbers: the answer to a question of the release as a table of rows and columns, each number with its papers.

A number stands in one place, the answer; the picture, its table and its data are three views of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from kg.facets import FacetFilter
from kg.search import MAX_CHOSEN
from server.answers import Question, answer, find
from server.filters import Selection
from server.problems import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.axes import Axes, Chosen, Read
    from server.reading import Reading

#: How dark the table's cells can be, from nothing on.
SHADES = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, and how. ``row`` and ``column`` say what the axes are."""

    name: str
    title: str
    kind: str
    row: str
    column: str
    note: str


@dataclass(frozen=True, slots=True)
class Asked(Picture):
    """A picture of the numbers that answer one of the release's questions."""

    question: str
    read: Read


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, its shade, and the address of the papers that it counts."""

    papers: int
    shade: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table, with a cell for each column, None where there is no paper."""

    name: str
    cells: list[Cell | None]

    @property
    def sum(self) -> int:
        return sum(cell.papers for cell in self.cells if cell)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its numbers."""

    picture: Picture
    question: Question
    columns: list[str]
    lines: list[Line]

    @property
    def largest(self) -> int:
        """The largest sum of a line: what a full bar stands for."""
        return max((line.sum for line in self.lines), default=0)

    @property
    def summary(self) -> str:
        """The picture in words, as far as one sentence can tell it."""
        cells = (
            (c.papers, line.name, column)
            for line in self.lines
            for column, c in zip(self.columns, line.cells, strict=True)
            if c
        )
        most = max(cells, key=lambda cell: cell[0], default=None)
        if most is None:
            return "There are no papers to show."
        size = f"{len(self.lines)} rows of {len(self.columns)} numbers"
        return f"{size}; the largest is {most[0]}: {self.picture.row} {most[1]}, {self.picture.column} {most[2]}."


P = TypeVar("P", bound=Picture)


def chosen(pictures: Sequence[P], by: str | None) -> P:
    """Return the picture of this name, the first one if none is named. An unknown name is a BadRequestError."""
    picture = next((each for each in pictures if each.name == (by or pictures[0].name)), None)
    if picture is None:
        names = ", ".join(each.name for each in pictures)
        raise BadRequestError(f"“{str(by)[:50]}” is no value of “by”. There are: {names}.")
    return picture


def figure(here: Reading, picture: Asked) -> Figure | None:
    """Return the picture with its numbers, None if the release does not hold its question."""
    question = find(here, here.iris.question(picture.question))
    if question is None:
        return None
    return laid_out(picture, question, picture.read(here, answer(here, question).records()))


def laid_out(picture: Picture, question: Question, axes: Axes) -> Figure:
    """Return the picture with the numbers of these axes, which answer the question."""
    most = max(axes.numbers.values(), default=0)
    lines = [Line(axes.name(row), [_cell(axes, row, column, most) for column in axes.columns]) for row in axes.rows]
    return Figure(picture, question, [axes.name(column) for column in axes.columns], lines)


def content(here: Reading, found: Figure) -> dict[str, object]:
    """Return the picture's numbers as its data has them: what the script draws, and what anybody may take."""
    picture = found.picture
    values = [
        {
            picture.row: line.name,
            picture.column: column,
            "papers": cell.papers,
            "address": here.links.absolute(cell.address) if cell.address else None,
        }
        for line in found.lines
        for column, cell in zip(found.columns, line.cells, strict=True)
        if cell
    ]
    return {
        "release": here.release.id,
        "title": picture.title,
        "question": found.question.iri or None,
        "query": found.question.query,
        "kind": picture.kind,
        "rows": {"name": picture.row, "values": [line.name for line in found.lines]},
        "columns": {"name": picture.column, "values": found.columns},
        "values": values,
    }


def _cell(axes: Axes, row: str, column: str, most: int) -> Cell | None:
    number = axes.numbers.get((row, column), 0)
    if not number:
        return None
    chosen = axes.papers(row, column)
    return Cell(number, -(-SHADES * number // most), _address(chosen) if chosen else None)


def _address(chosen: Chosen) -> str | None:
    if sum(map(len, chosen.values())) > MAX_CHOSEN:
        return None
    return Selection(filters={facet: FacetFilter(values) for facet, values in chosen.items()}).address()
