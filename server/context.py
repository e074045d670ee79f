"""What the views share: the release that is served and the engine that answers queries over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from kg.locks import Lock
    from kg.vocab import Iris
    from server.engine.base import Engine

EXTENSION = "opdkg"


@dataclass(frozen=True, slots=True)
class Serving:
    """One release and its engine. ``graph_names`` are the IRIs of the release's named graphs.

    ``hold`` keeps the release from being pruned while it is served.

    ``public_url`` is where the site is seen from outside, without a slash at its end; None for the address of each request.
    """

    release_id: str
    iris: Iris
    engine: Engine
    graph_names: tuple[str, ...]
    hold: Lock
    public_url: str | None = None


def serving() -> Serving:
    """Return what the current application serves (``app.extensions["opdkg"]``)."""
    return cast("Serving", current_app.extensions[EXTENSION])
