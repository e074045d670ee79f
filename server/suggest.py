"""``/suggest``: a missing paper's way into the graph, from any name of it: upstream's issue form, or a curator's file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from kg.cards import CARD_AUTHORS, Card
from kg.facets import FacetFilter
from kg.identifiers import clean_address, clean_text, parse_arxiv_id, parse_doi
from kg.lookup import look_up
from server.changes import OFFERED
from server.facets import TITLES
from server.filters import Selection, address
from server.formats import PAGE
from server.negotiation import negotiate
from server.problems import BadRequestError
from server.reading import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("suggest", __name__)

#: Upstream's form. Of its fields only the issue's title, which every form has, is filled in: the names of others may change.
ISSUE_FORM = "https://github.com/nick7nlp/Awesome-LLM-On-Policy-Distillation/issues/new"
TEMPLATE = "add-paper.yml"

MAX_TITLE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A paper that somebody misses. ``id`` is what a curator's file calls it, ``name`` what people do, if anything."""

    id: str
    name: str
    address: str
    title: str
    classes: Mapping[str, str]

    @property
    def issue_form(self) -> str:
        """The address of upstream's form with the title filled in."""
        what = " ".join(filter(None, (self.title, self.name, self.address)))
        return address(ISSUE_FORM, [("template", TEMPLATE), ("title", f"Add paper: {what}")])

    @property
    def overlay(self) -> str:
        """A curator's file that says it; JSON's strings are YAML's too."""
        said = {"id": self.id, **({"title": self.title} if self.title else {}), **self.classes}
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
        return "\n".join(("curator: Your Name", "papers:", f"  - {lines[0]}", *(f"    {line}" for line in lines[1:])))


@blueprint.get("/suggest")
def suggest() -> Response:
    """Answer with the page; what is no identifier is a 400 that shows the form again."""
    negotiate(request, (PAGE,))
    text = request.args.get("id", "").strip()
    suggestion = _read(text) if text else None
    body = render_template(
        "suggest.html",
        text=text,
        title=request.args.get("title", "").strip(),
        chosen=request.args,
        options={facet: (TITLES[facet], reading().facets.options(facet)) for facet in OFFERED},
        suggestion=suggestion,
        known=_known(text) if suggestion else None,
    )
    wrong = bool(text) and suggestion is None
    return Response(body, HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK, content_type=PAGE.content_type)


def _read(text: str) -> Suggestion | None:
    title = clean_text(request.args.get("title", ""))
    if len(title) > MAX_TITLE_CHARS:
        raise BadRequestError(f"The title has {len(title)} characters. Use at most {MAX_TITLE_CHARS}.")
    classes = {facet: value for facet in OFFERED if (value := request.args.get(facet, "").strip())}
    reading().facets.check(Selection(filters={facet: FacetFilter((value,)) for facet, value in classes.items()}))
    if arxiv_id := parse_arxiv_id(text):
        return Suggestion(arxiv_id, f"arXiv:{arxiv_id}", f"https://arxiv.org/abs/{arxiv_id}", title, classes)
    doi = parse_doi(text)
    page = clean_address(f"https://doi.org/{doi}" if doi else text)
    return Suggestion(page, f"doi:{doi}" if doi else "", page, title, classes) if page else None


def _known(text: str) -> Card | None:
    """Return the paper if the graph has it under this identifier."""
    here = reading()
    paper = look_up(here.store, here.iris, text).paper
    return here.cards([here.iris.paper_id(paper.value)], CARD_AUTHORS)[0] if paper else None
