"""``/sparql`` as Flask answers it: a form for people, a description for programs, answers as pages, and every error.

A query's result in any other format does not come through here: the front (front.py) sends it straight from the worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import MethodNotAllowed

from kg.media import HTML, RDF_FORMATS, RESULT_FORMATS
from server.context import serving
from server.excerpt import EXCERPT
from server.links import in_editor
from server.negotiation import negotiate
from server.problems import BadRequestError, NotAcceptableError
from server.queries import MAX_ROWS, shown
from server.reading import reading
from server.service_description import service_description
from server.sparql_request import SparqlRequest

if TYPE_CHECKING:
    from server.excerpt import Excerpt

METHODS = ("GET", "HEAD", "POST", "OPTIONS")

#: Methods that are answered with 405 here: Flask's own 405 is none of the blueprint's answers and lacks their headers.
REFUSED_METHODS = ("PUT", "PATCH", "DELETE")

#: What the form offers, a page first.
FORMATS = (HTML, *RESULT_FORMATS, *RDF_FORMATS)

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
    excerpt: Excerpt | None = request.environ.get(EXCERPT)
    return _show(excerpt) if excerpt else _describe(SparqlRequest.read(request.query_string))


def _show(excerpt: Excerpt) -> Response:
    """Answer a query of a person with a page: the first of its results, where to get all, and the query to go on from."""
    query = excerpt.query
    graphs = [("default-graph-uri", graph) for graph in query.default_graphs or ()]
    graphs += [("named-graph-uri", graph) for graph in query.named_graphs or ()]
    about: dict[str, object] = {"more": not excerpt.whole}
    if excerpt.kind == "ask":
        about["verdict"] = excerpt.verdict()
    elif excerpt.kind == "graph":
        about["text"] = excerpt.text()
    else:
        about["table"] = table = shown(reading(), excerpt.rows(MAX_ROWS))
        about["more"] = table.more
    page = render_template(
        "answer.html",
        kind=excerpt.kind,
        query=query.text,
        graphs=graphs,
        formats=FORMATS,
        wholes=RDF_FORMATS if excerpt.kind == "graph" else RESULT_FORMATS,
        address=f"/sparql?{urlencode([('query', query.text), *graphs])}",
        editor=in_editor(query.text),
        **about,
    )
    return Response(page)


def _describe(asked: SparqlRequest) -> Response:
    """Answer a request that asks no query: nobody who wants results does that, so they are told."""
    try:
        chosen = negotiate(request, (*RDF_FORMATS, HTML), asked.format)
    except NotAcceptableError:
        raise BadRequestError("the parameter query is missing") from None
    here = serving()
    endpoint = f"{here.public_url or request.host_url.rstrip('/')}{request.path}"
    if chosen.name == HTML.name:
        questions = reading().questions
        return Response(
            render_template("sparql.html", formats=FORMATS, serving=here, endpoint=endpoint, questions=questions)
        )
    body = service_description(endpoint, here, chosen)
    return Response(body, content_type=chosen.content_type)


def _readable_by_any_site(response: Response) -> Response:
    response.headers.update(CORS)
    response.vary.add("Accept")
    return response
