"""``/trends`` and ``/atlas``: pictures of the literature, each with a table of the same numbers, its data and its query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from kg.serialise import as_json
from server.axes import by_month, losses_and_signals, most_used, teachers_and_students
from server.figures import Figure, Picture, figure
from server.formats import JSON
from server.problems import BadRequestError
from server.reading import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

blueprint = Blueprint("pictures", __name__)

FOUR_YEARS = (
    "The picture begins four years before the newest month; the table has all. Papers of which no source tells the day are in "
    "the table only."
)

TRENDS = (
    Picture(
        "loss",
        "Papers per month, by loss",
        "papers-per-month-by-loss",
        "stack",
        "month",
        "loss",
        FOUR_YEARS,
        by_month("loss"),
    ),
    Picture(
        "share",
        "Share of the loss classes",
        "loss-classes-by-quarter",
        "share",
        "quarter",
        "loss",
        "Each quarter's papers of known loss make up the whole height; few papers make wide jumps, above all before 2026.",
        by_month("loss", "quarter"),
    ),
    Picture(
        "role",
        "Papers per month, by role",
        "papers-per-month-by-role",
        "stack",
        "month",
        "role",
        FOUR_YEARS,
        by_month("role"),
    ),
    Picture(
        "chapter",
        "Papers per month, by chapter of the survey",
        "papers-per-month-by-chapter",
        "stack",
        "month",
        "chapter",
        FOUR_YEARS,
        by_month("chapter"),
    ),
)

ATLAS = (
    Picture(
        "size",
        "Teacher and student, by size",
        "sizes-of-teacher-and-student",
        "heat",
        "teacher",
        "student",
        "Sizes in billions of parameters. A paper counts in a cell if it has such a teacher and such a student.",
        teachers_and_students("size"),
    ),
    Picture(
        "family",
        "Teacher and student, by family",
        "families-of-teacher-and-student",
        "heat",
        "teacher",
        "student",
        "The families that most papers use come first. On the diagonal a family teaches itself, or a model does.",
        teachers_and_students("family"),
    ),
    Picture(
        "signal",
        "Loss and signal",
        "loss-and-signal",
        "heat",
        "loss",
        "signal",
        "A broader loss counts the papers of its narrower ones too.",
        losses_and_signals,
    ),
    Picture(
        "model",
        "Most used models",
        "most-used-models",
        "bars",
        "model",
        "part",
        "A model that teaches itself is on both sides. A setup may name models without saying which of them teaches.",
        most_used,
    ),
)

PAGES = {"trends": ("Trends", TRENDS), "atlas": ("Atlas", ATLAS)}


@blueprint.get("/<any(trends, atlas):page>")
def show(page: str) -> str:
    """Answer with all pictures of a page."""
    title, pictures = PAGES[page]
    figures = [found for picture in pictures if (found := figure(reading(), picture))]
    return render_template("pictures.html", page=page, title=title, figures=figures)


@blueprint.get("/<any(trends, atlas):page>.json")
def data(page: str) -> Response:
    """Answer with the numbers of the picture that ``by=`` names, of the page's first without it."""
    pictures = PAGES[page][1]
    found = figure(reading(), _chosen(pictures, request.args.get("by") or pictures[0].name))
    if found is None:
        raise BadRequestError("This release was made before there was such a picture. Build a new one.")
    return Response(as_json(_content(found)), content_type=JSON.content_type)


def _chosen(pictures: Sequence[Picture], name: str) -> Picture:
    picture = next((each for each in pictures if each.name == name), None)
    if picture is None:
        raise BadRequestError(
            f"“{name[:50]}” is no value of “by”. There are: {', '.join(each.name for each in pictures)}."
        )
    return picture


def _content(found: Figure) -> dict[str, object]:
    here, picture = reading(), found.picture
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
        "question": found.question.iri,
        "kind": picture.kind,
        "rows": {"name": picture.row, "values": [line.name for line in found.lines]},
        "columns": {"name": picture.column, "values": found.columns},
        "values": values,
    }
