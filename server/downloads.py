"""``/dumps/`` and the description of the graph: whole-graph downloads with size and checksum, and VoID."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file

from kg.dumps import CHECKSUMS, DUMPS
from kg.media import N_QUADS, RDF_FORMATS, TRIG, TURTLE
from kg.serialise import as_json, as_rdf
from server.formats import JSON, PAGE
from server.negotiation import negotiate
from server.reading import Reading, reading

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from kg.media import Format

blueprint = Blueprint("downloads", __name__)


@dataclass(frozen=True, slots=True)
class Dump:
    """A file to download. ``bytes`` and ``sha256`` are of the file as it is sent, ``media_type`` of what it unpacks to."""

    file: str
    title: str
    media_type: str
    named_graphs: bool
    bytes: int
    sha256: str
    address: str


def dumps(here: Reading) -> list[Dump]:
    """Return the release's dumps, in the order of the formats."""
    facts = here.manifest["dumps"]
    return [
        Dump(
            file=dump.file,
            title=dump.format.title,
            media_type=dump.format.media_type,
            named_graphs=dump.has_graphs,
            bytes=facts[dump.file]["bytes"],
            sha256=facts[dump.file]["sha256"],
            address=here.links.absolute(f"/dumps/{dump.file}"),
        )
        for dump in DUMPS
        if dump.file in facts
    ]


@blueprint.get("/dumps/")
def list_dumps() -> Response:
    """Answer with what there is to download."""
    here = reading()
    chosen = negotiate(request, (PAGE, JSON))
    files = dumps(here)
    if chosen.name == PAGE.name:
        body: bytes | str = render_template(
            "dumps.html",
            dumps=files,
            checksums=CHECKSUMS,
            counts=here.manifest["counts"],
            inputs=here.manifest["inputs"],
        )
    else:
        body = as_json({"release": here.release.id, "dumps": [asdict(dump) for dump in files]})
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    return response


@blueprint.get("/dumps/<file>")
def dump(file: str) -> Response:
    """Send one file of the release, whole or in part. A .gz is what it is: nobody unpacks it on the way."""
    here = reading()
    known = {each.file: each.sha256 for each in dumps(here)}
    if file not in known and file != CHECKSUMS:
        abort(404, f"There is no dump {file[:100]!r}; there are: {', '.join(known)}, {CHECKSUMS}.")
    response: Response = send_file(
        (here.release.dumps / file).resolve(),
        mimetype="text/plain" if file == CHECKSUMS else "application/gzip",
        etag=known.get(file, here.release.id),
        conditional=True,
    )
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@blueprint.get("/.well-known/void")
def void() -> BaseResponse:
    """Answer with the graph's own description of itself, VoID and DCAT; a person is led to the release's page."""
    chosen = negotiate(request, (*RDF_FORMATS, PAGE))
    here = reading()
    if chosen.name == PAGE.name:
        return redirect(here.links.local(here.iris.release(here.release.id).value) or "/", code=303)
    return _description(chosen, negotiated=True)


@blueprint.get("/void.ttl")
def void_turtle() -> Response:
    """Answer with the same as Turtle."""
    return _description(TURTLE, negotiated=False)


def _description(chosen: Format, *, negotiated: bool) -> Response:
    here = reading()
    quads = list(here.store.quads_for_pattern(None, None, None, here.iris.graph("description")))
    has_graphs = chosen.name in (TRIG.name, N_QUADS.name)
    body = as_rdf(quads if has_graphs else [quad.triple for quad in quads], chosen, here.iris)
    response = Response(body, content_type=chosen.content_type)
    if negotiated:
        response.vary.add("Accept")
    return response
