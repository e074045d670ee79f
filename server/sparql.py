"""``/sparql``: the SPARQL 1.1 Protocol, query side; without a query, a form for people and a description for programs.

An answer is sent when it is whole. A WSGI server ends a body in the regular way when the application fails in the middle of
it (Granian does: the last chunk is sent, and a client takes half a CSV for the whole), and only a length that is known
beforehand tells the two apart. So the result goes to memory, past :data:`IN_MEMORY` to a temporary file, and every error has
its own status, however late it comes. A slow reader then keeps no worker waiting either.
"""

from __future__ import annotations

import hashlib
import json
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wsgi import FileWrapper

from kg.media import HTML, RDF_FORMATS, RESULT_FORMATS
from kg.questions import load_questions
from server.context import serving
from server.engine.base import Query
from server.negotiation import negotiate
from server.problems import BadRequestError, NotAcceptableError
from server.service_description import service_description
from server.sparql_request import SparqlRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.media import Format
    from server.engine.base import Answer

METHODS = ("GET", "HEAD", "POST", "OPTIONS")

#: Methods that are answered with 405 here: Flask's own 405 is none of the blueprint's answers and lacks their headers.
REFUSED_METHODS = ("PUT", "PATCH", "DELETE")

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Allow, Content-Location, ETag, Link, Retry-After",
}
PREFLIGHT = {
    "Allow": ", ".join(METHODS),
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}

#: A proxy may keep an answer and asks each time whether it still holds: it does until the next release.
CACHE_CONTROL = "public, no-cache"

#: Bytes of an answer that are kept in memory, and that are read from a file at once.
IN_MEMORY = 1 << 20
BLOCK = 1 << 16


def blueprint() -> Blueprint:
    """Return the endpoint's blueprint. The application holds a Serving (context.py) and registers problems.py."""
    rooms = Blueprint("sparql", __name__)
    rooms.add_url_rule(
        "/sparql", view_func=sparql, methods=[*METHODS, *REFUSED_METHODS], provide_automatic_options=False
    )
    rooms.after_request(_readable_by_any_site)
    return rooms


def sparql() -> Response:
    """Answer one request of the protocol."""
    if request.method == "OPTIONS":
        return Response(status=204, headers=PREFLIGHT)
    if request.method not in METHODS:
        raise MethodNotAllowed(METHODS, f"{request.method} is not taken here; a query is sent by GET or POST")
    asked = SparqlRequest.read(request)
    if asked.query is None:
        return _describe(asked)
    query = _query(asked.query, asked)
    etag = _etag(query)
    held = None if request.method == "POST" else _held(etag)
    if held:
        response = Response(status=304)
        response.set_etag(held)
    else:
        response = _respond(serving().engine.execute(query, asked.timeout_s))
        if request.method != "POST":
            response.set_etag(etag)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _describe(asked: SparqlRequest) -> Response:
    """Answer a request that asks no query: nobody who wants results does that, so they are told."""
    try:
        if request.method == "POST" or asked.default_graphs is not None:
            raise BadRequestError("the parameter query is missing")
        chosen = negotiate(request, (*RDF_FORMATS, HTML), asked.format)
    except NotAcceptableError:
        raise BadRequestError("the parameter query is missing") from None
    here = serving()
    endpoint = f"{here.public_url or request.host_url.rstrip('/')}{request.path}"
    if chosen.name == HTML.name:
        formats = (*RESULT_FORMATS, *RDF_FORMATS)
        questions = load_questions(here.iris.base)
        return Response(
            render_template("sparql.html", formats=formats, serving=here, endpoint=endpoint, questions=questions)
        )
    body = service_description(endpoint, here, chosen)
    return Response(body, content_type=chosen.content_type)


def _query(text: str, asked: SparqlRequest) -> Query:
    results = _acceptable(RESULT_FORMATS, asked.format)
    graph = _acceptable(RDF_FORMATS, asked.format)
    if results is None and graph is None:
        negotiate(request, (*RESULT_FORMATS, *RDF_FORMATS), asked.format)  # raises, naming all there is
    return Query(text, results, graph, asked.default_graphs, asked.named_graphs)


def _acceptable(offers: Sequence[Format], requested: str | None) -> Format | None:
    try:
        return negotiate(request, offers, requested)
    except NotAcceptableError:
        return None


def _respond(answer: Answer) -> Response:
    """Return the whole answer, from memory or from a file."""
    body, size = _spool(answer)
    if size <= IN_MEMORY:
        with body:
            return Response(body.read(), content_type=answer.format.content_type)
    response = Response(FileWrapper(body, BLOCK), content_type=answer.format.content_type)
    response.content_length = size
    response.call_on_close(body.close)
    return response


def _spool(answer: Answer) -> tuple[IO[bytes], int]:
    """Return the answer as a file at its beginning, and its length; raise what the answer raises."""
    body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when the response is
    try:
        for chunk in answer:
            body.write(chunk)
    except BaseException:
        body.close()
        raise
    finally:
        answer.close()
    size = body.tell()
    body.seek(0)
    return body, size


def _etag(query: Query) -> str:
    """Name the answer by all that it depends on: the release never changes, so neither does the answer."""
    formats = [chosen and chosen.media_type for chosen in (query.results_format, query.graph_format)]
    parts = [serving().release_id, query.text, query.default_graphs, query.named_graphs, formats]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def _held(etag: str) -> str | None:
    """Return the client's own tag for the answer: a compressed one has the name of its encoding behind a colon."""
    tags = request.if_none_match.as_set(include_weak=True)
    return next((tag for tag in tags if tag.partition(":")[0] == etag), None)


def _readable_by_any_site(response: Response) -> Response:
    response.headers.update(CORS)
    response.vary.add("Accept")
    return response
