"""``/queries/running``: what an operator sees of the queries that run in this process, and how one is ended."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Blueprint, Response, abort, jsonify, request

from server.context import serving

blueprint = Blueprint("running", __name__)

#: What a request has that comes from a proxy or from a page of some site: neither is an operator at this machine.
FOREIGN = ("Forwarded", "X-Forwarded-For", "Via", "Origin")


@blueprint.before_request
def _only_from_here() -> None:
    """For anybody else there is nothing at this address."""
    try:
        is_local = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        is_local = False
    if not is_local or any(name in request.headers for name in FOREIGN):
        abort(404)


@blueprint.get("/queries/running")
def list_running() -> Response:
    """List the queries that hold a worker, the longest first."""
    found = sorted([*serving().engine.running.values()], key=lambda query: query.started)
    response = jsonify(
        [
            {
                "id": each.id,
                "started": each.started.isoformat(timespec="milliseconds"),
                "seconds": each.elapsed(),
                "client": each.client,
                "text": each.query.text,
            }
            for each in found
        ]
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete("/queries/running/<query>")
def end_running(query: str) -> Response:
    """End a query: its client gets an error, or an answer that is broken off."""
    if not serving().engine.end(query):
        abort(404, f"No query {query[:100]!r} runs here; it may have ended.")
    return Response(status=204)
