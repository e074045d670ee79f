"""``/trends`` and ``/atlas``: pictures of the literature, each with a table of the same numbers, its data and its query."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from kg.serialise import as_json
from server.axes import by_month, losses_and_signals, most_used, teachers_and_students
from server.figures import Asked, chosen, content, figure
from server.formats import JSON
from server.problems import BadRequestError
from server.reading import reading

blueprint = Blueprint("pictures", __name__)

FOUR_YEARS = (
    "The picture begins four years before the newest month; the table has all. Papers of which no source tells the day are in "
    "the table only."
)

TRENDS = (
    Asked(
        "loss",
        "Papers per month, by loss",
        "stack",
        "month",
        "loss",
        FOUR_YEARS,
        "papers-per-month-by-loss",
        by_month("loss"),
    ),
    Asked(
        "share",
        "Share of the loss classes",
        "share",
        "quarter",
        "loss",
        "Each quarter's papers of known loss make up the whole height; few papers make wide jumps, above all before 2026.",
        "loss-classes-by-quarter",
        by_month("loss", "quarter"),
    ),
    Asked(
        "role",
        "Papers per month, by role",
        "stack",
        "month",
        "role",
        FOUR_YEARS,
        "papers-per-month-by-role",
        by_month("role"),
    ),
    Asked(
        "chapter",
        "Papers per month, by chapter of the survey",
        "stack",
        "month",
        "chapter",
        FOUR_YEARS,
        "papers-per-month-by-chapter",
        by_month("chapter"),
    ),
)

ATLAS = (
    Asked(
        "size",
        "Teacher and student, by size",
        "heat",
        "teacher",
        "student",
        "Sizes in billions of parameters. A paper counts in a cell if it has such a teacher and such a student.",
        "sizes-of-teacher-and-student",
        teachers_and_students("size"),
    ),
    Asked(
        "family",
        "Teacher and student, by family",
        "heat",
        "teacher",
        "student",
        "The families that most papers use come first. On the diagonal a family teaches itself, or a model does.",
        "families-of-teacher-and-student",
        teachers_and_students("family"),
    ),
    Asked(
        "signal",
        "Loss and signal",
        "heat",
        "loss",
        "signal",
        "A broader loss counts the papers of its narrower ones too.",
        "loss-and-signal",
        losses_and_signals,
    ),
    Asked(
        "model",
        "Most used models",
        "bars",
        "model",
        "part",
        "A model that teaches itself is on both sides. A setup may name models without saying which of them teaches.",
        "most-used-models",
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
    found = figure(reading(), chosen(pictures, request.args.get("by")))
    if found is None:
        raise BadRequestError("This release was made before there was such a picture. Build a new one.")
    return Response(as_json(content(reading(), found)), content_type=JSON.content_type)
