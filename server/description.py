"""What describes the graph to machines that look for it: VoID, DCAT and Croissant at the addresses where they look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request
from pyoxigraph import Quad

from kg.description.croissant import SPECIFICATION, croissant
from kg.description.served import beside, only_dcat
from kg.forest import grow
from kg.media import JSON_LD, N_QUADS, RDF_FORMATS, TRIG, TURTLE
from kg.serialise import as_json, as_rdf
from server.downloads import current, others
from server.formats import PAGE
from server.negotiation import negotiate
from server.reading import reading

if TYPE_CHECKING:
    from pyoxigraph import Triple
    from werkzeug.wrappers import Response as BaseResponse

    from kg.media import Format

blueprint = Blueprint("description", __name__)


@blueprint.get("/.well-known/void")
def void() -> BaseResponse:
    """Answer with the graph's own description of itself, VoID and DCAT; a person is led to the release's page."""
    chosen = negotiate(request, (*RDF_FORMATS, PAGE))
    here = reading()
    if chosen.name == PAGE.name:
        return redirect(here.links.local(here.iris.release(here.release.id).value) or "/", code=303)
    response = _description(chosen)
    response.vary.add("Accept")
    return response


@blueprint.get("/void.ttl")
def void_turtle() -> Response:
    """Answer with the same as Turtle."""
    return _description(TURTLE)


@blueprint.get("/dcat.jsonld")
def dcat() -> Response:
    """Answer with what of it is DCAT, which catalogues harvest."""
    triples = only_dcat([*(quad.triple for quad in _inside()), *_beside()], reading().iris)
    return Response(grow(triples, reading().iris).whole(), content_type=JSON_LD.content_type)


@blueprint.get("/croissant.json")
def croissant_json() -> Response:
    """Answer with Croissant's description of the current release, whose files it names where this site has them."""
    kept, links = current(), reading().links
    described = croissant(kept.manifest, lambda file: links.absolute(f"/dumps/{kept.id}/{file}"))
    return Response(as_json(described), content_type=f'{JSON_LD.media_type}; profile="{SPECIFICATION}"')


def _description(chosen: Format) -> Response:
    """What the release says of itself stays in its graph; what is known beside it is in the default graph."""
    here = reading()
    if chosen.name == JSON_LD.name:
        body = grow([*(quad.triple for quad in _inside()), *_beside()], here.iris).whole()
        return Response(body, content_type=chosen.content_type)
    quads = [*_inside(), *(Quad(each.subject, each.predicate, each.object) for each in _beside())]
    has_graphs = chosen.name in (TRIG.name, N_QUADS.name)
    body = as_rdf(quads if has_graphs else [quad.triple for quad in quads], chosen, here.iris)
    return Response(body, content_type=chosen.content_type)


def _inside() -> list[Quad]:
    here = reading()
    return list(here.store.quads_for_pattern(None, None, None, here.iris.graph("description")))


def _beside() -> list[Triple]:
    return list(beside(current().manifest, [kept.manifest for kept in others()]))
