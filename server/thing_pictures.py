"""The pictures on the pages of models, names, sources and the release, and ``/pictures.json?of=…&by=…`` with their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from kg.serialise import as_json
from server.answers import Question
from server.counted import MOST, Series, axes, query
from server.figures import Figure, Picture, chosen, content, laid_out
from server.formats import JSON
from server.reading import Reading, reading
from server.resolve import find

if TYPE_CHECKING:
    from kg.entity import Document

blueprint = Blueprint("thing_pictures", __name__)

#: With fewer papers there is nothing to see.
FEWEST = 2

MONTHS = (
    "The picture begins four years before the newest month; the table has all. Papers of no known day are not in it."
)
FREQUENT = f"The {MOST} most frequent at most; the CSV has all."


@dataclass(frozen=True, slots=True)
class Counted(Picture):
    """A picture of numbers that the search index counts, and the question that they answer."""

    question: str
    series: tuple[Series, ...]


@blueprint.get("/pictures.json")
def data() -> Response:
    """Answer with the numbers of one picture: ``of`` is the path of the thing, ``by`` the picture's name."""
    here = reading()
    path = request.args.get("of", "").strip().removeprefix("/")
    node = find(here.store, here.iris, unquote(path))
    document = here.documents.read(node) if node else None
    pictures = pictures_of(here, document.within(here.own_graphs)) if document else []
    if not pictures:
        raise NotFound(f"There are no pictures of “{path[:100]}”. Name a thing by its path: of=model/qwen3-8b")
    picture = chosen(pictures, request.args.get("by"))
    return Response(as_json(content(here, figure(here, picture))), content_type=JSON.content_type)


def figure(here: Reading, picture: Counted) -> Figure:
    """Return the picture with its numbers."""
    text = query(here, picture.question, picture.series)
    return laid_out(picture, Question("", picture.title, picture.question, [], text), axes(here, picture.series))


def pictures_of(here: Reading, document: Document) -> list[Counted]:
    """Return the pictures of what the document describes, none of what has too few papers or no pictures at all."""
    node, opd = document.subject, here.iris.opd
    name, slug = " ".join((document.label(node) or "").split()), node.value.rpartition("/")[2]
    if document.is_a(opd.AuthorName):
        found = [_in_time("year", "name", name, {"author": (document.text(node, opd.authorName) or "",)})]
    elif document.is_a(opd.LanguageModel):
        found = [_counterparts(name, slug), _in_time("month", "model", name, {"model": (slug,)})]
    elif document.is_a(opd.SourceSnapshot):
        found = [_in_time("month", "source", name, {"source": (slug,)})]
    elif node == here.iris.release(here.release.id):
        question = "How many papers does each source list?"
        series = Series(here.release.id, {}, "source")
        by_source = Counted("by-source", "Papers by source", "bars", "source", "release", FREQUENT, question, (series,))
        found = [by_source, _in_time("month", "release", here.release.id, {})]
    else:
        return []
    return [each for each in found if _is_enough(here, each)]


def _is_enough(here: Reading, picture: Counted) -> bool:
    return any(here.index.search(each.selection.request(())).total >= FEWEST for each in picture.series)


def _in_time(facet: str, kind: str, name: str, chosen: dict[str, tuple[str, ...]]) -> Counted:
    question = f"How many papers of each {facet} are there of this {kind}: {name}?"
    note = MONTHS if facet == "month" else "Papers of no known year are not in it."
    return Counted(
        f"by-{facet}", f"Papers per {facet}", "stack", facet, kind, note, question, (Series(name, chosen, facet),)
    )


def _counterparts(name: str, slug: str) -> Counted:
    question = f"In how many papers does which model teach {name}, and in how many does it learn from it?"
    note = f"A paper counts if the one teaches and the other learns in it, be it in two setups. {FREQUENT}"
    series = (
        Series("as its teacher", {"student": (slug,)}, "teacher"),
        Series("as its student", {"teacher": (slug,)}, "student"),
    )
    return Counted("counterparts", "Teachers and students of it", "bars", "model", "part", note, question, series)
