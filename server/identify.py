"""``/resolve``: identifiers of papers, one by GET and many by POST, to the papers' IRIs."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request

from kg.identifiers import MAX_ADDRESS
from kg.lookup import look_up
from kg.serialise import as_json
from server.problems import BadRequestError, ProblemError
from server.reading import reading

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("identify", __name__)

#: How many identifiers a batch may have.
MAX_BATCH = 1000

#: What JSON can escape and UTF-8 cannot write.
SURROGATE = re.compile("[\ud800-\udfff]")

#: Where a paper that is missing is proposed: the list that this graph is made from.
SUGGEST = "https://github.com/nick7nlp/Awesome-LLM-On-Policy-Distillation/issues/new?template=add-paper.yml"


class UnknownPaperError(ProblemError):
    """The identifier is one, but of no paper here."""

    status = HTTPStatus.NOT_FOUND
    code = "unknown-paper"


class TooManyError(ProblemError):
    """The batch is longer than is answered at once."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too-many"


class UnsupportedMediaTypeError(ProblemError):
    """The body is of a type that is not read."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-media-type"


@blueprint.get("/resolve")
def resolve() -> BaseResponse:
    """Lead to the paper that ``id`` means."""
    ids = request.args.getlist("id")
    if len(ids) != 1 or not ids[0].strip():
        raise BadRequestError("name one paper: /resolve?id=arXiv:2306.13649; many are sent by POST, as a JSON list")
    here = reading()
    found = look_up(here.store, here.iris, _checked(ids[0], "id"))
    if found.paper:
        return redirect(here.links.local(found.paper.value) or "/", code=303)
    if not found.is_identifier:
        raise BadRequestError(f"{ids[0][:100]!r}: {found.reason}; write for example arXiv:2306.13649")
    search = here.links.absolute(f"/papers?q={quote(ids[0].strip())}")
    detail = f"{found.reason}; search for it, or propose it to the list that this graph is made from"
    raise UnknownPaperError(detail, links={"Search for it": search, "Propose it": SUGGEST})


@blueprint.post("/resolve")
def resolve_many() -> Response:
    """Answer with the IRI that each of a list of identifiers means, in the list's order."""
    here = reading()
    texts = _batch()
    if len(texts) > MAX_BATCH:
        raise TooManyError(f"these are {len(texts)} identifiers; send at most {MAX_BATCH} at once")
    found = [(text, look_up(here.store, here.iris, _checked(text, f"line {n}"))) for n, text in enumerate(texts, 1)]
    results = [
        {"id": text, "iri": each.paper.value if each.paper else None, "reason": each.reason} for text, each in found
    ]
    return Response(as_json({"release": here.release.id, "results": results}), content_type="application/json")


def _batch() -> list[str]:
    """Read the identifiers from the body: a JSON list of strings, or a line of text for each."""
    try:
        body = request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequestError("the body is not UTF-8") from None
    if request.mimetype == "text/plain":
        return [line for line in body.splitlines() if line.strip()]
    if request.mimetype != "application/json":
        raise UnsupportedMediaTypeError("send a JSON list (application/json) or a line for each id (text/plain)")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is no JSON: {error}") from None
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise BadRequestError("the body is no JSON list of strings")
    return found


def _checked(text: str, name: str) -> str:
    if len(text) > MAX_ADDRESS:
        raise BadRequestError(f"{name} has {len(text)} characters; an identifier has at most {MAX_ADDRESS}")
    if SURROGATE.search(text):
        raise BadRequestError(f"{name} holds half a character (a lone surrogate)")
    return text
