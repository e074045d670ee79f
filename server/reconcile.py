"""``/reconcile``: the Reconciliation Service API 0.2 (https://reconciliation-api.github.io/specs/0.2/), as OpenRefine asks it.

What is meant is decided in kg/reconcile.py; here is the protocol. Every answer may be asked for as JSONP.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound, UnsupportedMediaType

from kg.entities import TITLES, Entity, Kind
from kg.properties import PROPERTIES, called, proposed
from kg.reconcile import EVERY_KIND
from kg.words import MAX_TEXT
from server.problems import BadRequestError
from server.reading import Reading, reading
from server.reconcile_answers import extended, manifest, results, type_of
from server.reconcile_request import read_extension, read_kind, read_queries
from server.security import framed_anywhere

if TYPE_CHECKING:
    from werkzeug import Response as BaseResponse

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

#: A function's name, as jQuery and others make it up: nothing that could be a script of its own.
CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,99}(?:\.[A-Za-z_$][A-Za-z0-9_$]{0,99}){0,4}")

#: How many things are suggested at once, and how many may be skipped.
SUGGESTED = 10
MAX_CURSOR = 10_000

#: What a preview shows of each kind of thing, below its name and what tells it from its namesakes.
PREVIEWED = {
    Kind.PAPER: ("opd:methodName", "opd:lossClass", "opd:signalSource", "opd:teacher", "opd:student"),
    Kind.NAME: (),
    Kind.CONCEPT: ("skos:definition", "skos:broader", "skos:altLabel"),
    Kind.MODEL: ("opd:variant", "dcterms:alternative"),
}
PREVIEWED_VALUES = 4


@blueprint.get("")
@blueprint.post("")
def serve() -> Response:
    """Answer a batch of queries or a data extension query; without either, a GET gets the manifest."""
    if request.method == "POST" and request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType(f"queries are posted as a form, {FORM_TYPES[0]}")
    queries, extend = _parameter("queries"), _parameter("extend")
    if queries is not None and extend is not None:
        raise BadRequestError("send either queries or extend")
    here = reading()
    if queries is not None:
        return _json({key: {"result": results(here, query)} for key, query in read_queries(queries).items()})
    if extend is not None:
        return _json(extended(here, read_extension(extend)))
    if request.method == "POST":
        raise BadRequestError("there is neither a parameter queries nor a parameter extend")
    return _json(manifest(here))


@blueprint.get("/suggest/entity")
def suggest_entity() -> Response:
    """Answer with things whose names have words that begin with ``prefix``, 10 at a time, of all types or one."""
    here, kind_id = reading(), _parameter("type")
    kinds = (read_kind(kind_id),) if kind_id else EVERY_KIND
    found = here.reconciler.beginning(_prefix(), kinds, _number("cursor", 0, MAX_CURSOR), SUGGESTED)
    items = [
        {
            "id": entity.id,
            "name": entity.name,
            "description": here.reconciler.entities.describe(entity),
            "notable": [type_of(entity.kind)],
        }
        for entity in found
    ]
    return _json({"result": items})


@blueprint.get("/suggest/type")
def suggest_type() -> Response:
    """Answer with the types whose name or id begins so."""
    wanted = _prefix().strip().casefold()
    found = (
        kind for kind in Kind if f" {TITLES[kind]}".casefold().find(f" {wanted}") >= 0 or kind.casefold() == wanted
    )
    return _json({"result": [type_of(kind) for kind in found][_number("cursor", 0, MAX_CURSOR) :]})


@blueprint.get("/suggest/property")
def suggest_property() -> Response:
    """Answer with the properties whose id or name begins so."""
    found = [
        {
            "id": each.id,
            "name": each.name,
            "description": "of " + ", ".join(TITLES[kind].lower() for kind in each.kinds),
        }
        for each in called(_prefix(), PROPERTIES.values())
    ]
    return _json({"result": found[_number("cursor", 0, MAX_CURSOR) :]})


@blueprint.get("/properties")
def propose_properties() -> Response:
    """Answer with the properties of a type; without one, as OpenRefine asks for a mixed column, with all."""
    kind_id = _parameter("type") or ""
    limit = _number("limit", len(PROPERTIES), MAX_CURSOR)
    found = proposed(read_kind(kind_id) if kind_id else None)[:limit]
    return _json(
        {"type": kind_id, "limit": limit, "properties": [{"id": each.id, "name": each.name} for each in found]}
    )


@blueprint.get("/view")
def view() -> BaseResponse:
    """Send the reader to the page of the thing that ``id`` names."""
    here = reading()
    iri = here.reconciler.entities.node(_entity(here)).value
    return redirect(here.links.local(iri) or "/", code=303)


@blueprint.get("/preview")
def preview() -> Response:
    """Answer with a small page about the thing that ``id`` names, for a frame of any site."""
    here = reading()
    entity = _entity(here)
    rows = []
    for property_id in PREVIEWED[entity.kind]:
        values = here.reconciler.values.of(entity, PROPERTIES[property_id])
        if values:
            texts = [value.name if isinstance(value, Entity) else str(value) for value in values]
            rows.append((PROPERTIES[property_id].name, texts[:PREVIEWED_VALUES], len(texts) > PREVIEWED_VALUES))
    page = render_template(
        "preview.html",
        entity=entity,
        kind=TITLES[entity.kind],
        description=here.reconciler.entities.describe(entity),
        iri=here.reconciler.entities.node(entity).value,
        rows=rows,
    )
    return framed_anywhere(Response(page))


def _entity(here: Reading) -> Entity:
    entity_id = _parameter("id")
    if entity_id is None:
        raise BadRequestError("the parameter id is missing")
    entity = here.reconciler.entities.get(entity_id)
    if entity is None:
        raise NotFound(f"Nothing that can be reconciled with has this id in release {here.release.id}.")
    return entity


def _prefix() -> str:
    prefix = _parameter("prefix")
    if prefix is None:
        raise BadRequestError("the parameter prefix is missing")
    if len(prefix) > MAX_TEXT:
        raise BadRequestError(f"prefix: a text may have {MAX_TEXT} characters, not {len(prefix)}")
    return prefix


def _number(name: str, default: int, most: int) -> int:
    text = _parameter(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < len(str(most)) + 1 and int(text) <= most):
        raise BadRequestError(f"{name}: this has to be a whole number from 0 to {most}")
    return int(text)


def _parameter(name: str) -> str | None:
    values = request.values.getlist(name)
    if len(values) > 1:
        raise BadRequestError(f"the parameter {name} is given {len(values)} times; give it once")
    return values[0] if values else None


def _json(content: object) -> Response:
    """Return the answer as JSON, or as a call of the function that ``callback`` names."""
    body, callback = json.dumps(content), _parameter("callback")
    if callback is None:
        return Response(body, content_type="application/json")
    if not CALLBACK.fullmatch(callback):
        raise BadRequestError("callback: this is not the name of a function")
    # The comment keeps the name from being the first bytes of the file, which some programs take for a file's kind.
    return Response(f"/**/{callback}({body});", content_type="text/javascript; charset=utf-8")
