"""What operators ask for: whether the process lives, and whether it can answer."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect
from werkzeug import Response as BaseResponse

from kg import __version__
from kg.entity import is_described
from kg.media import JSON
from server.context import serving
from server.engine.base import Query
from server.problems import ProblemError
from server.reading import reading

blueprint = Blueprint("ops", __name__)

#: How long the engine may take to answer that it is ready.
READY_S = 2.0


@blueprint.get("/healthz")
def health() -> Response:
    """Answer as long as the process lives, without touching store or engine."""
    response = jsonify(status="ok", release=serving().release_id, version=__version__)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/readyz")
def ready() -> Response:
    """Answer 200 if store and engine answer, else 503 with what does not."""
    here = reading()
    checks = {"store": is_described(here.store, here.iris.dataset), "engine": _engine_answers()}
    response = jsonify(status="ready" if all(checks.values()) else "not ready", release=here.release.id, checks=checks)
    response.status_code = 200 if all(checks.values()) else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def _engine_answers() -> bool:
    try:
        return bool(b"".join(serving().engine.execute(Query("ASK {}", JSON, None), READY_S)))
    except ProblemError:
        return False


@blueprint.get("/favicon.ico")
def favicon() -> BaseResponse:
    """Send browsers that ask without having read a page to the icon that pages name."""
    return redirect("/static/icon.svg", 303)
